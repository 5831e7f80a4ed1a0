/** How far a long run has come, told now and then, and what it came to, in a file that can be kept. */
import { writeFileSync } from "node:fs";
import type { SimulationTotals } from "./totals.ts";

export interface Progress {
  /** Seeds that are done with, also those that an earlier run has done. */
  note(totals: SimulationTotals): void;
}

const TOLD_EVERY_MS = 30_000;

/** Told on the error output: the first line of the other is for machines. */
export function createProgress(seeds: number, nowMs: () => number): Progress {
  const startedMs = nowMs();
  let toldMs = startedMs;
  return {
    note: ({ histories, failures }) => {
      if (nowMs() - toldMs < TOLD_EVERY_MS) return;
      toldMs = nowMs();
      const minutes = ((toldMs - startedMs) / 60_000).toFixed(1);
      console.error(`${histories} of ${seeds} histories after ${minutes} min, ${failures.length} with a violation`);
    },
  };
}

export interface Report extends SimulationTotals {
  /** Of the source that was run. */
  readonly commit: string;
  readonly from: number;
  readonly seeds: number;
  /** What this run took; parts that a log already had take none. */
  readonly seconds: number;
}

/** Rewritten after every part, so that a run that is broken off leaves one too. */
export function writeReport(path: string, report: Report): void {
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}
