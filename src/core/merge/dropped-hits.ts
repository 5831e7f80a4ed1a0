/**
 * Which documents a score threshold has taken out before the page was full. Where a field decides in front of a rule
 * about relevancy, documents that are not good enough stand between others; the engine stops with the page, and those it
 * has met until then do not count, while everything behind counts whatever its score.
 */
import type { Hit } from "./hit-cursor.ts";
import { memberText } from "./hit-cursor.ts";
import { mergeHits } from "./merge-hits.ts";
import { isPinned } from "./pinned-hits.ts";
import type { NodeAnswer } from "./node-answer.ts";
import { SCORE_FIELD } from "./render-hit.ts";
import type { MergeStrategy } from "./merge-strategy.ts";

export interface DroppedHitsInput<Key> {
  /** To the search without its threshold. */
  readonly answers: readonly NodeAnswer[];
  readonly strategy: MergeStrategy<Key>;
  /** How many hits each node was asked for. */
  readonly asked: number;
  readonly threshold: number;
  /** Where the page ends: behind so many hits that are good enough, or behind the hit with this key. */
  readonly end: { readonly accepted: number } | { readonly key: Key };
}

/** null: a list ended too early to tell. */
export function droppedHits<Key>(input: DroppedHitsInput<Key>): readonly Hit[] | null {
  const { answers, strategy, asked, threshold, end } = input;
  // For an empty page the engine looks at nothing.
  if ("accepted" in end && end.accepted === 0) return [];
  const lists = answers.map(({ hits }) => hits);
  const merged = mergeHits({ lists, strategy, from: 0, to: asked * lists.length, distinct: null, apart: isPinned });
  if (merged.kind === "garbage") return null;
  const used = lists.map(() => 0);
  const dropped: Hit[] = [];
  let accepted = 0;
  for (const { hit, key, answer } of merged.page) {
    if ("key" in end && strategy.compare(key, end.key) > 0) return dropped;
    const score = Number(memberText(hit, SCORE_FIELD) ?? Number.NaN);
    if (score < threshold) dropped.push(hit);
    else accepted += 1;
    if ("accepted" in end && accepted === end.accepted) return dropped;
    used[answer]! += 1;
    if (used[answer] === asked) return null;
  }
  return "key" in end ? dropped : null;
}
