/** Sizes as the engine reads and prints them in the details of an export: `24 MiB`, `1.5MB`, `300`. */

/** Bytes, or null when the engine would not read it either. */
export function parseByteSize(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  if (match === null) return null;
  const factor = FACTORS.get((match[2] ?? "").toLowerCase());
  return factor === undefined ? null : Math.floor(Number(match[1]) * factor);
}

/** The largest unit, decimal or binary, of which there is at least one. */
export function printByteSize(bytes: number): string {
  let best: readonly [string, number] = ["B", 1];
  for (const unit of UNITS) if (bytes >= unit[1] && unit[1] > best[1]) best = unit;
  return `${bytes / best[1]} ${best[0]}`;
}

const PREFIXES = ["K", "M", "G", "T", "P"] as const;
const UNITS: readonly (readonly [string, number])[] = PREFIXES.flatMap((prefix, place) => [
  [`${prefix}B`, 1000 ** (place + 1)] as const,
  [`${prefix}iB`, 1024 ** (place + 1)] as const,
]);
const FACTORS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ...UNITS.map(([name, factor]) => [name.toLowerCase(), factor] as const),
  ...PREFIXES.flatMap((prefix, place) => [
    [prefix.toLowerCase(), 1000 ** (place + 1)] as const,
    [`${prefix.toLowerCase()}i`, 1024 ** (place + 1)] as const,
  ]),
]);
