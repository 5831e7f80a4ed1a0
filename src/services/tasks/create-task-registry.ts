/**
 * The one namespace of tasks over all nodes. Tasks are noted durably before any node is touched, followed on the nodes
 * by one request per node and tick, and ended by what the nodes say or by their flow. Whoever owns a timer calls
 * `tick`; nothing here runs by itself.
 */
import { assert } from "../../core/assert.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import type { CopiesOfDocuments } from "../../core/tasks/fold-details.ts";
import { failedDetails } from "../../core/tasks/fold-details.ts";
import { isOpen } from "../../core/tasks/fold-status.ts";
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import { taskName } from "../../core/tasks/task-name.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { NewTask, TaskStore } from "../../store/task-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { registrySizeMeasured, tasksResumed } from "../../telemetry/events/tasks.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { ownTurns, type Turns } from "../routers/turns.ts";
import { Follower } from "./follow-tasks.ts";
import { createLateEnds } from "./late-ends.ts";
import { createTaskBook } from "./task-book.ts";
import { endByNodes, endByRouter, hasEnded, hasOpenNodeTasks } from "./task-changes.ts";
import type { TaskFlow, TaskRegistry } from "./task-registry.ts";
import { createUnsureTasks } from "./unsure-tasks.ts";

export interface TaskRegistryDeps {
  readonly store: TaskStore;
  readonly fleet: Pick<Fleet, "client" | "nodeIds" | "topology">;
  readonly clock: Clock;
  readonly random: Pick<Random, "uuidV7">;
  readonly emit: Emit;
  /** Whose turn it is on an index; default: always this router's. */
  readonly turns?: Pick<Turns, "run">;
  /** A task has ended and no node has anything left to do for it. */
  readonly settled?: (task: Task) => void;
  /** The router had stopped while it handed the task out, and perhaps not every node has it. */
  readonly interrupted?: (task: Task) => void;
  /** More open tasks than this are refused with 503; default 100,000. */
  readonly openTasksMax?: number;
}

/** The registry with what only the composition root, the task routes and the background loop need of it. */
export interface RunningTaskRegistry extends TaskRegistry {
  /** Before the first `adopt`: the flows of services that depend on the registry themselves. */
  addFlow(flow: TaskFlow): void;
  /** Takes up the tasks that had not ended when their router stopped or died: at the start, and later those of others. */
  adopt(): Promise<void>;
  /** Asks the nodes once about everything outstanding and says after how many milliseconds to call it again. */
  tick(signal: AbortSignal): Promise<number>;
  /** `hurry` is called when the next tick should come earlier than `tick` had said. */
  onHurry(hurry: (delayMs: number) => void): void;
  /** A client asks: the nodes are asked soon. */
  nudge(): void;
  /** Tasks that the store may have kept although it said that it has not. */
  unsure(): readonly NewTask[];
  /** Notes who means to cancel an open task; shown once it has been canceled. */
  markCanceledBy(uid: number, canceledBy: number): Promise<void>;
  /** What the node still had to do for the task is no longer waited for: it is brought in line when it is back. */
  passOver(uid: number, nodeId: string): Promise<void>;
  /** Forgets a task that no node has been told of and no client has been answered with. */
  withdraw(uid: number): Promise<void>;
  /** Lets what has begun end; nothing is lost, the next start goes on. */
  close(): Promise<void>;
}

export function createTaskRegistry(deps: TaskRegistryDeps): RunningTaskRegistry {
  const { store, fleet, clock, emit } = deps;
  const { settled } = deps;
  const book = createTaskBook({
    store,
    emit,
    openTasksMax: deps.openTasksMax ?? OPEN_TASKS_MAX,
    ...(settled === undefined ? {} : { settled }),
  });
  const flows = new Map<string, TaskFlow>();
  const nowMs = (): number => clock.nowMs();
  const copies = (): CopiesOfDocuments => {
    const { groups, replicationFactor } = fleet.topology();
    return { groups: groups.map((nodes) => nodes.map(({ id }) => id)), replicationFactor };
  };
  const size = sizeMeter(store, clock, emit);
  const late = createLateEnds(emit);
  const unsure = createUnsureTasks(late);
  /** In the store alone: in memory it would stay if the store fails after it has forgotten it. */
  const forget = async (miroirId: string): Promise<void> => {
    const kept = await store.getByMiroirId(miroirId);
    if (kept === undefined) return;
    if (!hasEnded(kept)) await store.update(kept.uid, { status: "canceled", finishedAt: kept.enqueuedAt });
    await store.deleteEnded([kept.uid]);
  };
  const follower = new Follower({
    book,
    flows,
    fleet,
    copies,
    clock,
    emit,
    turns: deps.turns ?? ownTurns,
    interrupted: (task) => deps.interrupted?.(task),
  });

  return {
    register: async (draft) => {
      unsure.admit();
      const miroirId = draft.miroirId ?? taskName(deps.random.uuidV7());
      const task: NewTask = {
        miroirId,
        type: draft.type,
        indexUid: draft.indexUid,
        status: "enqueued",
        nodeTasks: [],
        details: draft.details,
        error: null,
        canceledBy: null,
        customMetadata: draft.customMetadata ?? null,
        flow: draft.flow ?? null,
        dispatched: false,
        enqueuedAt: nowMs(),
        startedAt: null,
        finishedAt: null,
      };
      try {
        return await book.insert(task);
      } catch (error) {
        // A store that fails may have kept it all the same; nobody will hear of it, so it must not stay.
        if (isStoreFailure(error)) await unsure.takeOut(task, () => forget(miroirId));
        throw error;
      }
    },
    dispatch: async (uid, nodeTasks, flow) => {
      const hand = async (): Promise<Task> => {
        const task = await book.change(uid, (before) => {
          assert(!hasEnded(before), `task ${uid} is handed out before it ends`);
          const told: Task = {
            ...before,
            nodeTasks: [...before.nodeTasks, ...nodeTasks],
            flow: flow ?? before.flow,
            dispatched: true,
          };
          const attached = { nodeTasks: told.nodeTasks, flow: told.flow, dispatched: true };
          if (told.flow !== null || hasOpenNodeTasks(told)) return attached;
          return endByNodes(told, copies(), nowMs()) ?? attached;
        });
        follower.follow(task);
        return task;
      };
      return late.now(String(uid), uid, hand);
    },
    fail: (uid, error) =>
      late.now(String(uid), uid, () =>
        book.change(uid, (task) =>
          hasEnded(task) ? undefined : endByRouter(task, error, failedDetails(task.details), nowMs()),
        ),
      ),
    succeed: (uid, details) =>
      late.now(String(uid), uid, () =>
        book.change(uid, (task) =>
          hasEnded(task) ? undefined : endByRouter(task, null, details ?? task.details, nowMs()),
        ),
      ),
    replayed: async (uid, nodeId, taskUid) => {
      // Its record may have been deleted meanwhile; the write itself has reached the node all the same.
      if ((await book.follow(uid)) === undefined) return;
      const task = await book.change(uid, (before) => {
        const nodeTasks = withReplay(before.nodeTasks, nodeId, taskUid);
        return nodeTasks === undefined ? undefined : { nodeTasks };
      });
      follower.follow(task);
    },
    ended: (uid, signal) => {
      follower.nudge();
      return book.ended(uid, signal);
    },
    get: (uid) => book.get(uid),
    addFlow: (flow) => {
      assert(!flows.has(flow.kind), `there is one flow of kind ${flow.kind}`);
      flows.set(flow.kind, flow);
    },
    adopt: async () => {
      const unfinished = await store.adopt();
      book.resume(unfinished);
      const undispatched = unfinished.filter(({ dispatched }) => !dispatched);
      follower.resume(unfinished);
      if (unfinished.length === 0) return;
      emit(tasksResumed, { unfinished: unfinished.length, undispatched: undispatched.length });
    },
    tick: async (signal) => {
      await size.measure();
      await late.retry();
      const nextMs = await follower.tick(signal);
      return late.waiting() ? Math.min(nextMs, LATE_RETRY_MS) : nextMs;
    },
    onHurry: (hurry) => follower.onHurry(hurry),
    nudge: () => follower.nudge(),
    unsure: () => unsure.all(),
    openTasks: () => [...book.open.all()].filter((task) => !hasEnded(task)),
    markCanceledBy: async (uid, canceledBy) => {
      await book.change(uid, (task) => (hasEnded(task) ? undefined : { canceledBy }));
    },
    passOver: async (uid, nodeId) => {
      const task = await book.change(uid, (before) => {
        const isWaited = before.nodeTasks.some((one) => one.nodeId === nodeId && isOpen(one));
        if (hasEnded(before) || !isWaited) return undefined;
        const passed = before.nodeTasks.map((one) =>
          one.nodeId === nodeId && isOpen(one) ? { ...one, status: "hinted" as const } : one,
        );
        return { nodeTasks: passed };
      });
      follower.follow(task);
    },
    withdraw: (uid) => late.now(String(uid), uid, () => book.withdraw(uid)),
    close: async () => {
      await follower.close();
      await book.close();
    },
  };
}

/** The oldest write that the node had missed is the one that it has now been given. */
function withReplay(nodeTasks: readonly NodeTask[], nodeId: string, taskUid: number): readonly NodeTask[] | undefined {
  const place = nodeTasks.findIndex((one) => one.nodeId === nodeId && one.status === "hinted");
  const hinted = nodeTasks[place];
  return hinted === undefined ? undefined : nodeTasks.with(place, { ...hinted, taskUid, status: "enqueued" });
}

/** Tells now and then how many tasks are kept. A store that does not answer is told of by whoever needs it. */
function sizeMeter(
  store: Pick<TaskStore, "count">,
  clock: Pick<Clock, "monotonicMs">,
  emit: Emit,
): { measure(): Promise<void> } {
  let dueMs = -Infinity;
  return {
    measure: async () => {
      if (clock.monotonicMs() < dueMs) return;
      dueMs = clock.monotonicMs() + SIZE_INTERVAL_MS;
      const tasks = await store.count().catch(() => undefined);
      if (tasks !== undefined) emit(registrySizeMeasured, { tasks });
    },
  };
}

function isStoreFailure(error: unknown): boolean {
  return error instanceof ApiError && error.code === "miroir_store_unavailable";
}

const LATE_RETRY_MS = 250;
const OPEN_TASKS_MAX = 100_000;
const SIZE_INTERVAL_MS = 5_000;
