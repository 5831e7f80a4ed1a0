/**
 * One change on every node of the fleet, as one task. Either all nodes take it, or those that did are put back by the
 * task's flow and the caller is told; a node that is known to be away is refused (`all`) or told later (`available`).
 */
import { assert } from "../../core/assert.ts";
import { ApiError, apiError, errorBody, type ErrorBody, nodeError } from "../../core/errors/api-error.ts";
import type { NodeTask, NodeTaskRole, Task } from "../../core/tasks/task.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { EnqueueOutcome, LaneEntry, Lanes } from "../../scatter/lane.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Turns } from "../routers/turns.ts";
import type { TaskDraft, TaskRegistry } from "../tasks/task-registry.ts";
import type { MissedPlace, MissedWrites } from "./missed-writes.ts";

export interface BroadcastDeps {
  readonly fleet: Pick<Fleet, "nodeIds" | "healthy">;
  readonly lanes: Lanes;
  readonly tasks: TaskRegistry;
  readonly missed: MissedWrites;
  /** `broadcast.policy`. */
  readonly policy: "all" | "available";
  /** Forgets a task that no node has taken and no client has been told of. */
  readonly withdraw: (taskUid: number) => Promise<void>;
  /** Whose turn it is on an index. */
  readonly turns: Pick<Turns, "run">;
}

/** What one node is asked to do. */
export interface Order {
  readonly request: NodeRequest;
  readonly role: NodeTaskRole;
  readonly tolerated?: readonly string[];
}

export interface BroadcastInput {
  /** The index whose lanes carry it. */
  readonly lane: string;
  readonly draft: TaskDraft;
  /** Asked for in the instant in which the lanes are entered; in the order in which every node gets them. */
  readonly orders: (task: Task) => readonly Order[];
  /**
   * `undo`: nodes that took it are put back when another was lost, unless the policy goes on without it; `undo_always`:
   * in any case. `forward`: the lost one gets it later, and if that cannot be kept all nodes are told again.
   */
  readonly whenLost: "undo" | "undo_always" | "forward";
  /** Only the first node is told; the flow tells the others, one after the other (`advance-one-by-one.ts`). */
  readonly oneByOne?: boolean;
  /** The task is forgotten: no node has taken anything. */
  readonly withdrawn?: (task: Task) => void;
  /** Every node has taken it; what this gives to the nodes as well becomes part of the task. */
  readonly taken?: (task: Task) => Promise<readonly NodeTask[]>;
}

export interface Audience {
  readonly present: readonly string[];
  readonly absent: readonly string[];
}

/** Who can be told now. Throws 503 naming a node that cannot, unless the policy goes on without it. */
export function audience(deps: Pick<BroadcastDeps, "fleet" | "missed" | "policy">): Audience {
  const present: string[] = [];
  const absent: string[] = [];
  for (const nodeId of deps.fleet.nodeIds()) {
    (deps.fleet.healthy(nodeId) && !deps.missed.pending(nodeId) ? present : absent).push(nodeId);
  }
  const [away] = absent;
  if (away !== undefined && (deps.policy === "all" || present.length === 0)) throw unavailable(away);
  return { present, absent };
}

/** Registers the task, tells all nodes, and hands the task over to its flow. Throws what the caller is to be told. */
export function broadcast(deps: BroadcastDeps, input: BroadcastInput): Promise<Task> {
  return deps.turns.run([input.lane], () => broadcastInTurn(deps, input));
}

async function broadcastInTurn(deps: BroadcastDeps, input: BroadcastInput): Promise<Task> {
  const { present: reachable, absent } = audience(deps);
  const present = input.oneByOne === true ? reachable.slice(0, 1) : reachable;
  const task = await deps.tasks.register(input.draft);
  const orders = input.orders(task);
  const places = takePlaces(deps, present, absent);
  try {
    const outcomes = await submitOrWithdraw(deps, input, task, present, orders, places);
    return await settle(deps, input, {
      task,
      orders,
      outcomes,
      absent,
      places,
      remaining: reachable.slice(present.length),
    });
  } finally {
    for (const place of places.values()) place.release();
  }
}

interface Told {
  readonly task: Task;
  readonly orders: readonly Order[];
  readonly outcomes: readonly EnqueueOutcome[];
  readonly absent: readonly string[];
  readonly places: ReadonlyMap<string, MissedPlace>;
  /** Nodes that the flow tells. */
  readonly remaining: readonly string[];
}

async function settle(deps: BroadcastDeps, input: BroadcastInput, told: Told): Promise<Task> {
  const { task, orders, outcomes } = told;
  const failure = firstFailure(outcomes, lossFails(deps, input));
  // What every node that answered refuses, a lost one has refused too. Lost alone may mean done.
  const refused = outcomes.some((outcome) => outcome.kind === "refused");
  if (failure !== null && refused && !outcomes.some((outcome) => outcome.kind === "enqueued")) {
    input.withdrawn?.(task);
    await deps.withdraw(task.uid);
    throw failure;
  }

  const nodeTasks = outcomes.flatMap((outcome, at) =>
    outcome.kind === "enqueued" ? [enqueuedTask(outcome, orders[at % orders.length] as Order)] : [],
  );
  const lost = outcomes.filter((outcome) => outcome.kind === "missed").map((outcome) => outcome.nodeId);
  if (failure !== null) {
    await takeBack(deps, input, task, nodeTasks, failure.body, lost);
    throw failure;
  }
  try {
    for (const { nodeId, order } of missedOrders(told)) {
      // Noted first: a store that reports a failure may have kept it, and then it has to be taken back there as well.
      nodeTasks.push(hintedTask(nodeId, order));
      await record(told.places.get(nodeId), input.lane, order, task.uid);
    }
    // What goes with it may have to be kept too, in places of its own behind these.
    for (const place of told.places.values()) place.release();
    nodeTasks.push(...((await input.taken?.(task)) ?? []));
    return await deps.tasks.dispatch(task.uid, nodeTasks, withRemaining(input.draft, told.remaining));
  } catch (error) {
    // Nodes have it, and this router has not kept what it needs to go on. The client is told of the first failure; what
    // the store does not take now is tried again.
    const body = error instanceof ApiError ? error.body : errorBody("internal", "The operation could not be kept.");
    await takeBack(deps, input, task, nodeTasks, body, [...lost, ...told.absent]).catch(() => undefined);
    throw error;
  }
}

interface MissedOrder {
  readonly nodeId: string;
  readonly order: Order;
}

/** Nodes that were lost while they were told come first, then those that were away. */
function missedOrders({ outcomes, orders, absent }: Told): readonly MissedOrder[] {
  const lost = outcomes.flatMap((outcome, at) =>
    outcome.kind === "missed" ? [{ nodeId: outcome.nodeId, order: orders[at % orders.length] as Order }] : [],
  );
  return [...lost, ...absent.flatMap((nodeId) => orders.map((order) => ({ nodeId, order })))];
}

/** It fails: its flow puts back the nodes that have it. A lost node may have it, and is put back like the others. */
async function takeBack(
  deps: BroadcastDeps,
  { draft, whenLost }: BroadcastInput,
  task: Task,
  nodeTasks: readonly NodeTask[],
  error: ErrorBody,
  lost: readonly string[],
): Promise<void> {
  const { flow } = draft;
  if (flow === undefined) await deps.tasks.fail(task.uid, error);
  // What cannot be taken back goes on: its flow tells every node again, as after a crash.
  else if (whenLost === "forward") await deps.tasks.dispatch(task.uid, [], flow);
  else {
    const data = { ...flow.data, abort: error, lost: [...new Set(lost)] };
    await deps.tasks.dispatch(task.uid, nodeTasks, { ...flow, data });
  }
}

/** A node task from what a lane says; for writers that use lanes directly. */
export function enqueuedTask(outcome: Extract<EnqueueOutcome, { kind: "enqueued" }>, order: Order): NodeTask {
  return {
    nodeId: outcome.nodeId,
    taskUid: outcome.taskUid,
    role: order.role,
    status: "enqueued",
    ...(order.tolerated === undefined ? {} : { tolerated: order.tolerated }),
    enqueuedAt: Date.parse(outcome.enqueuedAt),
  };
}

/** A place at every node. Until it is kept for the absent ones, nothing newer goes to those that have come back meanwhile. */
export function takePlaces(
  { missed }: Pick<BroadcastDeps, "missed">,
  present: readonly string[],
  absent: readonly string[],
): ReadonlyMap<string, MissedPlace> {
  const places = new Map([...present, ...absent].map((nodeId) => [nodeId, missed.place(nodeId)]));
  for (const nodeId of absent) places.get(nodeId)?.hold();
  return places;
}

/** Keeps an order for a node that is away and says so as a node task. */
export async function recordMissed(
  deps: Pick<BroadcastDeps, "missed">,
  lane: string,
  nodeId: string,
  order: Order,
  taskUid: number | null,
): Promise<NodeTask> {
  const place = deps.missed.place(nodeId);
  try {
    return await recordAt(place, lane, nodeId, order, taskUid);
  } finally {
    place.release();
  }
}

/** As `recordMissed`, in a place that was taken before. */
export async function recordAt(
  place: MissedPlace | undefined,
  lane: string,
  nodeId: string,
  order: Order,
  taskUid: number | null,
): Promise<NodeTask> {
  await record(place, lane, order, taskUid);
  return hintedTask(nodeId, order);
}

export function unavailable(nodeId: string, why = "does not answer"): ApiError {
  return apiError(
    "miroir_node_unavailable",
    `Node \`${nodeId}\` ${why}, and this operation has to reach every node. Nothing has been changed.`,
  );
}

async function submitOrWithdraw(
  deps: BroadcastDeps,
  input: BroadcastInput,
  task: Task,
  nodeIds: readonly string[],
  orders: readonly Order[],
  places: ReadonlyMap<string, MissedPlace>,
): Promise<readonly EnqueueOutcome[]> {
  const fails = lossFails(deps, input);
  const entries = nodeIds.flatMap((nodeId) =>
    orders.map(({ request }): LaneEntry => {
      const entry = { nodeId, request };
      return fails ? entry : { ...entry, onMissed: () => places.get(nodeId)?.hold() };
    }),
  );
  try {
    return await deps.lanes.submit(input.lane, entries);
  } catch (error) {
    input.withdrawn?.(task);
    await deps.withdraw(task.uid);
    throw error;
  }
}

async function record(
  place: MissedPlace | undefined,
  lane: string,
  order: Order,
  taskUid: number | null,
): Promise<void> {
  const { method, path, operation, body } = order.request;
  assert(method !== "GET", "only writes are kept for a node");
  // Only the part that carries the task out completes its record when it is given to the node after all.
  await place?.record({
    indexUid: lane,
    request: { method, path, operation },
    taskUid: order.role === "main" ? taskUid : null,
    operationId: null,
    body: body ?? null,
  });
}

function hintedTask(nodeId: string, order: Order): NodeTask {
  const tolerated = order.tolerated === undefined ? {} : { tolerated: order.tolerated };
  return { nodeId, taskUid: null, role: order.role, status: "hinted", ...tolerated };
}

/** Does a node that is lost while it is told make the whole fail? */
function lossFails(deps: BroadcastDeps, input: BroadcastInput): boolean {
  return input.whenLost === "undo_always" || (input.whenLost === "undo" && deps.policy === "all");
}

/** A refusal says more than an absence, so it is looked for first. */
function firstFailure(outcomes: readonly EnqueueOutcome[], lossIsFailure: boolean): ApiError | null {
  for (const outcome of outcomes) if (outcome.kind === "refused") return nodeError(outcome.status, outcome.error);
  const lost = outcomes.find((outcome) => outcome.kind === "missed");
  if (lost === undefined) return null;
  const taken = outcomes.some((outcome) => outcome.kind === "enqueued");
  if (lossIsFailure || !taken) return unavailable(lost.nodeId, "was lost while it was told");
  return null;
}

function withRemaining(draft: TaskDraft, remaining: readonly string[]): TaskDraft["flow"] {
  const { flow } = draft;
  return remaining.length === 0 || flow === undefined ? flow : { ...flow, data: { ...flow.data, remaining } };
}
