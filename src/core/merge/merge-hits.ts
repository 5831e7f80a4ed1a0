/**
 * The k-way merge: takes the best of the answers' first unread hits again and again until the client's page is full.
 * Only hits that get so far are ever scanned, and only those on the page are rendered.
 */
import type { AnswerList } from "./answer-list.ts";
import { createDistinctFilter, type DistinctVerdict } from "./distinct.ts";
import { createTally, type DistinctOpening, type DistinctSegment, type DistinctTally } from "./distinct-tally.ts";
import { createHitCursor, type Hit, type HitCursor } from "./hit-cursor.ts";
import type { MergeStrategy } from "./merge-strategy.ts";

export interface MergeHitsInput<Key> {
  readonly lists: readonly AnswerList[];
  readonly strategy: MergeStrategy<Key>;
  readonly from: number;
  readonly to: number;
  readonly distinct: string | null;
  /** Hits that are passed over, as they have places of their own; absent: none. */
  readonly apart?: (hit: Hit) => boolean;
  /** Where nodes can be asked on for what their lists, each distinct in itself, do not show. */
  readonly ask?: DistinctAsk;
}

export interface DistinctAsk {
  /** How many hits each node was asked for. */
  readonly asked: number;
  /** Does everything count that ties with the last hit of the page? */
  readonly ties: boolean;
  /** What has been asked on already, in the order in which it was. */
  readonly segments: readonly DistinctSegment[];
  /** May they be asked again? The merge stops where that is necessary. */
  readonly more: boolean;
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
  /** Hits behind the page that count because they tie with its last one, where that was asked for. */
  readonly behind: readonly Hit[];
  /** Hits taken, those in front of the page included. */
  readonly taken: number;
  /** How many of those in front of the page stood in each answer. */
  readonly skipped: readonly number[];
  /** Hits passed over because their distinct value was there already. */
  readonly rejected: number;
  /** null: without a distinct attribute. */
  readonly tally: DistinctTally | null;
}

/** An answer turned out not to be one: its position. */
export interface GarbledAnswer {
  readonly kind: "garbage";
  readonly answer: number;
}

export function mergeHits<Key>(input: MergeHitsInput<Key>): MergedHits<Key> | GarbledAnswer {
  const { strategy, from, to, ask } = input;
  const distinct = input.distinct === null ? null : createDistinctFilter(input.distinct, false);
  const tally = createTally(input.lists.length);
  const page: MergedHit<Key>[] = [];
  const heads: Head<Key>[] = [];
  const sources = input.lists.map((list, answer) => createSource<Key>(list, answer, ask));
  const advance = (source: Source<Key>): GarbledAnswer | null => {
    const head = readHead(source, strategy, input);
    if (head === "garbage") return { kind: "garbage", answer: source.answer };
    if (head === "cut") tally.cut(source.answer);
    else if (head !== null) insert(heads, head, strategy);
    return null;
  };
  for (const source of to === 0 ? [] : sources) {
    const garbled = advance(source);
    if (garbled !== null) return garbled;
  }
  const skipped = input.lists.map(() => 0);
  const behind: Hit[] = [];
  let taken = 0;
  let last: Key | undefined;
  let open: DistinctOpening | null = null;
  while (heads.length > 0) {
    // The engine looks at everything that ties with the last hit of the page, as it has no rule to part it.
    if (taken === to && !(ask?.ties === true && strategy.tied?.(heads[0]!.key, last!) === true)) break;
    const best = heads.shift()!;
    best.source.used += 1;
    best.source.last = best.key;
    const verdict = distinct?.judge(best.hit) ?? ADMITTED;
    if (distinct !== null) tally.note(best.source.answer, verdict);
    if (verdict.admitted && taken < to) {
      if (taken < from) skipped[best.source.answer]! += 1;
      else page.push({ hit: best.hit, key: best.key, answer: best.source.answer });
      taken += 1;
      last = best.key;
      if (taken === to && ask?.ties !== true) break;
    } else if (verdict.admitted) behind.push(best.hit);
    const garbled = advance(best.source);
    if (garbled !== null) return garbled;
    if (ask?.more === true && ((verdict.hides && !best.source.whole) || tally.share(best.source.answer).cut)) {
      open = openingOf(sources, best.source);
      break;
    }
  }
  return {
    kind: "merged",
    page,
    behind,
    taken,
    skipped,
    rejected: distinct?.rejected() ?? 0,
    tally: distinct === null ? null : tally.end(taken === to, open),
  };
}

/** Whose list has ended has nothing more to tell, unless it has passed over documents for a value nobody kept. */
function openingOf<Key>(sources: readonly Source<Key>[], opener: Source<Key>): DistinctOpening {
  const asked = sources.filter((source) => !source.ended || source === opener);
  return { used: sources.map(({ used }) => used), answers: asked.map(({ answer }) => answer) };
}

const ADMITTED: DistinctVerdict = { admitted: true, values: [], hides: false };

/** One answer's hits: its own list and then those it was asked on for. */
interface Source<Key> {
  readonly answer: number;
  cursor: HitCursor;
  /** Hits read and hits used of the current list. */
  read: number;
  used: number;
  asked: number;
  /** The next segment that may replace the list. */
  segment: number;
  /** The key of the last hit used. */
  last: Key | undefined;
  /** Did the list end before the node had to stop? */
  ended: boolean;
  /** Are documents in the list that share a value? */
  whole: boolean;
}

interface Head<Key> {
  readonly source: Source<Key>;
  readonly position: number;
  readonly hit: Hit;
  readonly key: Key;
}

function createSource<Key>(list: AnswerList, answer: number, ask: DistinctAsk | undefined): Source<Key> {
  const asked = ask?.asked ?? Number.POSITIVE_INFINITY;
  const cursor = createHitCursor(list);
  return { answer, cursor, read: 0, used: 0, asked, segment: 0, last: undefined, ended: false, whole: false };
}

function readHead<Key>(
  source: Source<Key>,
  strategy: MergeStrategy<Key>,
  { ask, apart }: Pick<MergeHitsInput<Key>, "ask" | "apart">,
): Head<Key> | null | "garbage" | "cut" {
  for (;;) {
    follow(source, ask?.segments ?? []);
    const hit = source.cursor.next();
    if (hit === "garbage") return hit;
    if (hit === null) {
      source.ended = source.read < source.asked;
      return source.ended ? null : "cut";
    }
    const position = source.read;
    source.read += 1;
    if (apart?.(hit) === true) continue;
    const key = strategy.readKey(hit, position);
    if (key === null) return "garbage";
    if (strategy.accepts?.(key) === false) continue;
    // A list that was asked for later begins with documents without a value that have been used already.
    if (source.segment > 0 && source.last !== undefined && strategy.compare(key, source.last) <= 0) {
      source.used += 1;
      continue;
    }
    return { source, position, hit, key };
  }
}

/** Changes to the list that was asked for at this very point. */
function follow<Key>(source: Source<Key>, segments: readonly DistinctSegment[]): void {
  while (source.segment < segments.length) {
    const { used, lists, asked, whole } = segments[source.segment]!;
    const list = lists[source.answer];
    if (list !== null && list !== undefined) {
      if (used[source.answer] !== source.used) return;
      source.cursor = createHitCursor(list);
      source.read = 0;
      source.used = 0;
      source.asked = asked;
      source.whole = whole;
    }
    source.segment += 1;
  }
}

/** Keeps the heads in order; there are as many as answers, so a plain list is the fastest thing. */
function insert<Key>(heads: Head<Key>[], head: Head<Key>, strategy: MergeStrategy<Key>): void {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = heads[middle]!;
    const difference = strategy.compare(head.key, other.key) || head.source.answer - other.source.answer;
    if (difference < 0) high = middle;
    else low = middle + 1;
  }
  heads.splice(low, 0, head);
}
