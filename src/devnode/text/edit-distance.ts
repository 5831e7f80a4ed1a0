/** Edit distance between a query word and an indexed word: insertion, deletion, substitution, swap of neighbours. */

/**
 * The distance when it is at most `max`, null otherwise. As a prefix search the indexed word may go on after the part
 * that matches: reading stops as soon as no further character can lower the distance, like the engine's automaton.
 */
export function editDistance(
  query: readonly string[],
  word: readonly string[],
  max: number,
  isPrefix: boolean,
): number | null {
  const width = query.length;
  let previous: number[] = [];
  let row = Array.from({ length: width + 1 }, (_, j) => j);
  if (isPrefix && isSettled(row, max)) return row[width] ?? null;
  for (let i = 1; i <= word.length; i += 1) {
    const next = [i];
    let best = i;
    for (let j = 1; j <= width; j += 1) {
      const same = word[i - 1] === query[j - 1];
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && word[i - 1] === query[j - 2] && word[i - 2] === query[j - 1]) {
        cost = Math.min(cost, (previous[j - 2] ?? 0) + 1);
      }
      next.push(cost);
      best = Math.min(best, cost);
    }
    if (best > max && Math.min(...row) > max) return null;
    previous = row;
    row = next;
    if (isPrefix && isSettled(row, max)) return row[width] ?? null;
  }
  const distance = row[width] ?? max + 1;
  return distance <= max ? distance : null;
}

/** True when the whole query is matched at least as well as any part of it, so reading on cannot help. */
function isSettled(row: readonly number[], max: number): boolean {
  const whole = row.at(-1) ?? 0;
  return whole <= max && row.every((cost) => cost >= whole);
}
