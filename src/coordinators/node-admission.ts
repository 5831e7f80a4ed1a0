/** Looks at nodes that came (back) up and lets them serve when they are as the catalog says. */
import type { NodeAdmission } from "../services/admission/node-admission.ts";
import type { Coordinator } from "./coordinator.ts";

const INTERVAL_MS = 100;

export function nodeAdmission(admission: Pick<NodeAdmission, "step">): Coordinator {
  return { name: "node-admission", intervalMs: INTERVAL_MS, tick: (signal) => admission.step(signal) };
}
