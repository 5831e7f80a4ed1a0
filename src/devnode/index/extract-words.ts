/** The words of a document with their fields and positions. */
import { canonicalNumber, RawText } from "../exact-json.ts";
import { WORD_BYTES_MAX, type Tokenizer } from "../text/tokenize.ts";
import { walkLeaves } from "./walk-fields.ts";
import type { PlacedWord } from "./word-index.ts";

/** Distance put between the elements of an array and around hard separators. */
const APART = 8;
const POSITION_MAX = 65_535;

export interface WordFields {
  /** The number of a field that is searched, null for one that is not. */
  readonly searchable: (field: string) => number | null;
}

/** Strings, numbers and booleans of the searched fields, cut into words. Stop words keep their place but are not listed. */
export function extractWords(
  document: Readonly<Record<string, unknown>>,
  tokenizer: Tokenizer,
  fields: WordFields,
): PlacedWord[] {
  const words: PlacedWord[] = [];
  const lastPosition = new Map<number, number>();
  walkLeaves(document, (name, value) => {
    const field = fields.searchable(name);
    if (field === null) return;
    const last = lastPosition.get(field);
    const start = last === undefined ? 0 : last + APART;
    lastPosition.set(field, start);
    const text = textOf(value);
    if (text !== null && start < POSITION_MAX) place(text, start, field);
  });
  return words;

  function place(text: string, start: number, field: number): void {
    let position = start;
    let previous: "none" | "soft" | "hard" | "word" = "none";
    for (const token of tokenizer.tokenize(text)) {
      if (token.kind === "hard" || token.kind === "soft") {
        if (previous !== "none" && !(token.kind === "soft" && previous === "hard")) previous = token.kind;
        continue;
      }
      if (token.lemma === "") continue;
      position += previous === "none" ? 0 : previous === "hard" ? APART : 1;
      previous = "word";
      if (position >= POSITION_MAX) return;
      const lemma = token.lemma.trim();
      if (token.kind === "stop" || lemma === "" || Buffer.byteLength(lemma) > WORD_BYTES_MAX) continue;
      lastPosition.set(field, position);
      words.push({ word: lemma, field, position });
    }
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  return value instanceof RawText ? canonicalNumber(value.text) : null;
}
