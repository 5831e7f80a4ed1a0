/** Decides changes that wait for a node that died in the middle of them. */
import { createPassOver, type PassOverDeps } from "../services/broadcast/pass-over.ts";
import type { Coordinator } from "./coordinator.ts";

const INTERVAL_MS = 500;

export function passOver(deps: PassOverDeps): Coordinator {
  return { name: "pass-over", intervalMs: INTERVAL_MS, tick: createPassOver(deps) };
}
