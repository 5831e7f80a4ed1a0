/** How often things happen in a history, and how close to each other. */
import type { FaultKind } from "./faults.ts";

export type Span = readonly [fromMs: number, toMs: number];

export interface Odds {
  /** The index is made, and has settings, before anything goes wrong. Otherwise the first write makes it. */
  readonly made: number;
  readonly twoIndexes: number;
  readonly renames: number;
  readonly changes: number;
  readonly changesMin: number;
  readonly changesEveryMs: number;
  readonly deletes: number;
  readonly faultsMin: number;
  readonly faultsBeginWithinMs: number;
  /** Of most faults; some last longer than any timeout. */
  readonly faultLastsMs: Span;
  readonly routerAwayMs: Span;
  /** Drawn once more than the others. */
  readonly oftenFaults: readonly FaultKind[];
  readonly writesEveryMs: Span;
  readonly reads: number;
  readonly readsEveryMs: number;
  /** When everything heals: by this much of the usual time. */
  readonly healsAfter: number;
}

export type OddsName = "usual" | "dense" | "early";

const USUAL: Odds = {
  made: 0.7,
  twoIndexes: 0.4,
  renames: 0.4,
  changes: 0.3,
  changesMin: 1,
  changesEveryMs: 900,
  deletes: 0.15,
  faultsMin: 1,
  faultsBeginWithinMs: 3_500,
  faultLastsMs: [30, 4_000],
  routerAwayMs: [150, 2_000],
  oftenFaults: [],
  writesEveryMs: [60, 300],
  reads: 6,
  readsEveryMs: 350,
  healsAfter: 1,
};

/** What is rare among the usual ones, most violations were found where such changes and several faults met. */
const DENSE: Odds = {
  ...USUAL,
  twoIndexes: 0.7,
  renames: 0.6,
  changes: 1,
  changesMin: 4,
  changesEveryMs: 450,
  deletes: 0.7,
  faultsMin: 4,
};

/** The first second of a fleet: nothing has been kept yet, indexes are being made, and routers and disks die in the middle of it. */
const EARLY: Odds = {
  ...DENSE,
  made: 0.15,
  changesEveryMs: 160,
  faultsMin: 3,
  faultsBeginWithinMs: 1_000,
  faultLastsMs: [30, 1_500],
  routerAwayMs: [100, 800],
  oftenFaults: ["router_killed", "store_failing", "node_emptied"],
  writesEveryMs: [20, 110],
  reads: 10,
  readsEveryMs: 140,
  healsAfter: 0.55,
};

export const ODDS: Readonly<Record<OddsName, Odds>> = { usual: USUAL, dense: DENSE, early: EARLY };
