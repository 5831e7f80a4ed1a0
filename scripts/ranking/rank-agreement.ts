/**
 * How near a merged list comes to the list of a single node. Kendall's tau over both lists together: a document that only
 * one of them shows stands behind everything in the other. Pairs that the single node itself judges equal count for
 * neither side, as their order is nobody's merit.
 */

export interface Ranked {
  readonly id: number;
  /** Equal texts: the single node judges the documents equal. */
  readonly judgement: string;
}

export interface Agreement {
  /** 1: the same order; 0: none at all; -1: the opposite. */
  readonly tau: number;
  /** Are the first ten the same documents in the same order? */
  readonly top10: boolean;
  /** The first place at which another document stands; null: none. */
  readonly firstDifference: number | null;
}

export interface Depth {
  /** Length of the lists that are compared. */
  readonly compared: number;
}

/** `whole` may be longer than what is compared, so that the places of what only the merged list shows are known. */
export function agreement(whole: readonly Ranked[], merged: readonly number[], { compared }: Depth): Agreement {
  const wanted = whole.slice(0, compared).map(({ id }) => id);
  const given = merged.slice(0, compared);
  const length = Math.max(wanted.length, given.length);
  const first = Array.from({ length }, (_unused, place) => place).find((place) => wanted[place] !== given[place]);
  return {
    tau: first === undefined ? 1 : tau(whole, wanted, given),
    top10: first === undefined || first >= Math.min(10, length),
    firstDifference: first ?? null,
  };
}

function tau(whole: readonly Ranked[], wanted: readonly number[], given: readonly number[]): number {
  const places = new Map(whole.map(({ id }, place) => [id, place]));
  const judgements = new Map(whole.map(({ id, judgement }) => [id, judgement]));
  const given_ = new Map(given.map((id, place) => [id, place]));
  const all = [...new Set([...wanted, ...given])];
  let concordant = 0;
  let discordant = 0;
  for (let i = 0; i < all.length; i += 1) {
    for (let k = i + 1; k < all.length; k += 1) {
      const [a, b] = [all[i]!, all[k]!];
      const judgement = judgements.get(a);
      if (judgement !== undefined && judgement === judgements.get(b)) continue;
      const inWhole = (places.get(a) ?? Infinity) - (places.get(b) ?? Infinity);
      const inGiven = (given_.get(a) ?? Infinity) - (given_.get(b) ?? Infinity);
      // NaN: both are behind everything, and nothing is known of their order.
      if (Number.isNaN(inWhole) || Number.isNaN(inGiven)) continue;
      if (inWhole < 0 === inGiven < 0) concordant += 1;
      else discordant += 1;
    }
  }
  const pairs = concordant + discordant;
  return pairs === 0 ? 1 : (concordant - discordant) / pairs;
}

export interface Summary {
  readonly queries: number;
  readonly tau_mean: number;
  readonly tau_min: number;
  /** Half the width of the 95 % interval of the mean. */
  readonly tau_ci95: number;
  readonly top10_identical: number;
  readonly identical: number;
  /** Of the lists that differ: the place of the first difference, counted from 1, in the middle and at the quarters. */
  readonly first_difference: { readonly lower: number; readonly median: number; readonly upper: number } | null;
}

export function summarise(found: readonly Agreement[]): Summary {
  const taus = found.map(({ tau: value }) => value);
  const mean = taus.reduce((sum, value) => sum + value, 0) / taus.length;
  const spread = Math.sqrt(taus.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, taus.length - 1));
  const firsts = found
    .flatMap(({ firstDifference }) => (firstDifference === null ? [] : [firstDifference + 1]))
    .toSorted((a, b) => a - b);
  const at = (part: number): number => firsts[Math.floor((firsts.length - 1) * part)]!;
  return {
    queries: found.length,
    tau_mean: round(mean),
    tau_min: round(Math.min(...taus)),
    tau_ci95: round((1.96 * spread) / Math.sqrt(taus.length)),
    top10_identical: round(found.filter(({ top10 }) => top10).length / found.length),
    identical: round(found.filter(({ firstDifference }) => firstDifference === null).length / found.length),
    first_difference: firsts.length === 0 ? null : { lower: at(0.25), median: at(0.5), upper: at(0.75) },
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
