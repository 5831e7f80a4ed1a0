/** Looks every second which settings changes of other routers have ended; asks nothing while none is known. */
import { type EndedChangesDeps, forgetEndedChanges } from "../services/settings/forget-ended-changes.ts";
import type { Coordinator } from "./coordinator.ts";

export function endedChanges(deps: EndedChangesDeps): Coordinator {
  return { name: "ended-changes", intervalMs: INTERVAL_MS, tick: () => forgetEndedChanges(deps) };
}

const INTERVAL_MS = 1_000;
