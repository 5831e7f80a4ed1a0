/** The entry point of a worker: one job at a time, everything handed over and back without copying. */
import { planSplit } from "./plan-split.ts";
import { planBuffers, toWire, type WorkerAnswer, type WorkerJob } from "./worker-message.ts";

declare const self: Worker;

self.addEventListener("message", (event: MessageEvent<WorkerJob>) => {
  const { answer, transfer } = run(event.data);
  self.postMessage(answer, transfer as ArrayBuffer[]);
});

function run(job: WorkerJob): { answer: WorkerAnswer; transfer: readonly ArrayBufferLike[] } {
  try {
    const planned = planSplit(job.job);
    const plan = planned.kind === "malformed" ? planned : toWire(planned);
    return { answer: { kind: "planned", plan }, transfer: planBuffers(plan) };
  } catch (error) {
    return { answer: { kind: "broken", message: String(error) }, transfer: [] };
  }
}
