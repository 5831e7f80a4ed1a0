/** Asks readable nodes in their stable order until one answers, so that what differs between nodes is told alike. */
import { apiError } from "../../core/errors/api-error.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { NodeAnswered, NodeRefused } from "../../nodes/node-outcome.ts";
import type { Fleet } from "../fleet/fleet.ts";

export type AskableFleet = Pick<Fleet, "nodeIds" | "readable" | "client">;

/** `request` must be repeatable. Throws 503 when no node answers. */
export async function askReadable(
  fleet: AskableFleet,
  request: NodeRequest,
  signal?: AbortSignal,
): Promise<NodeAnswered | NodeRefused> {
  for (const nodeId of fleet.nodeIds()) {
    if (!fleet.readable(nodeId)) continue;
    const outcome = await fleet.client(nodeId).send(request, signal);
    if (outcome.kind !== "unavailable") return outcome;
  }
  throw apiError("miroir_node_unavailable", "No node answers. `GET /_miroir/topology` says why.");
}
