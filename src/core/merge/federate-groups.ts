/**
 * The scores of a hit's runs of relevancy rules, when sort criteria part them. The engine composes ranks (`rank` of
 * `max`), but shows for some rules only their quotient, which hides the maximum it was divided by. The maxima follow
 * from the number of words; a choice is right when the whole composition gives the score that the engine shows.
 */
export type RankStep =
  | { readonly rule: string; readonly rank: number; readonly max: number }
  | { readonly rule: string; readonly score: number };

/** One score per run; `total` is the score of all runs together. */
export function groupScores(runs: readonly (readonly RankStep[])[], total: number): readonly number[] {
  if (runs.length < 2) return runs.map(() => total);
  const steps = runs.flat();
  let nearest: readonly number[] = steps.map((step) => defaultMax(step, wordsOf(steps)));
  let error = Number.POSITIVE_INFINITY;
  for (const maxima of candidates(steps)) {
    const difference = Math.abs(compose(steps, maxima) - total);
    if (difference >= error) continue;
    error = difference;
    nearest = maxima;
    if (error <= TOLERANCE) break;
  }
  let from = 0;
  return runs.map((run) => {
    const score = compose(run, nearest.slice(from, from + run.length));
    from += run.length;
    return score;
  });
}

/** Ranks inside one rank divide it further: only its upper bound counts less what is missing to it. */
function compose(steps: readonly RankStep[], maxima: readonly number[]): number {
  let rank = 1;
  let max = 1;
  for (const [i, step] of steps.entries()) {
    const inner = maxima[i]!;
    rank = Math.max(0, rank - 1) * inner + ("rank" in step ? step.rank : Math.round(step.score * inner));
    max *= inner;
  }
  return rank / max;
}

/** Likely maxima first. The words that count are those of the best matching words, or any number of them. */
function* candidates(steps: readonly RankStep[]): Generator<readonly number[]> {
  const known = wordsOf(steps);
  const counts = [known, ...Array.from({ length: WORDS_MAX }, (_, i) => i + 1).filter((count) => count !== known)];
  const fractions = steps.map((step) => ("rank" in step ? 1 : denominator(step.score)));
  for (const proximityWords of counts) {
    for (const positionWords of proximityWords === known ? counts : [proximityWords]) {
      const maxima = steps.map((step) => defaultMax(step, step.rule === "proximity" ? proximityWords : positionWords));
      // A maximum is a multiple of what its quotient, in lowest terms, is divided by.
      if (maxima.some((max, i) => steps[i]!.rule !== "attribute" && max % fractions[i]! !== 0)) continue;
      yield* withAttributes(steps, maxima, fractions);
    }
  }
}

/** How many ranks the attributes have depends on the settings, so every multiple is possible. */
function* withAttributes(
  steps: readonly RankStep[],
  maxima: readonly number[],
  fractions: readonly number[],
): Generator<readonly number[]> {
  const at = steps.findIndex((step) => step.rule === "attribute");
  if (at === -1) {
    yield maxima;
    return;
  }
  for (let factor = 1; factor <= ATTRIBUTE_FACTOR_MAX; factor++) {
    yield maxima.with(at, fractions[at]! * factor);
  }
}

function defaultMax(step: RankStep, words: number): number {
  if ("rank" in step) return Math.max(1, step.max);
  if (step.rule === "proximity") return 1 + PROXIMITY_RANKS * (words - 1);
  if (step.rule === "position") return 1 + POSITION_RANKS * words;
  // From none of the words to all of them.
  if (step.rule === "exact") return 1 + words;
  return denominator(step.score);
}

function wordsOf(steps: readonly RankStep[]): number {
  const words = steps.find((step) => step.rule === "words");
  return words !== undefined && "rank" in words ? Math.max(1, words.rank) : 1;
}

/** Of the fraction in lowest terms that gives exactly this quotient, by continued fractions. */
function denominator(quotient: number): number {
  let rest = quotient;
  let [before, current] = [0, 1];
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    if (Math.round(quotient * current) / current === quotient) return current;
    const fraction = rest - Math.floor(rest);
    if (fraction === 0) break;
    rest = 1 / fraction;
    [before, current] = [current, Math.floor(rest) * current + before];
  }
  return Math.min(current, DENOMINATOR_MAX);
}

const TOLERANCE = 1e-12;
/** The engine considers so many words of a query. */
const WORDS_MAX = 10;
const PROXIMITY_RANKS = 3;
const POSITION_RANKS = 10;
const ATTRIBUTE_FACTOR_MAX = 200;
const DEPTH_MAX = 20;
const DENOMINATOR_MAX = 100_000;
