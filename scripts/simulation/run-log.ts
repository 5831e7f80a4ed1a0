/**
 * What a long run has behind it: one line of JSON per part that is complete, appended when it ends. A run that is
 * started again leaves those parts out; a part that was broken off begins again.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { SimulationTotals } from "./totals.ts";

export interface LoggedPart {
  readonly from: number;
  readonly seeds: number;
  /** Of what was run; a line of another source counts for nothing. */
  readonly source: string;
  readonly endedAt: string;
  readonly totals: SimulationTotals;
}

export interface RunLog {
  /** What is known of the part, of this commit. */
  partOf(from: number, seeds: number): LoggedPart | undefined;
  append(from: number, seeds: number, totals: SimulationTotals): void;
}

export function openRunLog(path: string, source: string): RunLog {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const parts = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as LoggedPart);
  const known = new Map(parts.filter((part) => part.source === source).map((part) => [part.from, part]));
  return {
    partOf: (from, seeds) => {
      const part = known.get(from);
      return part?.seeds === seeds && part.totals.histories === seeds ? part : undefined;
    },
    append: (from, seeds, totals) => {
      const part: LoggedPart = { from, seeds, source, endedAt: new Date().toISOString(), totals };
      appendFileSync(path, `${JSON.stringify(part)}\n`);
    },
  };
}
