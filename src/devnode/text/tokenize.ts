/** Text to words as the engine sees them: cut at separators and script changes, decomposed, lowercased, without accents. */
import { createSeparators, type Separators } from "./separators.ts";

export type TokenKind = "word" | "stop" | "soft" | "hard";

export interface Token {
  /** The text as written. */
  readonly text: string;
  /** Where it starts in the text, in UTF-16 units. */
  readonly start: number;
  readonly lemma: string;
  readonly kind: TokenKind;
}

export interface Tokenizer {
  readonly tokenize: (text: string) => Token[];
}

export interface TokenizerSettings {
  readonly stopWords: readonly string[];
  readonly separatorTokens: readonly string[];
  readonly nonSeparatorTokens: readonly string[];
  readonly dictionary: readonly string[];
}

/** The engine never indexes or searches a longer word. */
export const WORD_BYTES_MAX = 250;

/** A tokenizer for the settings of one index. */
export function createTokenizer(settings: TokenizerSettings): Tokenizer {
  const separators = createSeparators(settings.separatorTokens, settings.nonSeparatorTokens, settings.dictionary);
  const stopWords = new Set(settings.stopWords);
  return { tokenize: (text) => tokenize(text, separators, stopWords) };
}

function tokenize(text: string, separators: Separators, stopWords: ReadonlySet<string>): Token[] {
  const tokens: Token[] = [];
  let start = 0;
  for (const run of scriptRuns(text)) {
    for (const piece of separators.cut(run.text)) {
      const clean = decomposed(piece);
      const kind = stopWords.has(clean) ? "stop" : (separators.kindOf(clean) ?? "word");
      tokens.push({ text: piece, start, kind, lemma: lossy(clean, run.script) });
      start += piece.length;
    }
  }
  return tokens;
}

/** As stop words are stored, and words compared with them: characters taken apart, without what cannot be printed. */
export function decomposed(text: string): string {
  const apart = isAscii(text) ? text : text.normalize("NFKD");
  return apart.replace(/[\u0000-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F]/g, "");
}

const SCRIPTS = [
  ["latin", /\p{Script=Latin}/u],
  ["cyrillic", /\p{Script=Cyrillic}/u],
  ["greek", /\p{Script=Greek}/u],
  ["cj", /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ["hangul", /\p{Script=Hangul}/u],
  ["arabic", /\p{Script=Arabic}/u],
  ["hebrew", /\p{Script=Hebrew}/u],
  ["thai", /\p{Script=Thai}/u],
  ["armenian", /\p{Script=Armenian}/u],
  ["georgian", /\p{Script=Georgian}/u],
  ["devanagari", /\p{Script=Devanagari}/u],
] as const;
const HAS_CASE = new Set(["latin", "cyrillic", "greek", "georgian", "armenian"]);
const LOSES_MARKS = new Set(["hebrew", "thai", "arabic", "latin", "greek"]);

/** Runs of one script; characters of no script (digits, signs) belong to the run they stand in. */
function scriptRuns(text: string): { text: string; script: string }[] {
  if (isAscii(text)) return [{ text, script: "latin" }];
  const runs: { text: string; script: string }[] = [];
  let script = "other";
  let from = 0;
  let at = 0;
  for (const character of text) {
    const own = scriptOf(character);
    if (own !== "other" && own !== script) {
      if (script !== "other") {
        runs.push({ text: text.slice(from, at), script });
        from = at;
      }
      script = own;
    }
    at += character.length;
  }
  if (from < text.length) runs.push({ text: text.slice(from), script });
  return runs;
}

function scriptOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 128) return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ? "latin" : "other";
  return SCRIPTS.find(([, pattern]) => pattern.test(character))?.[0] ?? "other";
}

/** As a word without typos is stored: every part of it as it is searched for. */
export function normalized(text: string): string {
  return Array.from(scriptRuns(text), (run) => lossy(decomposed(run.text), run.script)).join("");
}

function lossy(piece: string, script: string): string {
  let lemma = HAS_CASE.has(script) ? lowercase(piece) : piece;
  if (script === "latin" && !isAscii(lemma)) {
    lemma = lemma.replace(/[’‘‛]/g, "'").replace(/[œŒ]/g, "oe").replace(/[æÆ]/g, "ae");
  }
  return LOSES_MARKS.has(script) && !isAscii(lemma) ? lemma.replace(/\p{Mn}/gu, "") : lemma;
}

/** Character by character, so that no rule that looks at neighbours applies. */
export function lowercase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : Array.from(text, (character) => character.toLowerCase()).join("");
}

function isAscii(text: string): boolean {
  return !/[^\u0000-\u007F]/.test(text);
}
