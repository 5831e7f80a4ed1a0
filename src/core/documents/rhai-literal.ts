/** A text as the language of edit functions (Rhai) writes one. */
export function literal(text: string): string {
  const escaped = text.replace(/[\\"\n\r\t]/g, (character) => ESCAPES[character] as string);
  return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };
