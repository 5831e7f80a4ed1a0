/** What the HTTP surface has to tell. Paths appear as templates, so that labels stay few and no id is written. */
import { defineEvent } from "../event.ts";
import type { Metrics } from "../metrics.ts";

export interface RequestFinished {
  readonly requestId: string;
  readonly method: string;
  readonly pathTemplate: string;
  /** 499: the client went away before the answer. */
  readonly status: number;
  readonly durationMs: number;
  /** What the handler noted: index, node_count, degraded, … */
  readonly notes: Readonly<Record<string, unknown>> | null;
}

export const requestFinished = defineEvent<RequestFinished>({
  name: "http.request_finished",
  level: "info",
  message: "A request was answered.",
  log: line,
  measure,
});

/** For the endpoints that are asked every few seconds by machines. */
export const probeFinished = defineEvent<RequestFinished>({
  name: "http.probe_finished",
  level: "debug",
  message: "A probe was answered.",
  log: line,
  measure,
});

/** In addition to `requestFinished`; counts nothing. */
export const requestSlow = defineEvent<RequestFinished>({
  name: "http.request_slow",
  level: "warn",
  message: "A request took longer than the limit for slow queries.",
  log: line,
});

export const requestFailed = defineEvent<{
  readonly requestId: string;
  readonly method: string;
  readonly pathTemplate: string;
  readonly error: unknown;
}>({
  name: "http.request_failed",
  level: "error",
  message: "The router itself failed while it worked on a request.",
  log: ({ requestId, method, pathTemplate, error }) => ({
    request_id: requestId,
    method,
    path_template: pathTemplate,
    error,
  }),
});

/** A request that never became one: the listener could not hand it on. */
export const listenerFailed = defineEvent<{ readonly error: unknown }>({
  name: "http.listener_failed",
  level: "error",
  message: "The listener failed on a request.",
});

function line(finished: RequestFinished): object {
  return {
    request_id: finished.requestId,
    method: finished.method,
    path_template: finished.pathTemplate,
    status: finished.status,
    duration_ms: Math.round(finished.durationMs * 1000) / 1000,
    ...finished.notes,
  };
}

function measure(metrics: Metrics, finished: RequestFinished): void {
  const labels = {
    method: finished.method,
    path_template: finished.pathTemplate,
    status: String(finished.status),
  };
  metrics.count("requests_total", labels);
  metrics.observe("request_duration_seconds", finished.durationMs / 1000, labels);
}
