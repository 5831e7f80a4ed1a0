/**
 * Puts a node's answers to the levels of a frequency search together into the one that it would have given had it
 * known the frequencies of all shards. A document stands where the fewest words are missing; what the engine says
 * about words, and the score that follows from it, is added.
 */
import { splitAnswer, type AnswerList } from "../merge/answer-list.ts";
import { byScoreDetails } from "../merge/by-score-details.ts";
import { createHitCursor, lastMember, memberText, type Hit } from "../merge/hit-cursor.ts";
import type { NodeAnswer } from "../merge/node-answer.ts";
import { withPlace } from "../merge/rank-key.ts";
import { DETAILS_FIELD, SCORE_FIELD } from "../merge/render-hit.ts";
import { readScoreDetails, type RankKey } from "../merge/score-details.ts";
import { SEQUENCE_RULE } from "../markers/fields.ts";
import type { FrequencyLevel, FrequencyLevels } from "./frequency-plan.ts";

export interface FrequencyAnswerInput {
  readonly levels: FrequencyLevels;
  /** One for each level. */
  readonly answers: readonly NodeAnswer[];
  /** Where the rule about words stands among those of the query. */
  readonly wordsOrder: number;
  readonly depth: number;
}

/** null: one of the answers is not one. */
export function frequencyAnswer({ levels, answers, wordsOrder, depth }: FrequencyAnswerInput): NodeAnswer | null {
  const best = new Map<string, Ranked>();
  for (const [position, level] of levels.levels.entries()) {
    const cursor = createHitCursor(answers[position]!.hits);
    for (;;) {
      const hit = cursor.next();
      if (hit === "garbage") return null;
      if (hit === null) break;
      const ranked = rank(hit, level, levels.maxMatchingWords, wordsOrder);
      if (ranked === null) return null;
      const known = best.get(ranked.document);
      if (known === undefined || byScoreDetails(ranked.key, known.key) < 0) best.set(ranked.document, ranked);
    }
  }
  const ordered = [...best.values()].sort((a, b) => byScoreDetails(a.key, b.key)).slice(0, depth);
  const widest = answers.at(-1)!;
  const hits = listOf(ordered.map(({ text }) => text));
  return { ...widest, hits, processingTimeMs: Math.max(...answers.map(({ processingTimeMs }) => processingTimeMs)) };
}

/** The place of the rule about words among the rules of a hit; null: it has none. */
export function wordsOrderOf({ hits }: NodeAnswer): number | null {
  const hit = createHitCursor(hits).next();
  if (hit === null || hit === "garbage") return null;
  const order = /"words":\{"order":(\d+)/.exec(memberText(hit, DETAILS_FIELD) ?? "")?.[1];
  return order === undefined ? null : Number(order);
}

interface Ranked {
  readonly document: string;
  readonly key: RankKey;
  readonly text: string;
}

function rank(hit: Hit, level: FrequencyLevel, maxMatchingWords: number, wordsOrder: number): Ranked | null {
  const text = memberText(hit, DETAILS_FIELD);
  const details = text === null ? null : withWords(text, level, maxMatchingWords, wordsOrder);
  const rules = details === null ? null : readScoreDetails(details);
  const key = rules === null ? null : withPlace(rules, hit);
  const document = key?.findLast((rule) => rule?.name === SEQUENCE_RULE)?.text ?? null;
  if (details === null || key === null || document === null) return null;
  return { document, key, text: withScore(hit, details, level.matchingWords, maxMatchingWords) };
}

interface Detail {
  readonly order: number;
  readonly matchType?: string;
}

/** The rules behind the words stand one place further back, as they would if words could be missing. */
function withWords(text: string, level: FrequencyLevel, maxMatchingWords: number, wordsOrder: number): string {
  const { matchingWords } = level;
  const words = { order: wordsOrder, matchingWords, maxMatchingWords, score: matchingWords / maxMatchingWords };
  const rules = Object.entries(JSON.parse(text) as Record<string, Detail>).map(([name, detail]): [string, Detail] => {
    const order = detail.order >= wordsOrder ? detail.order + 1 : detail.order;
    return [name, name === "exactness" && level.hole ? untested(detail, order, level.words) : { ...detail, order }];
  });
  return JSON.stringify(Object.fromEntries([["words", words], ...rules]));
}

/** A document that matches exactly has every word exactly. */
function untested(detail: Detail, order: number, words: number): Detail {
  if (detail.matchType === "noExactMatch") return { ...detail, order };
  const counts = { matchingWords: words, maxMatchingWords: words, score: 1 / EXACT_RANKS };
  return { order, matchType: "noExactMatch", ...counts };
}

/** Exact, beginning, none. */
const EXACT_RANKS = 3;

function withScore({ text, bounds }: Hit, details: string, matchingWords: number, maxMatchingWords: number): string {
  const score = lastMember(text, bounds, SCORE_FIELD);
  const detail = lastMember(text, bounds, DETAILS_FIELD);
  const members: string[] = [];
  for (let i = 0; i < bounds.length; i += 4) {
    const head = text.slice(bounds[i], bounds[i + 2]);
    if (i === detail) members.push(head + details);
    else if (i === score) {
      const inner = Number(text.slice(bounds[i + 2], bounds[i + 3]));
      members.push(head + String((matchingWords - 1 + inner) / maxMatchingWords));
    } else members.push(text.slice(bounds[i], bounds[i + 3]));
  }
  return `{${members.join(",")}}`;
}

function listOf(hits: readonly string[]): AnswerList {
  return splitAnswer(`{"hits":[${hits.join(",")}],"query":""}`, "hits", "query")!;
}
