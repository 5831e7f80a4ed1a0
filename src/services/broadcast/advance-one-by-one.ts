/**
 * A broadcast that goes from node to node: the next is told when the one before has done its part, and at the first
 * failure those that did it are put back in the reverse order. What is still to be done stands in the data of the flow.
 */
import { type ErrorBody, errorBody } from "../../core/errors/api-error.ts";
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FlowStep } from "../tasks/task-registry.ts";
import {
  type BroadcastPlan,
  failureOf,
  interruptedError,
  nodesThatApplied,
  nodesTold,
  tell,
  wasInterrupted,
} from "./advance-broadcast.ts";
import type { BroadcastDeps, Order } from "./broadcast.ts";

export interface OneByOnePlan extends BroadcastPlan {
  /** False while the next node has to wait for an earlier change. */
  readonly mayGoOn: () => boolean;
  /** Also nodes that have not been told yet are put back; default: they never hear of it. */
  readonly undoUntold?: boolean;
  /** What the next node is told, in this order. */
  readonly next: () => readonly Order[];
}

export async function advanceOneByOne(
  deps: Pick<BroadcastDeps, "lanes" | "missed"> & { readonly fleet: Pick<Fleet, "nodeIds"> },
  task: Task,
  plan: OneByOnePlan,
): Promise<FlowStep> {
  const { remaining, undo, error, abort, lost } = stateOf(task);
  if (task.flow?.step === "undo") return putBack(deps, task, plan, undo ?? [], error ?? unknownError());
  if (wasInterrupted(task)) {
    const all = deps.fleet.nodeIds();
    const told = { ...task, flow: flowWith(task, "apply", { lost: all }) };
    return putBack(deps, told, plan, all.toReversed(), interruptedError());
  }
  const failure = abort ?? failureOf(task);
  if (failure !== null) {
    const told = plan.undoEverywhere === true ? nodesTold(task) : nodesThatApplied(task);
    const untold = plan.undoUntold === true ? remaining : [];
    return putBack(deps, task, plan, [...told, ...untold, ...lost].toReversed(), failure);
  }
  const [nodeId, ...rest] = remaining;
  if (nodeId === undefined) return plan.commit();
  if (!plan.mayGoOn()) return { kind: "later", delayMs: TURN_DELAY_MS };
  const nodeTasks: NodeTask[] = [];
  for (const order of plan.next()) nodeTasks.push(...(await tell(deps, task.uid, plan.lane, [nodeId], order)));
  return { kind: "more", nodeTasks, flow: flowWith(task, "apply", { remaining: rest }) };
}

/** One node at a time; `undo` are those that are still to be put back. */
async function putBack(
  deps: Pick<BroadcastDeps, "lanes" | "missed">,
  task: Task,
  plan: OneByOnePlan,
  undo: readonly string[],
  error: ErrorBody,
): Promise<FlowStep> {
  await plan.takingBack?.();
  const [nodeId, ...rest] = [...new Set(undo)].filter((told) => plan.mayUndo?.(told) !== false);
  if (nodeId === undefined || plan.undo === null) {
    await plan.abandon();
    return { kind: "done", error };
  }
  const nodeTasks = await tell(deps, task.uid, plan.lane, [nodeId], plan.undo);
  return { kind: "more", nodeTasks, flow: flowWith(task, "undo", { undo: rest, error }) };
}

interface OneByOneState {
  readonly remaining: readonly string[];
  readonly undo?: readonly string[];
  readonly error?: ErrorBody;
  readonly abort?: ErrorBody;
  readonly lost: readonly string[];
}

function stateOf(task: Task): OneByOneState {
  return { remaining: [], lost: [], ...(task.flow?.data as Partial<OneByOneState> | undefined) };
}

function flowWith(task: Task, step: string, change: object): NonNullable<Task["flow"]> {
  return { kind: task.flow?.kind ?? "none", step, data: { ...task.flow?.data, ...change } };
}

function unknownError(): ErrorBody {
  return errorBody("internal", "The operation failed on a node and was taken back.");
}

/** A wait of this length lets the change before this one be decided. */
const TURN_DELAY_MS = 25;
