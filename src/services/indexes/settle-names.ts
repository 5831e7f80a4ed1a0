/**
 * A change of names is decided without a node that has fallen silent: nobody waits for it any longer, and it is looked at
 * when it is back. Until then it neither serves nor gets writes, since which index it has by which name is not known: the
 * request may have come to it twice, or its task have failed.
 */
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { Task, TaskFlowState } from "../../core/tasks/task.ts";
import { ARRIVES_WITHIN_MS } from "../../nodes/arrives-within.ts";
import type { Clock } from "../../platform/clock.ts";
import type { BirthDeps, NodeBirths } from "../broadcast/index-births.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FlowStep } from "../tasks/task-registry.ts";
import { SETTLING, type Swap } from "./swap-data.ts";
import { swappedNodes } from "./swapped-nodes.ts";

export interface SettleDeps extends BirthDeps {
  readonly fleet: Pick<Fleet, "healthy" | "nodeIds">;
  readonly clock: Pick<Clock, "monotonicMs">;
}

export interface Settling {
  /** Nodes that the change was decided without. */
  readonly silent: readonly string[];
  readonly before: NodeBirths;
  readonly swaps: readonly Swap[];
  /** Why no node is to have it; absent: every node is. */
  readonly error: ErrorBody | undefined;
  /** Gives a node that has not what was decided what makes that of it, past the lanes, which are closed to it. */
  readonly tell: (nodeId: string) => Promise<unknown>;
}

/** Since when a node has been seen to be right, by a clock that does not jump; a router that is started again looks anew. */
export type RightSince = Map<string, number>;

/** Each node that says what it has is given what was decided; the task, of this flow, ends with the last of them. */
export async function settleSilent(
  deps: SettleDeps,
  settling: Settling,
  flow: TaskFlowState,
  since: RightSince,
): Promise<FlowStep> {
  const { error } = settling;
  // One that has been taken out of the fleet is settled for good.
  const silent = settling.silent.filter((nodeId) => deps.fleet.nodeIds().includes(nodeId));
  const nowMs = deps.clock.monotonicMs();
  // One that is away is not asked: other routers wait for their turn on the names meanwhile.
  const away = silent.filter((nodeId) => !deps.fleet.healthy(nodeId));
  const asked = silent.filter((nodeId) => !away.includes(nodeId));
  const before = Object.fromEntries(Object.entries(settling.before).filter(([nodeId]) => asked.includes(nodeId)));
  const verdict = await swappedNodes(deps, before, settling.swaps);
  const wrong = error === undefined ? verdict.unswapped : verdict.swapped;
  // What becomes of it the next look says.
  await Promise.all(wrong.map(settling.tell));
  const notRight = new Set([...away, ...verdict.silent, ...verdict.open, ...wrong]);
  for (const nodeId of silent) if (notRight.has(nodeId) || !since.has(nodeId)) since.set(nodeId, nowMs);
  // What was on its way to it when it fell silent may still come.
  const left = silent.filter((nodeId) => nowMs - (since.get(nodeId) as number) < ARRIVES_WITHIN_MS);
  if (left.length === 0) return error === undefined ? { kind: "done" } : { kind: "done", error };
  if (left.length === settling.silent.length) return { kind: "later", delayMs: ARRIVES_WITHIN_MS };
  // Noted at once: one that is right serves from now on, and is not to be told again whatever happens to its names.
  return { kind: "more", nodeTasks: [], flow: { ...flow, step: SETTLING, data: { ...flow.data, silent: left } } };
}

/** Nodes that some open change of names is decided, or about to be decided, without. */
export function unsettledNodes(open: readonly Task[]): ReadonlySet<string> {
  return new Set(open.flatMap(({ flow }) => (flow?.data["silent"] as readonly string[] | undefined) ?? []));
}
