/** Log and metrics behind one `emit`: an event is written and counted as its declaration says. */
import type { Clock } from "../platform/clock.ts";
import type { Emit, LogLevel } from "./event.ts";
import { createLog, type Log, type LogSink } from "./log.ts";
import { createPrometheusMetrics, type PrometheusMetrics } from "./prometheus-metrics.ts";

export interface Telemetry {
  readonly emit: Emit;
  readonly metrics: PrometheusMetrics;
  readonly log: Log;
  /** The metrics as text for a scrape. */
  render(): Promise<string>;
}

export interface TelemetryOptions {
  readonly clock: Clock;
  readonly version: string;
  readonly level: LogLevel;
  readonly format: "json" | "pretty";
  /** Every configured secret: none of them is ever written. */
  readonly secrets: readonly string[];
  readonly sink?: LogSink;
}

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const log = createLog(options);
  const metrics = createPrometheusMetrics({ clock: options.clock });
  metrics.set("build_info", 1, { version: options.version });
  const emit: Emit = (kind, fields) => {
    try {
      kind.measure?.(metrics, fields);
      if (kind.level !== null && log.enabled(kind.level)) {
        log.write(kind.level, kind.message, {
          event: kind.name,
          ...(kind.log === undefined ? fields : kind.log(fields)),
        });
      }
    } catch (error) {
      // Whoever tells of an event must not fail because of it.
      log.write("error", "An event could not be recorded.", { event: kind.name, error });
    }
  };
  return { emit, metrics, log, render: () => metrics.render() };
}
