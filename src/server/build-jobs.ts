/** The queue of heavy work that any router may do, and this router's part in it. */
import { jobs } from "../coordinators/jobs.ts";
import type { Coordinator } from "../coordinators/coordinator.ts";
import type { Clock } from "../platform/clock.ts";
import { createJobRunner, type JobHandler } from "../services/routers/run-jobs.ts";
import type { JobStore } from "../store/job-store.ts";
import type { Emit } from "../telemetry/event.ts";

export interface JobsParts {
  readonly store: JobStore;
  readonly run: string;
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface Jobs {
  /** What is put in here is begun soon. */
  readonly queue: Pick<JobStore, "enqueue" | "get" | "remove">;
  /** `handlers`: how each type of job is done. */
  coordinator(handlers: ReadonlyMap<string, JobHandler>): Coordinator;
}

export function buildJobs({ store, run, clock, emit }: JobsParts): Jobs {
  let hurry = (): void => {};
  return {
    queue: {
      get: (id) => store.get(id),
      remove: (id) => store.remove(id),
      enqueue: async (job) => {
        await store.enqueue(job);
        hurry();
      },
    },
    coordinator: (handlers) => {
      const runner = createJobRunner({
        jobs: store,
        run,
        handlers,
        clock,
        emit,
        concurrencyMax: AT_ONCE_MAX,
        ended: () => hurry(),
      });
      return jobs({ runner, onWork: (wake) => (hurry = wake) });
    },
  };
}

/** Of one router; clients come first. */
const AT_ONCE_MAX = 2;
