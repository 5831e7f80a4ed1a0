/**
 * Federates ranked lists as the engine does: the lists of one index first, in which a document counts where it comes
 * first, then the indexes, in the order of their names. Whoever is equal goes by the position of the query.
 */
import { createDistinctFilter, type DistinctFilter } from "./distinct.ts";
import { createHeap } from "./federate-heap.ts";
import { createHitCursor, memberText, type Hit, type HitCursor } from "./hit-cursor.ts";
import type { AnswerList } from "./answer-list.ts";
import { isPinned, pinPosition } from "./pinned-hits.ts";
import { placeByPosition, type Placed } from "./place-pins.ts";
import { DETAILS_FIELD, SCORE_FIELD } from "./render-hit.ts";
import { compareWeightedScores, readWeightedScore, type WeightedScore } from "./weighted-scores.ts";
import { SEQUENCE_FIELD } from "../markers/fields.ts";

export interface FederatedList {
  readonly indexUid: string;
  /** Position of the query. */
  readonly position: number;
  readonly weight: number;
  readonly hits: AnswerList;
  /** May search rules have pinned some of them? Absent: no. */
  readonly hasPins?: boolean;
}

export interface FederatedHit {
  readonly hit: Hit;
  readonly indexUid: string;
  readonly position: number;
  readonly score: WeightedScore;
}

export interface FederateHitsInput {
  readonly lists: readonly FederatedList[];
  /** How many hits each index may give. */
  readonly depthOf: (indexUid: string) => number;
  readonly from: number;
  readonly to: number;
  /** The attribute of which each value may be seen once over all indexes. */
  readonly distinct: string | null;
}

export interface FederatedHits {
  /** The hits of `[from, to)`. */
  readonly page: readonly FederatedHit[];
  /** Hits passed over because their distinct value was there already, with how often per index. */
  readonly rejected: readonly FederatedHit[];
  /** The hits of which those by meaning are counted. */
  readonly counted: readonly FederatedHit[];
}

/** null: a list is not one of hits with scores. */
export function federateHits(input: FederateHitsInput): FederatedHits | null {
  const rejected: FederatedHit[] = [];
  const indexes = [...new Set(input.lists.map(({ indexUid }) => indexUid))].sort();
  const perIndex: (readonly FederatedHit[])[] = [];
  const pins: Placed<FederatedHit>[] = [];
  for (const indexUid of indexes) {
    const merged = federateIndex(input, indexUid, rejected);
    if (merged === null) return null;
    perIndex.push(merged.organic);
    pins.push(...merged.pins);
  }
  const distinct = input.distinct === null ? null : createDistinctFilter(input.distinct);
  const heads = createHeap<Head>(
    goesFirst,
    perIndex.map((hits) => listHead(hits, 0)).filter((head) => head !== null),
  );
  // Where documents are pinned, the page is cut when these have their places.
  const from = pins.length === 0 ? input.from : 0;
  const page: FederatedHit[] = [];
  let taken = 0;
  // With distinct everything is looked at, since each rejected hit is taken off the total.
  const end = distinct === null ? input.to : Number.MAX_SAFE_INTEGER;
  while (taken < end) {
    const hit = heads.next();
    if (hit === null) break;
    if (!admits(distinct, hit, rejected)) continue;
    if (taken >= from && taken < input.to) page.push(hit);
    taken += 1;
  }
  return { page: pins.length === 0 ? page : placeByPosition(page, pins, input).page, rejected, counted: page };
}

interface IndexHits {
  readonly organic: readonly FederatedHit[];
  /** In the order of their positions. */
  readonly pins: readonly Placed<FederatedHit>[];
}

function federateIndex(input: FederateHitsInput, indexUid: string, rejected: FederatedHit[]): IndexHits | null {
  const depth = input.depthOf(indexUid);
  const heads: Head[] = [];
  const pins: Placed<FederatedHit>[] = [];
  let garbage = false;
  for (const list of input.lists) {
    if (list.indexUid !== indexUid) continue;
    pins.push(...pinsOf(list));
    const head = cursorHead(list, createHitCursor(list.hits), () => {
      garbage = true;
    });
    if (head !== null) heads.push(head);
  }
  const heap = createHeap<Head>(goesFirst, heads);
  const distinct = input.distinct === null ? null : createDistinctFilter(input.distinct);
  const seen = new Set<string>();
  const merged: FederatedHit[] = [];
  while (merged.length < depth) {
    const hit = heap.next();
    if (hit === null) break;
    const document = memberText(hit.hit, SEQUENCE_FIELD);
    if (document !== null && seen.has(document)) continue;
    if (document !== null) seen.add(document);
    if (admits(distinct, hit, rejected)) merged.push(hit);
  }
  if (garbage) return null;
  if (pins.length === 0) return { organic: merged, pins };
  // What an index gives to the federation ends where its own list would.
  const { page } = placeByPosition<FederatedHit | Placed<FederatedHit>>(
    merged,
    pins.map((pin) => ({ hit: pin, position: pin.position })),
    { from: 0, to: depth },
  );
  const organic: FederatedHit[] = [];
  const placed: Placed<FederatedHit>[] = [];
  for (const one of page) {
    if ("score" in one) organic.push(one);
    else placed.push(one);
  }
  return { organic, pins: placed };
}

/** The pinned hits of one query. A document may be pinned by several, and then it is shown for each. */
function pinsOf(list: FederatedList): readonly Placed<FederatedHit>[] {
  const { indexUid, position, weight, hits } = list;
  const pins: Placed<FederatedHit>[] = [];
  const cursor = createHitCursor(hits);
  // Without a rule no hit is read twice.
  for (let hit = list.hasPins === true ? cursor.next() : null; hit !== null && hit !== "garbage"; hit = cursor.next()) {
    const place = pinPosition(hit);
    const score = place === null ? null : scoreOf(hit, weight);
    if (place !== null && score !== null) pins.push({ hit: { hit, indexUid, position, score }, position: place });
  }
  return pins;
}

function admits(distinct: DistinctFilter | null, hit: FederatedHit, rejected: FederatedHit[]): boolean {
  if (distinct === null || distinct.admits(hit.hit)) return true;
  rejected.push(hit);
  return false;
}

/** The first unread hit of a list, and how to get at the one behind it. */
interface Head {
  readonly value: FederatedHit;
  next(): Head | null;
}

function goesFirst(a: Head, b: Head): boolean {
  const difference = compareWeightedScores(a.value.score, b.value.score);
  return difference < 0 || (difference === 0 && a.value.position < b.value.position);
}

function listHead(hits: readonly FederatedHit[], at: number): Head | null {
  const value = hits[at];
  return value === undefined ? null : { value, next: () => listHead(hits, at + 1) };
}

function cursorHead(list: FederatedList, cursor: HitCursor, onGarbage: () => void): Head | null {
  let hit = cursor.next();
  while (list.hasPins === true && hit !== null && hit !== "garbage" && isPinned(hit)) hit = cursor.next();
  if (hit === null) return null;
  const score = hit === "garbage" ? null : scoreOf(hit, list.weight);
  if (hit === "garbage" || score === null) {
    onGarbage();
    return null;
  }
  const { indexUid, position } = list;
  return { value: { hit, indexUid, position, score }, next: () => cursorHead(list, cursor, onGarbage) };
}

function scoreOf(hit: Hit, weight: number): WeightedScore | null {
  const details = memberText(hit, DETAILS_FIELD);
  const score = Number(memberText(hit, SCORE_FIELD) ?? Number.NaN);
  return details === null || Number.isNaN(score) ? null : readWeightedScore(details, score, weight);
}
