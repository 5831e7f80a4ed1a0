/**
 * Metric families as the events see them. A family is declared as data in `telemetry/families.ts` (name without the
 * `miroir_` prefix, kind, help, labels), so that documentation and dashboards can be checked against it.
 */
import type { FamilyName } from "./families.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Metrics {
  /** Adds `amount` (default 1) to a counter. */
  count(family: FamilyName, labels?: Labels, amount?: number): void;
  /** Sets a gauge. */
  set(family: FamilyName, value: number, labels?: Labels): void;
  /** Records a value in a histogram; seconds for durations. */
  observe(family: FamilyName, value: number, labels?: Labels): void;
}
