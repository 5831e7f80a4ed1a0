/**
 * In which order the engine drops the words of a query under `matchingStrategy: frequency`: what most documents contain
 * goes first, what none contains before everything else. Over several shards the frequencies are added first.
 */

/** Positions of words, in groups that are dropped one behind the other; those of the last group are never dropped. */
export type DroppingOrder = readonly (readonly number[])[];

/** `parts`: by shard, how many of its documents contain each word. */
export function addFrequencies(parts: readonly (readonly number[])[]): readonly number[] {
  const sums: number[] = [];
  for (const part of parts) {
    for (let word = 0; word < part.length; word++) sums[word] = (sums[word] ?? 0) + part[word]!;
  }
  return sums;
}

export function droppingOrder(frequencies: readonly number[]): DroppingOrder {
  const weight = (word: number): number => frequencies[word]! || Number.POSITIVE_INFINITY;
  const words = frequencies.map((_, word) => word).sort((a, b) => compareWeights(weight(a), weight(b)) || a - b);
  const groups: number[][] = [];
  for (const word of words) {
    const last = groups.at(-1);
    if (last !== undefined && weight(last[0]!) === weight(word)) last.push(word);
    else groups.push([word]);
  }
  return groups;
}

export function sameOrder(a: DroppingOrder, b: DroppingOrder): boolean {
  return a.length === b.length && a.every((group, i) => group.join() === b[i]!.join());
}

/** The higher goes first. */
function compareWeights(a: number, b: number): number {
  return a === b ? 0 : a > b ? -1 : 1;
}
