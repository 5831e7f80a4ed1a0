/**
 * What follows when all nodes have ended their part of a broadcast: commit when every one of them did it, otherwise put
 * back those that did and end the task with the error of one that did not. Repeatable at every step: a crash may run a
 * step again, and every order used here may be given twice.
 */
import { assert } from "../../core/assert.ts";
import { type ErrorBody, errorBody, nodeError } from "../../core/errors/api-error.ts";
import { errorOf } from "../../core/tasks/fold-status.ts";
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import { type EnqueueOutcome, isOvertaken } from "../../scatter/lane.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FlowStep } from "../tasks/task-registry.ts";
import { type BroadcastDeps, enqueuedTask, type Order, recordAt, takePlaces } from "./broadcast.ts";

export interface BroadcastPlan {
  /** The index whose lanes carry the undo. */
  readonly lane: string;
  /** What puts a node back that has done its part; null when there is nothing to put back. */
  readonly undo: Order | null;
  /** Also nodes that did not do their part are given it; default: only those that did. */
  readonly undoEverywhere?: boolean;
  /** Also nodes that do not know their part any more are given it: whoever filled them again may have done it there. */
  readonly undoLost?: boolean;
  /** False: the node is left as it is. Default: none is. */
  readonly mayUndo?: (nodeId: string) => boolean;
  /**
   * True: if the node cannot be told now it is not told later, but named as `silent` in the data of the flow, which looks at
   * it when it is back. Default: what it is to be told is kept for it, and forgotten with everything that is, should it
   * need a repair as a whole.
   */
  readonly settles?: (nodeId: string) => boolean;
  /** It has failed; called before any node is told to go back. */
  readonly takingBack?: () => Promise<void>;
  /** All nodes have done it. May ask for more. */
  readonly commit: () => Promise<FlowStep>;
  /** It has failed and the nodes are as before. */
  readonly abandon: () => Promise<void>;
}

export async function advanceBroadcast(
  deps: Pick<BroadcastDeps, "lanes" | "missed"> & { readonly fleet: Pick<Fleet, "nodeIds"> },
  task: Task,
  plan: BroadcastPlan,
): Promise<FlowStep> {
  if (task.flow?.step === "undo") {
    await plan.abandon();
    return { kind: "done", error: (storedError(task, "error") ?? unknownError()) satisfies ErrorBody };
  }
  if (wasInterrupted(task)) {
    const lost = deps.fleet.nodeIds();
    const flow = { kind: task.flow?.kind ?? "none", step: "apply", data: { ...task.flow?.data, lost } };
    return failBroadcast(deps, { ...task, flow }, plan, interruptedError());
  }
  const error = storedError(task, "abort") ?? failureOf(task);
  if (error === null) return plan.commit();
  return failBroadcast(deps, task, plan, error);
}

/** The router ended after it had noted the task: nobody knows which nodes have been told, and nobody was answered. */
export function wasInterrupted(task: Task): boolean {
  return task.nodeTasks.length === 0 && storedError(task, "abort") === null;
}

/** Nodes that were lost while they were told: they may have it all the same. */
export function lostNodes(task: Task): readonly string[] {
  return (task.flow?.data["lost"] as readonly string[] | undefined) ?? [];
}

/** Takes back what was done and ends with `error`. */
export async function failBroadcast(
  deps: Pick<BroadcastDeps, "lanes" | "missed">,
  task: Task,
  plan: Omit<BroadcastPlan, "commit">,
  error: ErrorBody,
): Promise<FlowStep> {
  await plan.takingBack?.();
  const told = plan.undoEverywhere === true ? nodesTold(task) : nodesThatApplied(task);
  const forgot = plan.undoLost === true ? nodesThatForgot(task) : [];
  const mayHaveIt = [...new Set([...told, ...lostNodes(task), ...forgot])];
  const done = mayHaveIt.filter((nodeId) => plan.mayUndo?.(nodeId) !== false);
  if (plan.undo === null || done.length === 0) {
    await plan.abandon();
    return { kind: "done", error };
  }
  const settled = done.filter((nodeId) => plan.settles?.(nodeId) === true);
  const kept = done.filter((nodeId) => !settled.includes(nodeId));
  const nodeTasks = [
    ...(await tellNow(deps, plan.lane, settled, plan.undo)),
    ...(await tell(deps, task.uid, plan.lane, kept, plan.undo)),
  ];
  const silent = settled.filter((nodeId) => nodeTasks.every((one) => one.nodeId !== nodeId));
  const data = { ...task.flow?.data, error, ...(silent.length === 0 ? {} : { silent }) };
  return { kind: "more", nodeTasks, flow: { kind: task.flow?.kind ?? "none", step: "undo", data } };
}

/** Gives one order to those nodes that take it now. */
async function tellNow(
  deps: Pick<BroadcastDeps, "lanes" | "missed">,
  lane: string,
  nodeIds: readonly string[],
  order: Order,
): Promise<readonly NodeTask[]> {
  const reachable = nodeIds.filter((nodeId) => !deps.missed.pending(nodeId));
  if (reachable.length === 0) return [];
  const outcomes = await deps.lanes.submit(
    lane,
    reachable.map((nodeId) => ({ nodeId, request: order.request })),
  );
  return outcomes.flatMap((outcome) => enqueuedOf(outcome, order) ?? []);
}

/** null: the node may not have it. */
function enqueuedOf(outcome: EnqueueOutcome, order: Order): NodeTask | null {
  // Not told, and no longer this router's to tell: whoever follows the task now tells all of them again.
  if (outcome.kind === "refused" && isOvertaken(outcome)) throw nodeError(outcome.status, outcome.error);
  return outcome.kind === "enqueued" ? enqueuedTask(outcome, order) : null;
}

/**
 * Gives one order to some nodes; those that cannot be reached get it later, in the place among all that such a node has
 * missed that the order has in the lanes of the others.
 */
export async function tell(
  deps: Pick<BroadcastDeps, "lanes" | "missed">,
  taskUid: number,
  lane: string,
  nodeIds: readonly string[],
  order: Order,
): Promise<readonly NodeTask[]> {
  const reachable = nodeIds.filter((nodeId) => !deps.missed.pending(nodeId));
  const absent = nodeIds.filter((nodeId) => !reachable.includes(nodeId));
  const places = takePlaces(deps, reachable, absent);
  const keep = (nodeId: string): Promise<NodeTask> => recordAt(places.get(nodeId), lane, nodeId, order, taskUid);
  try {
    const outcomes = await deps.lanes.submit(
      lane,
      reachable.map((nodeId) => ({ nodeId, request: order.request, onMissed: () => places.get(nodeId)?.hold() })),
    );
    const nodeTasks: NodeTask[] = [];
    for (const outcome of outcomes) {
      const enqueued = enqueuedOf(outcome, order);
      if (enqueued !== null) nodeTasks.push(enqueued);
      else if (outcome.kind === "missed") nodeTasks.push(await keep(outcome.nodeId));
    }
    for (const nodeId of absent) nodeTasks.push(await keep(nodeId));
    return nodeTasks;
  } finally {
    for (const place of places.values()) place.release();
  }
}

/** The data of the flow that owns this task; only its flow knows the shape. */
export function flowData(task: Task): Readonly<Record<string, unknown>> {
  assert(task.flow !== null, "a task is handed to a flow only if it names one");
  return task.flow.data;
}

/** Done, or kept for a node that does it later, or failed in a way that amounts to done. */
export function hasSucceeded(nodeTask: NodeTask): boolean {
  if (nodeTask.status === "succeeded" || nodeTask.status === "hinted") return true;
  return nodeTask.error !== undefined && (nodeTask.tolerated ?? []).includes(nodeTask.error.code);
}

/** The error of the first node that did not do its part; null when all did. */
export function failureOf(task: Task): ErrorBody | null {
  const failed = task.nodeTasks.find((one) => one.role !== "undo" && !hasSucceeded(one));
  return failed === undefined ? null : errorOf(failed);
}

/** Nodes that have been given their `main` part, each once. */
export function nodesTold(task: Task): readonly string[] {
  return [...new Set(task.nodeTasks.filter((one) => one.role === "main").map((one) => one.nodeId))];
}

/** Nodes whose `main` part has been done, each once. */
export function nodesThatApplied(task: Task): readonly string[] {
  const done = task.nodeTasks.filter((one) => one.role === "main" && hasSucceeded(one));
  return [...new Set(done.map((one) => one.nodeId))];
}

function nodesThatForgot(task: Task): readonly string[] {
  return task.nodeTasks.filter(({ status }) => status === "lost").map(({ nodeId }) => nodeId);
}

function storedError(task: Task, name: string): ErrorBody | null {
  return (task.flow?.data[name] as ErrorBody | undefined) ?? null;
}

export function interruptedError(): ErrorBody {
  return errorBody(
    "miroir_task_interrupted",
    "The router stopped while it handed this task to the nodes; what they had of it was taken back. Send the request again.",
  );
}

function unknownError(): ErrorBody {
  return errorBody("internal", "The operation failed on a node and was taken back.");
}
