/** What goes to a worker and comes back. Byte arrays are listed for transfer; the ids travel as one text, which is cheap. */
import type { MalformedBatch } from "../core/documents/scan-batch.ts";
import type { PlanJob, SplitPlan } from "../core/documents/split-plan.ts";

/** Keys contain no line break, so that they can be joined by one. */
export type WirePlan = Omit<SplitPlan, "ids"> & { readonly ids: string };

export interface WorkerJob {
  readonly kind: "plan";
  readonly job: PlanJob;
}

export type WorkerAnswer =
  | { readonly kind: "planned"; readonly plan: WirePlan | MalformedBatch }
  /** The job broke one of our own rules. */
  | { readonly kind: "broken"; readonly message: string };

export function toWire(plan: SplitPlan): WirePlan {
  return { ...plan, ids: plan.ids.join("\n") };
}

export function fromWire(plan: WirePlan): SplitPlan {
  return { ...plan, ids: plan.ids === "" ? [] : plan.ids.split("\n") };
}

export function planBuffers(plan: WirePlan | MalformedBatch): readonly ArrayBufferLike[] {
  if (plan.kind === "malformed") return [];
  const expiries = plan.expiryOf === null ? [] : [plan.expiryOf.buffer];
  return [plan.body.buffer, plan.bounds.buffer, plan.idOf.buffer, plan.shardOfId.buffer, ...expiries];
}
