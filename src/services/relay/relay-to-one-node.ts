/** Asks healthy nodes in turn until one answers; see `relay.ts` for the promise. */
import { apiError } from "../../core/errors/api-error.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Relay } from "./relay.ts";

export interface RelayDeps {
  readonly fleet: Pick<Fleet, "anyNode" | "nodeIds">;
  readonly timeoutMs: number;
}

export function createRelay(deps: RelayDeps): Relay {
  return async (request, signal) => {
    const problems: string[] = [];
    for (const _attempt of deps.fleet.nodeIds()) {
      const outcome = await deps.fleet
        .anyNode()
        .send({ ...request, timeoutMs: deps.timeoutMs, repeat: "safe" }, signal);
      if (outcome.kind !== "unavailable") return outcome;
      problems.push(outcome.message);
      if (signal?.aborted) break;
    }
    throw apiError("miroir_node_unavailable", `No node answered: ${problems.join("; ")}.`);
  };
}
