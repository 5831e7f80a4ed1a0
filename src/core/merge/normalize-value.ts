/** The form in which the engine compares facet strings: two spellings with the same form are one value. */
export function normalizeValue(text: string): string {
  if (ASCII.test(text)) return text.trim().toLowerCase();
  return text.normalize("NFKD").trim().toLowerCase();
}

const ASCII = /^[\x00-\x7f]*$/;
