/** What many histories came to, added up. */
import { runSeed } from "../../tests/simulation/run-seed.ts";
import type { SeedOptions } from "../../tests/simulation/simulated-world.ts";

export interface SimulationTotals {
  histories: number;
  events: number;
  simulatedMs: number;
  writes: number;
  acknowledged: number;
  reads: number;
  failures: { readonly seed: number; readonly layout: string; readonly violations: readonly string[] }[];
}

export interface RangeOptions extends SeedOptions {
  /** Only violations that begin so count, for example `R2`. */
  readonly rules: string;
  /** Ends at the first history with a violation. */
  readonly first: boolean;
  /** Seeds are left out from then on, by `performance.now()`. */
  readonly untilMs: number;
}

export function noHistories(): SimulationTotals {
  return { histories: 0, events: 0, simulatedMs: 0, writes: 0, acknowledged: 0, reads: 0, failures: [] };
}

export function runRange(from: number, seeds: number, options: RangeOptions): SimulationTotals {
  const totals = noHistories();
  for (let seed = from; seed < from + seeds && performance.now() < options.untilMs; seed += 1) {
    const { layout, violations, steps, simulatedMs, writes, acknowledged, reads } = runSeed(seed, options);
    const counted = violations.filter((one) => one.startsWith(options.rules));
    const failures = counted.length === 0 ? [] : [{ seed, layout, violations: counted }];
    addTo(totals, { histories: 1, events: steps, simulatedMs, writes, acknowledged, reads, failures });
    if (options.first && failures.length > 0) break;
  }
  return totals;
}

export function addTo(totals: SimulationTotals, more: SimulationTotals): void {
  totals.histories += more.histories;
  totals.events += more.events;
  totals.simulatedMs += more.simulatedMs;
  totals.writes += more.writes;
  totals.acknowledged += more.acknowledged;
  totals.reads += more.reads;
  totals.failures.push(...more.failures);
}
