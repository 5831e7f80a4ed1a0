/** Index patterns of keys and tenant tokens: a uid, or the beginning of one followed by a single `*`. */

export function matchesIndex(pattern: string, indexUid: string): boolean {
  return pattern.endsWith("*") ? indexUid.startsWith(pattern.slice(0, -1)) : pattern === indexUid;
}

export function matchesAnyIndex(patterns: readonly string[], indexUid: string): boolean {
  for (const pattern of patterns) if (matchesIndex(pattern, indexUid)) return true;
  return false;
}

/** Of several patterns that match, the one that says most: an exact uid, then the longest beginning. */
export function mostSpecific(patterns: readonly string[], indexUid: string): string | undefined {
  let best: string | undefined;
  for (const pattern of patterns) {
    if (!matchesIndex(pattern, indexUid)) continue;
    if (best === undefined || rank(pattern) > rank(best)) best = pattern;
  }
  return best;
}

/** As the engine prints a list of texts inside an error message. */
export function printPatterns(patterns: readonly string[]): string {
  return `[${patterns
    .toSorted(byBytes)
    .map((one) => JSON.stringify(one))
    .join(", ")}]`;
}

function rank(pattern: string): number {
  return (pattern.endsWith("*") ? 0 : EXACT) + Buffer.byteLength(pattern);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const EXACT = 1e9;
