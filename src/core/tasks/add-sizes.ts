/** Adds sizes as the engine writes them (`2.5 MiB`) and writes the sum in the same way: whole bytes, binary units. */

/** Null when one of them is no such size. */
export function addSizes(sizes: readonly unknown[]): string | null {
  let total = 0;
  for (const size of sizes) {
    const bytes = typeof size === "string" ? bytesOf(size) : null;
    if (bytes === null) return null;
    total += bytes;
  }
  return sizeText(total);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

function bytesOf(size: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ([KMGT]iB|B)$/.exec(size) ?? [];
  const power = UNITS.findIndex((name) => name === unit);
  return amount === undefined || power === -1 ? null : Math.round(Number(amount) * 1024 ** power);
}

/** In the largest unit of which there is at least one. */
function sizeText(bytes: number): string {
  let power = 0;
  while (power < UNITS.length - 1 && bytes >= 1024 ** (power + 1)) power += 1;
  return `${bytes / 1024 ** power} ${UNITS[power] ?? "B"}`;
}
