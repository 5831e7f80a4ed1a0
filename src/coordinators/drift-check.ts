/** Compares the nodes with the catalog every `settings_drift_check.interval_s`, the first time soon after the start. */
import type { DriftCheck } from "../services/admission/drift-check.ts";
import type { Coordinator } from "./coordinator.ts";

const FIRST_MS = 2_000;

export function driftCheck(check: Pick<DriftCheck, "run">, intervalMs: number): Coordinator {
  return {
    name: "drift-check",
    intervalMs,
    tick: (signal) => check.run(signal),
    onStart: (hurry) => hurry(Math.min(FIRST_MS, intervalMs)),
  };
}
