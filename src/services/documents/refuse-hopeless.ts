/**
 * A write that cannot reach its quorum, because the nodes that it needs are being brought what they have missed, is
 * refused before anything is sent. Sent all the same it would add to what those nodes have to be brought, and clients
 * that repeat it would keep them from ever catching up.
 */
import { apiError } from "../../core/errors/api-error.ts";
import { tally, type WriteOutcome } from "../../core/quorum/tally.ts";
import type { Lanes } from "../../scatter/lane.ts";
import type { Emit } from "../../telemetry/event.ts";
import { writeHopeless } from "../../telemetry/events/writes.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Write } from "./submit-write.ts";

export interface HopeDeps {
  readonly lanes: Pick<Lanes, "blocked">;
  readonly fleet: Pick<Fleet, "writable">;
  readonly emit: Emit;
}

/** Throws 503 `miroir_no_quorum`; otherwise the quorum can be reached as far as is known. */
export function refuseHopeless(deps: HopeDeps, { indexUid, map, shards }: Write): void {
  const behind: string[] = [];
  const hopes = new Map<string, WriteOutcome>();
  for (const nodeId of map.shardsOf.keys()) {
    const isBehind = deps.lanes.blocked(nodeId) || !deps.fleet.writable(nodeId);
    if (isBehind) behind.push(nodeId);
    hopes.set(nodeId, isBehind ? "missed" : "acknowledged");
  }
  if (behind.length === 0) return;
  const { met, lostShards } = tally(map, shards, hopes);
  if (met) return;
  deps.emit(writeHopeless, { indexUid, behind, lostShards: lostShards.length });
  throw apiError(
    "miroir_no_quorum",
    `The write cannot reach enough nodes for the shards ${lostShards.join(", ")}: ` +
      `${behind.map((nodeId) => `\`${nodeId}\``).join(", ")} must first get what they have missed. ` +
      "Nothing has been sent; send the write again later.",
  );
}
