/** The end of a change of a name that was taken back without some nodes: what they have by which name is looked at. */
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { TaskFlowState } from "../../core/tasks/task.ts";
import { birthsOn, type NodeBirths } from "../broadcast/index-births.ts";
import type { FlowStep } from "../tasks/task-registry.ts";
import type { Order } from "../broadcast/broadcast.ts";
import { orders } from "./lifecycle-deps.ts";
import { type RightSince, type SettleDeps, settleSilent } from "./settle-names.ts";
import type { Swap } from "./swap-data.ts";

export interface TakenBack {
  readonly from: string;
  readonly to: string;
  /** Gives a node the old name back. */
  readonly undo: Order;
  /** As the nodes said it before they were told. */
  readonly before: NodeBirths;
  readonly silent: readonly string[];
  readonly error: ErrorBody;
}

/** `flow`: of the task, as long as some node is not known to be right. */
export function settleRename(
  deps: SettleDeps,
  { from, to, undo, before, silent, error }: TakenBack,
  flow: TaskFlowState,
  since: RightSince,
): Promise<FlowStep> {
  const swaps: readonly Swap[] = [{ indexes: [from, to], rename: true }];
  const tell = async (nodeId: string): Promise<void> => {
    // Something has come to the old name meanwhile. It goes to the new one, where nobody knows of it.
    const isTaken = (await birthsOn(deps, nodeId, [from]))?.[from] !== undefined;
    const exchange = orders.swap([{ indexes: [from, to], rename: false }] satisfies Swap[], "undo");
    await deps.client(nodeId).send((isTaken ? exchange : undo).request);
  };
  return settleSilent(deps, { silent, before, swaps, error, tell }, flow, since);
}
