/**
 * Which documents match a query exactly, judged by the words of all shards. A node tests a query without the words at
 * its end that it has never seen; where another node has seen them, the whole query is tested on one engine, and no
 * document of the first node can match it exactly.
 */
import { splitAnswer } from "../merge/answer-list.ts";
import { byScoreDetails } from "../merge/by-score-details.ts";
import { createHitCursor, memberText, type Hit } from "../merge/hit-cursor.ts";
import type { NodeAnswer } from "../merge/node-answer.ts";
import { withPlace } from "../merge/rank-key.ts";
import { createMemberWriter, DETAILS_FIELD } from "../merge/render-hit.ts";
import { readScoreDetails, type RankKey } from "../merge/score-details.ts";

/** What a node tests, seen from all nodes. */
export interface UnseenWords {
  /** How many words from the beginning of the query the node tests. */
  readonly tested: number;
  /** A document that counts more words than this is tested for a word too few. */
  readonly upTo: number;
}

/** Both: how many documents contain each word as it is written; null: the node tests what one engine would. */
export function unseenWords(own: readonly number[], all: readonly number[]): UnseenWords | null {
  const tested = own.findLastIndex((count) => count > 0) + 1;
  if (tested === 0 || tested === own.length) return null;
  const seenElsewhere = all.findIndex((count, word) => word >= tested && count > 0);
  return seenElsewhere === -1 ? null : { tested, upTo: seenElsewhere };
}

/** The answer with the exactness that one engine would find, in the order that follows. null: it is not an answer. */
export function withExactness(answer: NodeAnswer, unseen: UnseenWords, words: number): NodeAnswer | null {
  const cursor = createHitCursor(answer.hits);
  const ranked: Ranked[] = [];
  let changed = false;
  for (;;) {
    const hit = cursor.next();
    if (hit === "garbage") return null;
    if (hit === null) break;
    const text = memberText(hit, DETAILS_FIELD);
    const details = text === null ? null : corrected(text, unseen, words);
    const rules = text === null ? null : readScoreDetails(details ?? text);
    if (rules === null) return null;
    changed ||= details !== null;
    ranked.push({ key: withPlace(rules, hit), text: textOf(hit, details) });
  }
  if (!changed) return answer;
  const texts = ranked.toSorted((a, b) => byScoreDetails(a.key, b.key)).map(({ text }) => text);
  return { ...answer, hits: splitAnswer(`{"hits":[${texts.join(",")}],"query":""}`, "hits", "query")! };
}

interface Ranked {
  readonly key: RankKey;
  readonly text: string;
}

type Details = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** null: they stay as they are. */
function corrected(text: string, { tested, upTo }: UnseenWords, words: number): string | null {
  const details = JSON.parse(text) as Details;
  const { exactness } = details;
  if (exactness === undefined || exactness["matchType"] === "noExactMatch") return null;
  const matching = details["words"]?.["matchingWords"] ?? words;
  if (typeof matching !== "number" || matching <= upTo) return null;
  const { order } = exactness;
  const score = (tested + 1) / (matching + 1) / MATCH_TYPES;
  const inexact = { order, matchType: "noExactMatch", matchingWords: tested, maxMatchingWords: matching, score };
  return JSON.stringify({ ...details, exactness: inexact });
}

function textOf({ text, bounds }: Hit, details: string | null): string {
  const writer = createMemberWriter(text);
  for (let i = 0; i < bounds.length; i += 4) {
    const isDetails = details !== null && text.slice(bounds[i]! + 1, bounds[i + 1]) === DETAILS_FIELD;
    if (isDetails) writer.replace(bounds, i, details);
    else writer.keep(bounds, i);
  }
  return writer.end();
}

/** Exact, beginning, none. */
const MATCH_TYPES = 3;
