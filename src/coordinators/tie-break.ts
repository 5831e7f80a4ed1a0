/** Follows a change of `search.tie_break` until every node of the fleet has every index in the wanted form. */
import type { TieBreakChange } from "../services/settings/change-tie-break.ts";
import type { Coordinator } from "./coordinator.ts";

const INTERVAL_MS = 1_000;
/** While there is nothing to do; new indexes are made in the wanted form. */
const IDLE_MS = 30_000;

export function tieBreak(change: Pick<TieBreakChange, "advance">): Coordinator {
  return {
    name: "tie-break",
    intervalMs: INTERVAL_MS,
    tick: async (signal) => ((await change.advance(signal)) ? IDLE_MS : INTERVAL_MS),
  };
}
