/**
 * The k-way merge: takes the best of the answers' first unread hits again and again until the client's page is full.
 * Only hits that get so far are ever scanned, and only those on the page are rendered.
 */
import type { AnswerList } from "./answer-list.ts";
import { createDistinctFilter } from "./distinct.ts";
import { createHitCursor, type Hit, type HitCursor } from "./hit-cursor.ts";
import type { MergeStrategy } from "./merge-strategy.ts";

export interface MergeHitsInput<Key> {
  readonly lists: readonly AnswerList[];
  readonly strategy: MergeStrategy<Key>;
  readonly from: number;
  readonly to: number;
  readonly distinct: string | null;
}

export interface MergedHit<Key> {
  readonly hit: Hit;
  readonly key: Key;
  /** Which answer it stood in. */
  readonly answer: number;
}

export interface MergedHits<Key> {
  readonly kind: "merged";
  /** The hits of `[from, to)`. */
  readonly page: readonly MergedHit<Key>[];
  /** Hits taken, those in front of the page included. */
  readonly taken: number;
  /** How many of those in front of the page stood in each answer. */
  readonly skipped: readonly number[];
  /** Hits passed over because their distinct value was there already. */
  readonly rejected: number;
}

/** An answer turned out not to be one: its position. */
export interface GarbledAnswer {
  readonly kind: "garbage";
  readonly answer: number;
}

export function mergeHits<Key>(input: MergeHitsInput<Key>): MergedHits<Key> | GarbledAnswer {
  const { strategy, from, to } = input;
  const distinct = input.distinct === null ? null : createDistinctFilter(input.distinct);
  const page: MergedHit<Key>[] = [];
  const heads: Head<Key>[] = [];
  for (const [answer, list] of input.lists.entries()) {
    if (to === 0) break;
    const head = readHead({ answer, position: 0, cursor: createHitCursor(list) }, strategy);
    if (head === "garbage") return { kind: "garbage", answer };
    if (head !== null) insert(heads, head, strategy);
  }
  const skipped = input.lists.map(() => 0);
  let taken = 0;
  while (taken < to) {
    const best = heads.shift();
    if (best === undefined) break;
    if (distinct === null || distinct.admits(best.hit)) {
      if (taken < from) skipped[best.answer]! += 1;
      else page.push({ hit: best.hit, key: best.key, answer: best.answer });
      taken += 1;
      if (taken === to) break;
    }
    const next = readHead({ answer: best.answer, position: best.position + 1, cursor: best.cursor }, strategy);
    if (next === "garbage") return { kind: "garbage", answer: best.answer };
    if (next !== null) insert(heads, next, strategy);
  }
  return { kind: "merged", page, taken, skipped, rejected: distinct?.rejected() ?? 0 };
}

interface Source {
  readonly answer: number;
  readonly position: number;
  readonly cursor: HitCursor;
}

interface Head<Key> extends Source {
  readonly hit: Hit;
  readonly key: Key;
}

function readHead<Key>(source: Source, strategy: MergeStrategy<Key>): Head<Key> | null | "garbage" {
  const hit = source.cursor.next();
  if (hit === null || hit === "garbage") return hit;
  const key = strategy.readKey(hit, source.position);
  return key === null ? "garbage" : { ...source, hit, key };
}

/** Keeps the heads in order; there are as many as answers, so a plain list is the fastest thing. */
function insert<Key>(heads: Head<Key>[], head: Head<Key>, strategy: MergeStrategy<Key>): void {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = heads[middle]!;
    const difference = strategy.compare(head.key, other.key) || head.answer - other.answer;
    if (difference < 0) high = middle;
    else low = middle + 1;
  }
  heads.splice(low, 0, head);
}
