/**
 * Splits batches: small ones in place, since handing them over would cost more than reading them, large ones in a worker,
 * so that the event loop keeps answering searches. The body crosses to the worker and back by transfer in both phases;
 * nothing stays in a worker between them, so a crash or a client that goes away leaves nothing behind.
 */
import { AssertionFailure, assert } from "../core/assert.ts";
import type { MalformedBatch } from "../core/documents/scan-batch.ts";
import type { AssembleJob, PlanJob, SplitPlan } from "../core/documents/split-plan.ts";
import type { WorkerPool } from "./pool.ts";
import { assembleSplit, planSplit } from "./split-jobs.ts";
import { fromWire, planBuffers, toWire, type WorkerAnswer } from "./worker-message.ts";

export interface SplitterOptions {
  /** Bodies of at least this many bytes go to a worker. */
  readonly minBytes: number;
}

export function createSplitter(
  pool: WorkerPool,
  options: SplitterOptions,
): {
  plan(job: PlanJob): Promise<SplitPlan | MalformedBatch>;
  assemble(job: AssembleJob): Promise<readonly Uint8Array[]>;
} {
  return {
    async plan(job) {
      if (job.body.byteLength < options.minBytes) return planSplit(job);
      const answer = unbroken(await pool.run({ kind: "plan", job }, [job.body.buffer]));
      assert(answer.kind === "planned", "a plan job brings a plan");
      return answer.plan.kind === "malformed" ? answer.plan : fromWire(answer.plan);
    },

    async assemble(job) {
      if (job.plan.body.byteLength < options.minBytes) return assembleSplit(job);
      // The second phase needs the keys no more.
      const plan = { ...toWire({ ...job.plan, ids: [] }) };
      const answer = unbroken(await pool.run({ kind: "assemble", job: { ...job, plan } }, planBuffers(plan)));
      assert(answer.kind === "assembled", "an assemble job brings bodies");
      return answer.bodies;
    },
  };
}

function unbroken(answer: WorkerAnswer): WorkerAnswer {
  if (answer.kind === "broken") throw new AssertionFailure(answer.message);
  return answer;
}
