/** Reads the pieces of a filter: values, quoted text, numbers, keywords; the grammar is in `parse-filter.ts`. */
import { NodeError } from "../node-error.ts";
import type { Word } from "./filter-ast.ts";

export const KEYWORDS = new Set([
  "AND",
  "OR",
  "IN",
  "NOT",
  "TO",
  "EXISTS",
  "IS",
  "NULL",
  "EMPTY",
  "CONTAINS",
  "STARTS",
  "WITH",
  "_geoRadius",
  "_geoBoundingBox",
]);
export const OPERATIONS =
  "`=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `NOT IN`, `TO`, `EXISTS`, `NOT EXISTS`, `IS NULL`, `IS NOT NULL`, `IS EMPTY`, `IS NOT EMPTY`, `CONTAINS`, `NOT CONTAINS`, `STARTS WITH`, `NOT STARTS WITH`, `_geoRadius`, `_geoBoundingBox` or `_geoPolygon`";

export class FilterReader {
  protected readonly text: string;
  protected readonly code: string;
  protected at = 0;

  constructor(text: string, code: string) {
    this.text = text;
    this.code = code;
  }

  protected floats(open: string, close: string): Word[] | null {
    if (!this.mark(open)) return null;
    const words: Word[] = [];
    for (;;) {
      this.space();
      const found = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(this.text.slice(this.at))?.[0];
      if (found === undefined) return null;
      words.push(this.word(found, this.at, this.at + found.length));
      this.at += found.length;
      if (this.mark(close)) return words;
      if (!this.mark(",")) return null;
    }
  }

  protected mark(character: string): boolean {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    this.space();
    return true;
  }

  /** A word, or text in quotes with backslash escapes. `whole` is where the expression began, for messages. */
  protected value(whole?: number): Word {
    this.space();
    const start = this.at;
    const quote = this.text[start];
    if (quote === "'" || quote === '"') return this.quoted(quote);
    const found = /^[\p{L}\p{N}_.-]+/u.exec(this.text.slice(start))?.[0];
    if (found !== undefined && !KEYWORDS.has(found)) {
      this.at += found.length;
      const word = this.word(found, start, this.at);
      this.space();
      return word;
    }
    const shown = /^[^\s()=<>!]*/.exec(this.text.slice(start))?.[0] ?? "";
    if (found === "_geoRadius" || found === "_geoBoundingBox") {
      throw this.fail(`The \`${found}\` filter is an operation and can't be used as a value.`, start);
    }
    if (whole !== undefined && (found === undefined || shown === "")) {
      const text =
        this.text.slice(whole).trim() === ""
          ? "but instead got nothing."
          : `at \`${escaped(this.text.slice(whole))}\`.`;
      throw this.fail(`Was expecting an operation ${OPERATIONS} ${text}`, whole);
    }
    if (shown === "") throw this.fail("Was expecting a value but instead got nothing.", start, start);
    if (found !== undefined) {
      throw this.fail(
        `Was expecting a value but instead got \`${shown}\`, which is a reserved keyword. To use \`${shown}\` as a field name or a value, surround it by quotes.`,
        start,
        start + shown.length,
      );
    }
    throw this.fail(`Was expecting a value but instead got \`${escaped(shown)}\`.`, start, start + shown.length);
  }

  protected quoted(quote: string): Word {
    const start = this.at;
    let text = "";
    for (let at = start + 1; at < this.text.length; at += 1) {
      const character = this.text[at] ?? "";
      if (character === quote) {
        this.at = at + 1;
        const word = this.word(text, start + 1, at);
        this.space();
        return word;
      }
      if (character === "\\") {
        at += 1;
        text += unescaped(this.text[at] ?? "");
      } else {
        text += character;
      }
    }
    throw this.fail(
      `Expression \`${escaped(this.text.slice(start))}\` is missing the following closing delimiter: \`${quote}\`.`,
      start,
    );
  }

  protected word(text: string, from: number, to: number): Word {
    return { text, from: from + 1, to: to + 1 };
  }

  protected keyword(word: string): boolean {
    this.space();
    return this.phrase(new RegExp(`^${word}(?=[\\s(])\\s*`));
  }

  protected wordIs(name: string): boolean {
    return this.text.startsWith(name, this.at) && !/[\w.-]/.test(this.text[this.at + name.length] ?? " ");
  }

  protected call(name: string): boolean {
    return this.text.startsWith(`${name}(`, this.at);
  }

  protected phrase(pattern: RegExp): boolean {
    const found = pattern.exec(this.text.slice(this.at));
    if (found === null) return false;
    this.at += found[0].length;
    return true;
  }

  protected space(): void {
    while (/\s/.test(this.text[this.at] ?? "x")) this.at += 1;
  }

  protected fail(message: string, from: number, to = this.text.length): NodeError {
    return filterError(message, { text: "", from: from + 1, to: to + 1 }, this.text, this.code);
  }
}

/** A message about a place in a filter, followed by the columns and the filter itself. */
export function filterError(message: string, word: Word, source: string, code: string): NodeError {
  return new NodeError(code, `${message}\n${word.from}:${word.to} ${source}`);
}

export function escaped(text: string): string {
  return text.replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r");
}

function unescaped(character: string): string {
  return { n: "\n", t: "\t", r: "\r" }[character] ?? character;
}
