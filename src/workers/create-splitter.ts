/**
 * Reads batches: small ones in place, since handing them over would cost more than reading them, large ones in a worker,
 * so that the event loop keeps answering searches. The body crosses to the worker and back by transfer; nothing stays in
 * a worker, so a crash or a client that goes away leaves nothing behind.
 */
import { AssertionFailure } from "../core/assert.ts";
import type { MalformedBatch } from "../core/documents/scan-batch.ts";
import type { PlanJob, SplitPlan } from "../core/documents/split-plan.ts";
import type { WorkerPool } from "./pool.ts";
import { planSplit } from "./plan-split.ts";
import { fromWire } from "./worker-message.ts";

export interface SplitterOptions {
  /** Bodies of at least this many bytes go to a worker. */
  readonly minBytes: number;
}

export function createSplitter(
  pool: WorkerPool,
  options: SplitterOptions,
): { plan(job: PlanJob): Promise<SplitPlan | MalformedBatch> } {
  return {
    async plan(job) {
      if (job.body.byteLength < options.minBytes) return planSplit(job);
      const answer = await pool.run({ kind: "plan", job }, [job.body.buffer]);
      if (answer.kind === "broken") throw new AssertionFailure(answer.message);
      return answer.plan.kind === "malformed" ? answer.plan : fromWire(answer.plan);
    },
  };
}
