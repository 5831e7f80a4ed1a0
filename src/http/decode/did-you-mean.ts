/** The engine's hint at the accepted word that is nearest to a mistyped one. */

/** `did you mean `x`? ` with a space at its end, or nothing. Short words allow no typo, long ones up to five. */
export function didYouMean(received: string, accepted: readonly string[]): string {
  const allowed = typosAllowed(Buffer.byteLength(received));
  if (allowed === 0) return "";
  let nearest: string | undefined;
  let nearestDistance = allowed + 1;
  for (const word of accepted) {
    const distance = editDistance(received, word);
    if (distance < nearestDistance) {
      nearest = word;
      nearestDistance = distance;
    }
  }
  return nearest === undefined ? "" : `did you mean \`${nearest}\`? `;
}

function typosAllowed(bytes: number): number {
  if (bytes <= 3) return 0;
  if (bytes <= 7) return 1;
  if (bytes <= 12) return 2;
  if (bytes <= 17) return 3;
  if (bytes <= 24) return 4;
  return 5;
}

/** Damerau-Levenshtein: insertions, deletions, substitutions and swaps of neighbours cost one each. */
function editDistance(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  // Words that differ this much in length are never within five edits; also bounds the table.
  if (Math.abs(left.length - right.length) > 5) return 6;
  const width = right.length + 2;
  const far = left.length + right.length;
  const table = new Int32Array((left.length + 2) * width);
  const at = (row: number, column: number): number => table[row * width + column] as number;
  table[0] = far;
  for (let i = 0; i <= left.length; i++) {
    table[(i + 1) * width] = far;
    table[(i + 1) * width + 1] = i;
  }
  for (let j = 0; j <= right.length; j++) {
    table[j + 1] = far;
    table[width + j + 1] = j;
  }
  const lastRowOf = new Map<string, number>();
  for (let i = 1; i <= left.length; i++) {
    let lastMatch = 0;
    for (let j = 1; j <= right.length; j++) {
      const row = lastRowOf.get(right[j - 1] as string) ?? 0;
      const column = lastMatch;
      const equal = left[i - 1] === right[j - 1];
      if (equal) lastMatch = j;
      table[(i + 1) * width + j + 1] = Math.min(
        at(i, j) + (equal ? 0 : 1),
        at(i + 1, j) + 1,
        at(i, j + 1) + 1,
        at(row, column) + (i - row - 1) + 1 + (j - column - 1),
      );
    }
    lastRowOf.set(left[i - 1] as string, i);
  }
  return at(left.length + 1, right.length + 1);
}
