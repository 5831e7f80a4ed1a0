/**
 * Which characters separate words. The default is a list of Unicode punctuation and space plus a few mathematical
 * signs; what newer Unicode versions added, and some spaces, are not on the engine's list. Hard separators (the end
 * of a sentence) put more distance between the words around them than soft ones.
 */
const ON_LIST = /^[\p{P}\p{Z}\0\t\n\r+`±×÷\u200C\u2212-\u22FF]$/u;
const NOT_ON_LIST =
  /^[\u00A0\u037E\u0387\u061D\u066B\u066C\u0F0C\u1B4E\u1B4F\u1B7D-\u1B7F\u2000\u2001\u2011\u2028\u202F\u205F\u2226\u228E\u2329\u232A\u2E53-\u2E5D]$/u;
const HARD =
  /^[\0!;?¡§¶¿\u055C\u055D\u055E\u0589\u05C3\u060C\u061B\u061F\u06D4\u203B-\u203D\u2024-\u2026\u2047-\u2049\u204F\u2056\u205A\u3001\u3002\uFE10-\uFE16\uFE50-\uFE52\uFE54-\uFE57\uFF01\uFF0C\uFF0E\uFF1A\uFF1B\uFF1F\uFF61\uFF64]$/u;
const DIGRAPHS = [". ", ", "];

export type SeparatorKind = "soft" | "hard";

export interface Separators {
  /** The kind of a normalized piece of text, null when it is a word. */
  readonly kindOf: (lemma: string) => SeparatorKind | null;
  /** Cuts a text: pieces that are separators or dictionary words, and what lies between them. */
  readonly cut: (text: string) => string[];
}

/** The separators of an index: the defaults, plus and minus what its settings name; dictionary words are kept whole. */
export function createSeparators(
  added: readonly string[],
  removed: readonly string[],
  dictionary: readonly string[],
): Separators {
  const extra = new Set(added);
  const gone = new Set(removed);
  const onDefaultList = (piece: string): boolean => isDefaultCharacter(piece) || DIGRAPHS.includes(piece);
  const isSeparator = (piece: string): boolean => (extra.has(piece) || onDefaultList(piece)) && !gone.has(piece);
  const longest = [
    ...new Set([...dictionary, ...added.filter((piece) => !gone.has(piece)), ...DIGRAPHS.filter(isSeparator)]),
  ]
    .filter((piece) => piece.length > 0)
    .sort((a, b) => b.length - a.length);
  const longestBegin = new Set(longest.map((piece) => piece[0]));
  return {
    kindOf: (lemma) => (isSeparator(lemma) ? (DIGRAPHS.includes(lemma) || HARD.test(lemma) ? "hard" : "soft") : null),
    cut(text) {
      const pieces: string[] = [];
      let from = 0;
      for (let at = 0; at < text.length;) {
        const long = longestBegin.has(text[at])
          ? longest.find((candidate) => text.startsWith(candidate, at))
          : undefined;
        const piece = long ?? characterAt(text, at);
        if (long !== undefined || isSeparator(piece)) {
          if (at > from) pieces.push(text.slice(from, at));
          pieces.push(piece);
          from = at + piece.length;
        }
        at += piece.length;
      }
      if (from < text.length) pieces.push(text.slice(from));
      return pieces;
    },
  };
}

const isDefaultByCharacter = new Map<string, boolean>();

function isDefaultCharacter(piece: string): boolean {
  let known = isDefaultByCharacter.get(piece);
  if (known === undefined) {
    known = ON_LIST.test(piece) && !NOT_ON_LIST.test(piece);
    if (piece.length <= 2 && isDefaultByCharacter.size < 10_000) isDefaultByCharacter.set(piece, known);
  }
  return known;
}

function characterAt(text: string, at: number): string {
  const unit = text.charCodeAt(at);
  return unit < 0xd800 || unit > 0xdbff ? text.charAt(at) : String.fromCodePoint(text.codePointAt(at) ?? 0);
}
