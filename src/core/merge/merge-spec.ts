/** What the plan of a search tells the merge. Pure data, made together with the requests the nodes get. */
import type { FacetRules } from "./facets.ts";
import type { PinSpec } from "./pinned-hits.ts";
import type { Ranking } from "./ranking.ts";
import type { OwnFacet } from "./own-facet.ts";
import type { HitView } from "./render-hit.ts";

export type Paging =
  | { readonly mode: "offset"; readonly offset: number; readonly limit: number }
  | { readonly mode: "page"; readonly page: number; readonly hitsPerPage: number };

export interface MergeSpec {
  readonly paging: Paging;
  /** How far into the results a client may page. Totals are not limited by it. */
  readonly maxTotalHits: number;
  readonly view: HitView;
  readonly distinct: DistinctSpec | null;
  /** null: the client asked for no facets. */
  readonly facets: FacetRules | null;
  /** undefined: by details. */
  readonly ranking?: Ranking;
  /** Of a search whose threshold takes out documents that stand between others. */
  readonly threshold?: ThresholdSpec;
  /** Of an index on which search rules may pin documents; absent: no hit is pinned. */
  readonly pins?: PinSpec;
}

export interface ThresholdSpec {
  readonly score: number;
  /** How many hits each node was asked for without it. */
  readonly asked: number;
}

export interface DistinctSpec {
  readonly field: string;
  /** Does the request name it, or only the settings of the index? */
  readonly requested: boolean;
  /** Does the engine look through the hits once more? A federation does that for all its queries together, or not at all. */
  readonly looksTwice?: true;
  /** Can documents be chosen by its values? */
  readonly filterable: boolean;
  /** The nodes were asked for the field's facet, from which the exact total follows. */
  readonly counted: boolean;
  /** null: that facet is the client's question as well as the router's. */
  readonly ownFacet: OwnFacet | null;
  /** A search by vector alone: the engine looks no further than the page, although pages are to be counted exactly. */
  readonly estimated?: boolean;
}

/** Is every value counted once, however far the page reaches? */
export function countsValues({ paging, distinct }: Pick<MergeSpec, "paging" | "distinct">): boolean {
  return paging.mode === "page" && distinct?.estimated !== true;
}

/** Is what ties with the last hit kept as well? Where each value is counted once, it is wherever the engine stopped to look. */
export function countsTies(spec: Pick<MergeSpec, "paging" | "distinct" | "facets">): boolean {
  return !countsValues(spec) || spec.facets !== null;
}

/** The part of the merged list that is the client's page: `[from, to)`. */
export function pageWindow(paging: Paging, maxTotalHits: number): { readonly from: number; readonly to: number } {
  const { from, count } = unlimitedWindow(paging);
  return { from, to: Math.min(from + count, maxTotalHits) };
}

/** How many hits each node is asked for, so that with all its pins in front none is missing that the page may need. */
export function hitsAsked({ paging, maxTotalHits, pins }: Pick<MergeSpec, "paging" | "maxTotalHits" | "pins">): number {
  const { to } = pageWindow(paging, maxTotalHits);
  return to === 0 || pins === undefined ? to : to + pins.table.most;
}

/**
 * Does the engine stop looking once it has the hits of the page? What it has not looked at then counts, whatever its
 * score. In page mode it goes on, to count exactly, but never further than hits can be paged.
 */
export function stopsWhenFull({ paging, maxTotalHits }: Pick<MergeSpec, "paging" | "maxTotalHits">): boolean {
  return paging.mode === "offset" || pageWindow(paging, maxTotalHits).to === maxTotalHits;
}

function unlimitedWindow(paging: Paging): { readonly from: number; readonly count: number } {
  if (paging.mode === "offset") return { from: paging.offset, count: paging.limit };
  if (paging.page === 0) return { from: 0, count: 0 };
  return { from: (paging.page - 1) * paging.hitsPerPage, count: paging.hitsPerPage };
}
