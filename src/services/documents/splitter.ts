/** Reading batches as a port: the adapter decides what runs in place and what in a worker. */
import type { MalformedBatch } from "../../core/documents/scan-batch.ts";
import type { PlanJob, SplitPlan } from "../../core/documents/split-plan.ts";

export interface Splitter {
  /** Takes the body over. Rejects with 503 `miroir_overloaded` when too much is waiting already. */
  plan(job: PlanJob): Promise<SplitPlan | MalformedBatch>;
}
