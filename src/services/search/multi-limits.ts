/** What `multi_search` of the configuration allows one request, and the deadlines that follow from it. */
import { apiError } from "../../core/errors/api-error.ts";
import type { Clock } from "../../platform/clock.ts";

export interface MultiLimits {
  readonly clock: Clock;
  /** `multi_search.enabled` */
  readonly enabled: boolean;
  /** `multi_search.max_queries_per_batch` */
  readonly queriesMax: number;
  /** `multi_search.total_timeout_ms` */
  readonly totalTimeoutMs: number;
  /** `multi_search.per_query_timeout_ms` */
  readonly queryTimeoutMs: number;
}

export function refuseTooMany(limits: MultiLimits | undefined, queries: number): void {
  if (limits === undefined || queries <= limits.queriesMax) return;
  throw apiError(
    "bad_request",
    `Invalid value at \`.queries\`: ${queries} queries are more than \`multi_search.max_queries_per_batch\` allows, which is ${limits.queriesMax}. Send them in several requests.`,
  );
}

/** Runs everything that belongs to one request. */
export function withinTotal<T>(
  limits: MultiLimits | undefined,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (limits === undefined) return run(signal);
  return within({ ...limits, key: "multi_search.total_timeout_ms", durationMs: limits.totalTimeoutMs }, signal, run);
}

/** Runs one query of it. */
export function withinQuery<T>(
  limits: MultiLimits | undefined,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (limits === undefined) return run(signal);
  return within(
    { ...limits, key: "multi_search.per_query_timeout_ms", durationMs: limits.queryTimeoutMs },
    signal,
    run,
  );
}

interface Deadline {
  readonly clock: Clock;
  readonly key: string;
  readonly durationMs: number;
}

/** The signal that `run` gets ends with the deadline or with the caller's, whichever comes first. */
async function within<T>(
  { clock, key, durationMs }: Deadline,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const end = (): void => controller.abort(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  const timer = clock.startTimer(durationMs, () => {
    controller.abort(
      apiError("miroir_request_timeout", `The searches did not end within \`${key}\`, ${durationMs} ms.`),
    );
  });
  try {
    return await run(controller.signal);
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", end);
  }
}
