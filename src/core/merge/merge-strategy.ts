/** How hits of different nodes are put into one order. A strategy is data: a way to read a key, and to compare two. */
import { byScoreDetails, tiedOnVisibleRules } from "./by-score-details.ts";
import type { Hit } from "./hit-cursor.ts";
import { readRankKey } from "./rank-key.ts";
import type { RankKey } from "./score-details.ts";

export interface MergeStrategy<Key> {
  /** null: the hit is not what the engine writes. `position` is its place in its node's list. */
  readonly readKey: (hit: Hit, position: number) => Key | null;
  /** Negative: `a` goes first. Equal keys are ordered by the position of the answer. */
  readonly compare: (a: Key, b: Key) => number;
  /** Hits for which this is false are passed over; absent: none. */
  readonly accepts?: (key: Key) => boolean;
  /** Are two documents equal on every rule that the client's index has? */
  readonly tied?: (a: Key, b: Key) => boolean;
}

/** Exact: compares what the engine says about each document, rule by rule. */
export const detailsStrategy: MergeStrategy<RankKey> = {
  readKey: readRankKey,
  compare: byScoreDetails,
  tied: tiedOnVisibleRules,
};
