/**
 * Reading a filter's text from left to right: blanks, words, quoted values, numbers. A reader that finds nothing has
 * not moved, so that the grammar can try something else; a fault is final.
 */
import { unescapeValue } from "./unescape-value.ts";

/** Where the reading stands, in UTF-16 units of `text`. */
export interface Scanner {
  readonly text: string;
  at: number;
  /** Where whoever reads wants to know of these conditions, they are noted here. */
  readonly unequal?: UnequalCondition[];
}

/** `field != value`; positions as in `Scanner`. */
export interface UnequalCondition {
  readonly field: string;
  /** Of the operator. */
  readonly start: number;
  readonly valueStart: number;
  /** Behind the value and the blanks that follow it. */
  readonly end: number;
}

/** Ends the parse at once; `parseFilter` turns it into its result, so it never gets out. */
export class FilterFault extends Error {
  override readonly name = "FilterFault";
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

export function fault(scanner: Scanner, message: string): never {
  throw new FilterFault(scanner.at, message);
}

/** Between tokens the engine skips only these four characters; false when there was none. */
export function skipBlanks(scanner: Scanner): boolean {
  return match(scanner, BLANKS) !== undefined;
}

/** The exact characters, even within a longer word. */
export function take(scanner: Scanner, characters: string): boolean {
  if (!scanner.text.startsWith(characters, scanner.at)) return false;
  scanner.at += characters.length;
  return true;
}

/** The exact characters and the blanks around them. */
export function takeSpaced(scanner: Scanner, characters: string): boolean {
  return attempt(scanner, () => {
    skipBlanks(scanner);
    if (!take(scanner, characters)) return false;
    skipBlanks(scanner);
    return true;
  });
}

/** The whole word after optional blanks: `OR` is not taken from `ORDER`. */
export function takeWord(scanner: Scanner, word: string): boolean {
  return attempt(scanner, () => {
    skipBlanks(scanner);
    return match(scanner, WORD) === word;
  });
}

/** Words with blanks between them. The engine does not look at what follows: `IS NULL` is taken from `IS NULLAND`. */
export function takePhrase(scanner: Scanner, ...words: readonly string[]): boolean {
  return attempt(scanner, () => words.every((word, i) => (i === 0 || skipBlanks(scanner)) && take(scanner, word)));
}

/** A field or a value and the blanks around it. Undefined when what stands here cannot be one, such as a keyword. */
export function readValue(scanner: Scanner): string | undefined {
  const start = scanner.at;
  // Before a value any Unicode white space is skipped, not only blanks.
  match(scanner, WHITE_SPACE);
  if (match({ ...scanner }, MISUSED_GEO) !== undefined) {
    fault(scanner, "a geo function is reserved and cannot be a field or a value");
  }
  const raw = readQuoted(scanner) ?? readPlainWord(scanner);
  const value = raw === undefined ? undefined : unescapeValue(raw);
  if (value === undefined) scanner.at = start;
  else skipBlanks(scanner);
  return value;
}

/** A value that has to be there. */
export function requireValue(scanner: Scanner): string {
  const value = readValue(scanner);
  if (value !== undefined) return value;
  match(scanner, WHITE_SPACE);
  return fault(scanner, "expected a value");
}

/** One part of a dotted path: a word without dots, or quoted text, with nothing around it. */
export function requirePathPart(scanner: Scanner): string {
  const raw = readQuoted(scanner) ?? match(scanner, WORD_WITHOUT_DOT) ?? fault(scanner, "expected a name");
  return unescapeValue(raw) ?? fault(scanner, "invalid escape in a name");
}

/** A decimal number, kept as text, and the blanks around it. */
export function readNumber(scanner: Scanner): string | undefined {
  const start = scanner.at;
  skipBlanks(scanner);
  const number = match(scanner, NUMBER);
  if (number === undefined) {
    scanner.at = start;
    return undefined;
  }
  if (match(scanner, EXPONENT_LETTER) !== undefined) fault(scanner, "expected digits in the exponent");
  skipBlanks(scanner);
  return number;
}

/** Runs `read` and, unless it says true, stands again where it stood before. */
function attempt(scanner: Scanner, read: () => boolean): boolean {
  const start = scanner.at;
  if (read()) return true;
  scanner.at = start;
  return false;
}

/** Takes what the sticky expression matches here, if that is not empty. */
function match(scanner: Scanner, expression: RegExp): string | undefined {
  expression.lastIndex = scanner.at;
  const found = expression.exec(scanner.text)?.[0];
  if (found === undefined || found === "") return undefined;
  scanner.at += found.length;
  return found;
}

function readPlainWord(scanner: Scanner): string | undefined {
  const start = scanner.at;
  const word = match(scanner, WORD);
  if (word === undefined || !KEYWORDS.has(word)) return word;
  scanner.at = start;
  return undefined;
}

/**
 * The text between quotes with `\` before that quote taken away; other escapes are still in it. A quote that is not
 * closed is a fault.
 */
function readQuoted(scanner: Scanner): string | undefined {
  const quote = scanner.text[scanner.at];
  if (quote !== '"' && quote !== "'") return undefined;
  const start = scanner.at + 1;
  let escaped = false;
  for (let at = start; at < scanner.text.length; at += 1) {
    const character = scanner.text[at];
    if (character === quote) {
      scanner.at = at + 1;
      const raw = scanner.text.slice(start, at);
      return escaped ? raw.replaceAll(`\\${quote}`, quote) : raw;
    }
    if (character === "\\") {
      at += 1;
      escaped ||= scanner.text[at] === quote;
    }
  }
  return fault(scanner, "a quote is not closed");
}

/** Compared exactly: the engine knows keywords in capitals only, so a field may be called `and`. */
const KEYWORDS: ReadonlySet<string> = new Set(
  "AND OR NOT IN TO EXISTS IS NULL EMPTY CONTAINS STARTS WITH _geoRadius _geoBoundingBox".split(" "),
);

const BLANKS = /[ \t\r\n]+/y;
const WHITE_SPACE = /\p{White_Space}+/uy;
const WORD = /[\p{Alphabetic}\p{N}_.-]+/uy;
const WORD_WITHOUT_DOT = /[\p{Alphabetic}\p{N}_-]+/uy;
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const EXPONENT_LETTER = /[eE]/y;
/** The first two are refused as the beginning of any word, the others as whole words. */
const MISUSED_GEO = /_geoPoint|_geoDistance|(?:_geo|_geoRadius|_geoBoundingBox)(?![\p{Alphabetic}\p{N}_.-])/uy;
