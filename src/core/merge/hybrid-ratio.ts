/** How much words and meaning count in a hybrid search, in the engine's own numbers. */

/** What each side's scores are multiplied by: 32-bit numbers. */
export interface HybridRatio {
  readonly keyword: number;
  readonly semantic: number;
}

/** `semanticRatio`: as in a request; undefined: the engine's default. */
export function hybridRatio(semanticRatio: number | undefined): HybridRatio {
  const semantic = Math.fround(semanticRatio ?? SEMANTIC_RATIO);
  return { semantic, keyword: Math.fround(1 - semantic) };
}

/** Can `wanted` keyword hits be so good that the engine does without the vectors? None always are. */
export function mayBeGoodEnough(ratio: HybridRatio, wanted: number): boolean {
  return wanted === 0 || ratio.keyword >= GOOD_ENOUGH_SCORE;
}

/** What the weighted score of every keyword hit must reach so that no vector is looked at. */
export const GOOD_ENOUGH_SCORE = 0.45;
const SEMANTIC_RATIO = 0.5;
