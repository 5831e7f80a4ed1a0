/** Splitting batches as a port: the adapter decides what runs in place and what in a worker. */
import type { MalformedBatch } from "../../core/documents/scan-batch.ts";
import type { AssembleJob, PlanJob, SplitPlan } from "../../core/documents/split-plan.ts";

export interface Splitter {
  /** Takes the body over. Rejects with 503 `miroir_overloaded` when too much is waiting already. */
  plan(job: PlanJob): Promise<SplitPlan | MalformedBatch>;
  /** Takes the plan over. One body per shard set, in their order. */
  assemble(job: AssembleJob): Promise<readonly Uint8Array[]>;
}
