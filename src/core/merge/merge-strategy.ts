/** How hits of different nodes are put into one order. A strategy is data: a way to read a key, and to compare two. */
import { byScoreDetails } from "./by-score-details.ts";
import { readScoreDetails, type RankKey } from "./score-details.ts";

export interface MergeStrategy<Key> {
  readonly name: MergeStrategyName;
  /** null: the node's answer is not what the engine writes. `position` is the hit's place in its node's list. */
  readonly readKey: (hit: { readonly detailsText: string; readonly position: number }) => Key | null;
  /** Negative: `a` goes first. Equal keys are ordered by the position of the answer. */
  readonly compare: (a: Key, b: Key) => number;
}

export type MergeStrategyName = "details" | "score" | "rrf" | "dfs";

/** Exact: compares what the engine says about each document, rule by rule. */
export const detailsStrategy: MergeStrategy<RankKey> = {
  name: "details",
  readKey: ({ detailsText }) => readScoreDetails(detailsText),
  compare: byScoreDetails,
};
