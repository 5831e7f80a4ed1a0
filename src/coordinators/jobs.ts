/** Claims chunks of heavy work while there is room for more; soon when this router has put some into the queue itself. */
import type { JobRunner } from "../services/routers/run-jobs.ts";
import type { Coordinator } from "./coordinator.ts";

export interface JobsDeps {
  readonly runner: JobRunner;
  /** Called when a job was put into the queue here, or when one has ended and there is room again. */
  readonly onWork: (hurry: () => void) => void;
}

export function jobs({ runner, onWork }: JobsDeps): Coordinator {
  return {
    name: "jobs",
    intervalMs: INTERVAL_MS,
    tick: (signal) => runner.claim(signal),
    onStart: (hurry) => onWork(() => hurry(0)),
    // What is under way has been told to stop by the signal of its run.
    onStop: () => runner.idle(),
  };
}

/** Finds what other routers have put into the queue, and what they have left there. */
const INTERVAL_MS = 2_000;
