/**
 * An event is something worth knowing that happened. It is declared once, beside its area in `telemetry/events/`, and
 * emitted where it happens; the log line and the metrics both follow from the declaration.
 */
import type { Metrics } from "./metrics.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface EventKind<Fields extends object> {
  /** Dotted, `area.noun_verb`: `node.request_finished`. Also the `event` field of the log line. */
  readonly name: string;
  /** null: never logged, only counted. */
  readonly level: LogLevel | null;
  /** A whole sentence for a person. */
  readonly message: string;
  /** Which fields go into the log line; default: all. Never a secret, a document body or a filter value. */
  readonly log?: (fields: Fields) => object;
  readonly measure?: (metrics: Metrics, fields: Fields) => void;
}

export function defineEvent<Fields extends object>(kind: EventKind<Fields>): EventKind<Fields> {
  return kind;
}

/** Passed to everything that has something to say. Never throws, never waits. */
export type Emit = <Fields extends object>(kind: EventKind<Fields>, fields: Fields) => void;
