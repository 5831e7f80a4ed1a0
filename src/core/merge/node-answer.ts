/**
 * What a node answered to a search: its hits, unread, and everything behind them. The engine writes `hits` first and
 * `query` right behind it, and nothing behind that has a list in front of a member called `query`; a raw quote cannot
 * stand inside a JSON string. So the last `],"query":` of the text is where the hits end. Where an answer is laid out
 * in another way it is read member by member instead.
 */
import { CLOSE_BRACKET, COMMA, decodeKey, endOfValue, MALFORMED, readObject, skipSpace } from "../json/scan.ts";

export interface NodeAnswer {
  readonly text: string;
  /** First unit of the first hit, or the closing bracket of an empty list. */
  readonly hitsStart: number;
  /** The closing bracket of the hits. */
  readonly hitsEnd: number;
  readonly processingTimeMs: number;
  /** Whichever of the two totals the paging mode has. */
  readonly total: number;
  /** JSON text, or null where the member is absent. */
  readonly query: string;
  readonly queryVector: string | null;
  readonly facetDistribution: string | null;
  readonly facetStats: string | null;
  readonly performanceDetails: string | null;
  readonly semanticHitCount: number | null;
}

/** null: this is not the answer of an engine to a search. */
export function readNodeAnswer(text: string): NodeAnswer | null {
  const hits = quickBounds(text) ?? slowBounds(text);
  if (hits === null) return null;
  const members = new Map<string, string>();
  if (!collect(text, hits.tail, members)) return null;
  const query = members.get("query");
  const total = readCount(members.get("estimatedTotalHits") ?? members.get("totalHits"));
  const processingTimeMs = readCount(members.get("processingTimeMs"));
  if (query === undefined || total === null || processingTimeMs === null) return null;
  return {
    text,
    hitsStart: hits.start,
    hitsEnd: hits.end,
    processingTimeMs,
    total,
    query,
    queryVector: members.get("queryVector") ?? null,
    facetDistribution: members.get("facetDistribution") ?? null,
    facetStats: members.get("facetStats") ?? null,
    performanceDetails: members.get("performanceDetails") ?? null,
    semanticHitCount: readCount(members.get("semanticHitCount")),
  };
}

interface HitBounds {
  readonly start: number;
  readonly end: number;
  /** Member bounds of everything but the hits, as `readObject` gives them. */
  readonly tail: readonly number[];
}

function quickBounds(text: string): HitBounds | null {
  if (!text.startsWith(HEAD)) return null;
  const end = text.lastIndexOf(TAIL);
  if (end < HEAD.length) return null;
  const tail: number[] = [];
  if (!readTail(text, end + 2, tail)) return null;
  return { start: HEAD.length, end, tail };
}

/** The members behind the hits; `at` is the opening quote of the first key. */
function readTail(text: string, at: number, bounds: number[]): boolean {
  let i = at;
  for (;;) {
    const keyEnd = text.indexOf('"', i + 1);
    if (keyEnd === -1 || text.charCodeAt(keyEnd + 1) !== COLON) return false;
    const end = endOfValue(text, keyEnd + 2);
    if (end === MALFORMED) return false;
    bounds.push(i, keyEnd, keyEnd + 2, end);
    const unit = text.charCodeAt(end);
    if (unit === CLOSE_BRACE) return skipSpace(text, end + 1) === text.length;
    if (unit !== COMMA || text.charCodeAt(end + 1) !== QUOTE) return false;
    i = end + 1;
  }
}

/** For an answer in another layout: every member is found, hits and all. */
function slowBounds(text: string): HitBounds | null {
  const bounds: number[] = [];
  const end = readObject(text, skipSpace(text, 0), bounds);
  if (end === MALFORMED || skipSpace(text, end) !== text.length) return null;
  for (let i = 0; i < bounds.length; i += 4) {
    if (decodeKey(text, bounds[i]!, bounds[i + 1]!) !== "hits") continue;
    const value = bounds[i + 2]!;
    const close = bounds[i + 3]! - 1;
    if (text.charCodeAt(close) !== CLOSE_BRACKET) return null;
    bounds.splice(i, 4);
    return { start: skipSpace(text, value + 1), end: close, tail: bounds };
  }
  return null;
}

function collect(text: string, bounds: readonly number[], into: Map<string, string>): boolean {
  for (let i = 0; i < bounds.length; i += 4) {
    const key = decodeKey(text, bounds[i]!, bounds[i + 1]!);
    if (key === undefined) return false;
    into.set(key, text.slice(bounds[i + 2]!, bounds[i + 3]!));
  }
  return true;
}

function readCount(text: string | undefined): number | null {
  if (text === undefined || !/^\d+$/.test(text)) return null;
  return Number(text);
}

const HEAD = '{"hits":[';
const TAIL = '],"query":';
const QUOTE = 0x22;
const COLON = 0x3a;
const CLOSE_BRACE = 0x7d;
