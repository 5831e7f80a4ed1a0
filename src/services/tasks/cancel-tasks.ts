/**
 * Cancels tasks as far as their nodes still can. The cancelation is a task itself: it tells every node which of its
 * tasks are meant, and ends when it is known what became of them.
 */
import { isOpen } from "../../core/tasks/fold-status.ts";
import { parseNodeTask } from "../../core/tasks/parse-node-task.ts";
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { TaskStore } from "../../store/task-store.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { RunningTaskRegistry } from "./create-task-registry.ts";
import { countMatching, matchingOf, matchingTasks, type Matching } from "./matching-tasks.ts";
import type { TaskSearch, Visibility } from "./task-query.ts";
import { hasEnded } from "./task-changes.ts";
import type { FlowStep, TaskFlow } from "./task-registry.ts";

export interface CancelTasksDeps {
  readonly store: Pick<TaskStore, "list" | "getByMiroirId">;
  readonly registry: RunningTaskRegistry;
  readonly fleet: Pick<Fleet, "client" | "nodeIds">;
}

export interface TaskSelection {
  readonly search: TaskSearch;
  /** The query string as the client sent it, with its question mark; shown in the details. */
  readonly originalFilter: string;
}

const CANCEL_FLOW = "task-cancelation";

export async function cancelTasks(
  deps: CancelTasksDeps,
  { search, originalFilter }: TaskSelection,
  visibility: Visibility,
): Promise<Task> {
  const matching = await matchingOf(deps.store, search, visibility);
  const matchedTasks = await countMatching(deps.store, matching);
  const targets = await openMatching(deps.store, matching);
  const task = await deps.registry.register({
    type: "taskCancelation",
    indexUid: null,
    details: { matchedTasks, canceledTasks: null, originalFilter },
    flow: { kind: CANCEL_FLOW, step: "follow", data: { uids: targets.map(({ uid }) => uid) } },
  });
  for (const chunk of chunksOf(targets)) {
    await Promise.all(chunk.map(({ uid }) => deps.registry.markCanceledBy(uid, task.uid)));
  }
  const nodeTasks = await tellNodes(deps, await newest(deps, targets));
  return deps.registry.dispatch(task.uid, nodeTasks);
}

/** The end of a cancelation: once the nodes have said what became of the tasks that it meant. */
export function cancelFlow(deps: { registry: RunningTaskRegistry; clock: Pick<Clock, "monotonicMs"> }): TaskFlow {
  /** Since when a cancelation has been waited for, on a clock that does not jump; by task. */
  const sinceMs = new Map<number, number>();
  return {
    kind: CANCEL_FLOW,
    resumable: true,
    advance: async (task): Promise<FlowStep> => {
      const uids = (task.flow?.data["uids"] ?? []) as readonly number[];
      const told = new Set(task.nodeTasks.map(({ nodeId }) => nodeId));
      const targets = await newest(
        deps,
        uids.map((uid) => ({ uid })),
      );
      const isUndecided = targets.some(
        (target) =>
          target.nodeTasks.some((one) => told.has(one.nodeId) && isOpen(one)) ||
          (target.type === "export" && !hasEnded(target)),
      );
      const nowMs = deps.clock.monotonicMs();
      const waitedMs = nowMs - (sinceMs.get(task.uid) ?? nowMs);
      if (isUndecided && waitedMs < DECISION_MAX_MS) {
        sinceMs.set(task.uid, nowMs - waitedMs);
        deps.registry.nudge();
        return { kind: "later", delayMs: DECISION_POLL_MS };
      }
      sinceMs.delete(task.uid);
      const canceled = targets.filter(({ status, canceledBy }) => status === "canceled" && canceledBy === task.uid);
      return { kind: "done", details: { ...task.details, canceledTasks: canceled.length } };
    },
  };
}

/** Those that can still be canceled; there are no more of these than open tasks. */
async function openMatching(store: Pick<TaskStore, "list">, matching: Matching): Promise<readonly Task[]> {
  const statuses = OPEN.filter((status) => matching.filter.statuses?.includes(status) ?? true);
  const open = { ...matching, filter: { ...matching.filter, statuses } };
  const targets: Task[] = [];
  for await (const page of matchingTasks(store, open)) targets.push(...page);
  return targets;
}

async function newest(
  deps: { registry: Pick<RunningTaskRegistry, "get"> },
  tasks: readonly { readonly uid: number }[],
): Promise<readonly Task[]> {
  const found = await Promise.all(tasks.map(({ uid }) => deps.registry.get(uid)));
  return found.filter((task) => task !== undefined);
}

/** Best effort: a node that is away cancels nothing, and its tasks go on when it is back. */
async function tellNodes(deps: CancelTasksDeps, targets: readonly Task[]): Promise<readonly NodeTask[]> {
  const present = new Set(deps.fleet.nodeIds());
  const orders = [...openOnNodes(targets)].flatMap(([nodeId, uids]) =>
    present.has(nodeId) ? chunksOf(uids).map((chunk) => ({ nodeId, uids: chunk })) : [],
  );
  const outcomes = await scatter(
    orders.map(({ nodeId, uids }) => ({
      client: deps.fleet.client(nodeId),
      request: {
        method: "POST",
        path: `/tasks/cancel?uids=${uids.join(",")}`,
        operation: "tasks.cancel",
        timeoutMs: CANCEL_TIMEOUT_MS,
        repeat: "once",
      },
    })),
  );
  return outcomes.flatMap((outcome): NodeTask[] => {
    const report = outcome.kind === "answered" ? parseNodeTask(outcome.text) : undefined;
    if (report === undefined) return [];
    return [{ nodeId: outcome.nodeId, taskUid: report.taskUid, role: "main", status: "enqueued" }];
  });
}

function openOnNodes(targets: readonly Task[]): ReadonlyMap<string, readonly number[]> {
  const byNode = new Map<string, number[]>();
  for (const { nodeId, taskUid } of targets.flatMap(({ nodeTasks }) => nodeTasks.filter(isOpen))) {
    if (taskUid !== null) byNode.set(nodeId, [...(byNode.get(nodeId) ?? []), taskUid]);
  }
  return byNode;
}

function chunksOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const chunks = [];
  for (let start = 0; start < items.length; start += UIDS_PER_REQUEST_MAX) {
    chunks.push(items.slice(start, start + UIDS_PER_REQUEST_MAX));
  }
  return chunks;
}

const OPEN: NonNullable<TaskSearch["statuses"]> = ["enqueued", "processing"];
/** Keeps the address of a request below about 5 KB. */
const UIDS_PER_REQUEST_MAX = 400;
const CANCEL_TIMEOUT_MS = 5_000;
const DECISION_POLL_MS = 50;
/** What is not decided by then is not waited for; its own record still comes right. */
const DECISION_MAX_MS = 60_000;
