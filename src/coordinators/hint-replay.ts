/** Brings kept writes to nodes that are back, in order; a node answers reads again only when it has them all. */
import type { Fleet } from "../services/fleet/fleet.ts";
import type { Hints } from "../services/hints/create-hints.ts";
import type { Coordinator } from "./coordinator.ts";

const INTERVAL_MS = 250;
/** Steps for one node before the others get their turn. */
const STEPS_PER_TICK = 64;

export function hintReplay(
  hints: Pick<Hints, "states" | "pending" | "replayStep">,
  fleet: Pick<Fleet, "healthy">,
): Coordinator {
  return {
    name: "hint-replay",
    intervalMs: INTERVAL_MS,
    async tick(signal) {
      const waiting = [...hints.states().keys()].filter((nodeId) => fleet.healthy(nodeId));
      await Promise.all(
        waiting.map(async (nodeId) => {
          for (let step = 0; step < STEPS_PER_TICK && !signal.aborted; step += 1) {
            if ((await hints.replayStep(nodeId)) !== "more") return;
          }
        }),
      );
    },
  };
}
