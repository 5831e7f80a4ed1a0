/**
 * Heavy work in chunks that any router may claim, and resume where another one stopped. A claim is renewed while its
 * chunk is worked on; when it is lost the work is told to stop and what it says afterwards counts for nothing.
 */
import type { Job, JobStore } from "../../store/job-store.ts";
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { jobEnded, jobsWaiting } from "../../telemetry/events/routers.ts";

export interface JobWork {
  /** Fires when the claim is lost or the router stops. */
  readonly signal: AbortSignal;
  /** Keeps how far the work has come, for whoever goes on with it. False: the claim is lost. */
  progress(progress: NonNullable<Job["progress"]>): Promise<boolean>;
}

/** Does a job to its end, from its `progress` on. A rejection fails the job, unless the signal has fired. */
export type JobHandler = (job: Job, work: JobWork) => Promise<void>;

export interface JobRunnerDeps {
  readonly jobs: JobStore;
  /** This run of the router. */
  readonly run: string;
  readonly handlers: ReadonlyMap<string, JobHandler>;
  readonly clock: Pick<Clock, "startTimer">;
  readonly emit: Emit;
  /** Jobs of this router at the same time. */
  readonly concurrencyMax: number;
  /** Called when a job is no longer worked on here. */
  readonly ended?: () => void;
}

export interface JobRunner {
  /** Claims what it has room for; ends when nothing more is to be claimed, not when it is done. */
  claim(signal: AbortSignal): Promise<void>;
  /** Resolves when everything that was claimed has ended or been told to stop. */
  idle(): Promise<void>;
}

export const CLAIM_TTL_MS = 30_000;
export const CLAIM_RENEW_MS = 10_000;

export function createJobRunner(deps: JobRunnerDeps): JobRunner {
  const running = new Set<Promise<void>>();
  const types = [...deps.handlers.keys()];
  return {
    async claim(signal) {
      while (running.size < deps.concurrencyMax && !signal.aborted) {
        const job = await deps.jobs.claim(types, deps.run, CLAIM_TTL_MS);
        if (job === undefined) break;
        const one: Promise<void> = work(deps, job, signal).finally(() => {
          running.delete(one);
          deps.ended?.();
        });
        running.add(one);
      }
      const pending = await deps.jobs.pending();
      for (const type of types) deps.emit(jobsWaiting, { type, jobs: pending.get(type) ?? 0 });
    },
    idle: async () => {
      await Promise.all(running);
    },
  };
}

async function work(deps: JobRunnerDeps, job: Job, stopping: AbortSignal): Promise<void> {
  const { jobs, run, clock, emit } = deps;
  const lost = new AbortController();
  const keep = async (progress?: Job["progress"]): Promise<boolean> => {
    // A store that does not answer has not taken the claim away; it ends by itself if that lasts.
    const isHeld = await jobs.renew(job.id, run, CLAIM_TTL_MS, progress).catch(() => progress === undefined);
    if (!isHeld) lost.abort(new DOMException("The claim on the job is lost.", "AbortError"));
    return isHeld;
  };
  let timer: Timer | undefined;
  const renew = async (): Promise<void> => {
    if (await keep()) arm();
  };
  const arm = (): void => {
    timer = isOver() ? undefined : clock.startTimer(CLAIM_RENEW_MS, () => void renew());
  };
  let over = false;
  const isOver = (): boolean => over;
  arm();
  const signal = AbortSignal.any([stopping, lost.signal]);
  try {
    await deps.handlers.get(job.type)?.(job, { signal, progress: (progress) => keep(progress) });
    if (!signal.aborted && (await jobs.finish(job.id, run, "completed"))) {
      emit(jobEnded, { id: job.id, type: job.type, state: "completed", detail: "" });
    }
  } catch (cause) {
    if (signal.aborted) return;
    const detail = cause instanceof Error ? cause.message : String(cause);
    const isMine = await jobs.finish(job.id, run, "failed").catch(() => false);
    if (isMine) emit(jobEnded, { id: job.id, type: job.type, state: "failed", detail });
  } finally {
    over = true;
    timer?.cancel();
  }
}
