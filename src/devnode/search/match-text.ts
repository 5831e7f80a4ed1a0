/** Finds the words of a query in a text and marks them, or cuts the text to the words around the best of them. */
import type { Token, Tokenizer } from "../text/tokenize.ts";
import type { ParsedQuery } from "./parse-query.ts";
import { knownPhrases, type Phrase } from "./query-term.ts";

export interface Match {
  readonly ids: readonly number[];
  readonly firstToken: number;
  readonly lastToken: number;
  readonly firstWord: number;
  readonly lastWord: number;
  /** How many characters from its start are marked: less than the whole word when only its beginning matches. */
  readonly characters: number;
}

export interface FormatOptions {
  readonly highlight: boolean;
  readonly crop: number | null;
  readonly preTag: string;
  readonly postTag: string;
  readonly cropMarker: string;
}

interface WordPattern {
  readonly words: ReadonlySet<string>;
  readonly isPrefix: boolean;
  readonly length: number;
  readonly ids: readonly number[];
}

export interface Matcher {
  readonly find: (text: string) => { tokens: readonly Token[]; matches: readonly Match[] };
  readonly format: (text: string, options: FormatOptions) => string;
}

export function createMatcher(query: ParsedQuery | null, tokenizer: Tokenizer): Matcher {
  const terms = query === null ? [] : [...query.terms, ...query.ngrams];
  const phrases = terms.flatMap((located) =>
    knownPhrases(located.term).map((words) => ({ words, ids: idsOf(located.from, located.to) })),
  );
  const patterns = terms
    .map((located): WordPattern & { readonly span: number } => {
      const { term } = located;
      const { oneTypo, twoTypos } = term.knownDerivations() ?? { oneTypo: [], twoTypos: [] };
      const typos = [...oneTypo, ...twoTypos].sort();
      const words = new Set([...(term.exact === null ? [] : [term.exact]), ...term.prefixOf, ...typos]);
      if (term.isPrepared) words.add(term.original);
      return {
        words,
        isPrefix: term.isPrefix,
        length: Array.from(term.original).length,
        ids: idsOf(located.from, located.to),
        span: located.to - located.from,
      };
    })
    .sort((a, b) => Number(a.isPrefix) - Number(b.isPrefix) || b.span - a.span);
  const find: Matcher["find"] = (text) => findMatches(tokenizer.tokenize(text), phrases, patterns);
  return { find, format: (text, options) => format(text, options, find) };
}

function findMatches(
  tokens: readonly Token[],
  phrases: readonly { readonly words: Phrase; readonly ids: readonly number[] }[],
  patterns: readonly WordPattern[],
): { tokens: readonly Token[]; matches: readonly Match[] } {
  const words = tokens.flatMap((token, at) => (isSeparator(token) ? [] : [{ token, at }]));
  const matches: Match[] = [];
  for (let word = 0; word < words.length; word += 1) {
    const current = words[word];
    if (current === undefined) break;
    const phrase = phrases.find(({ words: wanted }) =>
      wanted.every((part, offset) => {
        const token = words[word + offset]?.token;
        return token !== undefined && (part === null ? token.kind === "stop" : token.lemma === part);
      }),
    );
    if (phrase !== undefined) {
      const last = word + phrase.words.length - 1;
      const end = words[last] ?? current;
      const characters = Array.from(
        tokens
          .slice(current.at, end.at + 1)
          .map(({ text }) => text)
          .join(""),
      ).length;
      matches.push({
        ids: phrase.ids,
        firstToken: current.at,
        lastToken: end.at,
        firstWord: word,
        lastWord: last,
        characters,
      });
      word = last;
      continue;
    }
    const single = matchWord(current.token, patterns);
    if (single !== null)
      matches.push({ ...single, firstToken: current.at, lastToken: current.at, firstWord: word, lastWord: word });
  }
  return { tokens, matches };
}

function matchWord(
  token: Token,
  patterns: readonly WordPattern[],
): { ids: readonly number[]; characters: number } | null {
  const whole = Array.from(token.text).length;
  for (const { words, isPrefix, length, ids } of patterns) {
    if (isPrefix) {
      for (const word of words) {
        if (token.lemma.startsWith(word)) return { ids, characters: Math.min(length, Array.from(word).length, whole) };
      }
    } else if (words.has(token.lemma)) {
      return { ids, characters: whole };
    }
  }
  return null;
}

function format(text: string, options: FormatOptions, find: Matcher["find"]): string {
  if (!options.highlight && options.crop === null) return text;
  const { tokens, matches } = find(text);
  const [from, to] =
    options.crop !== null && options.crop > 0 ? cropBounds(text, tokens, matches, options.crop) : [0, text.length];
  let result = from > 0 ? options.cropMarker : "";
  let at = from;
  for (const match of options.highlight ? matches : []) {
    const start = tokens[match.firstToken]?.start ?? 0;
    const end = endOf(tokens[match.lastToken]);
    if (end < from || start > to) continue;
    const [first, last] = [Math.max(start, from), Math.min(end, to)];
    const marked = Math.min(last, first + Array.from(text.slice(first)).slice(0, match.characters).join("").length);
    result +=
      text.slice(at, Math.max(at, first)) +
      options.preTag +
      text.slice(first, marked) +
      options.postTag +
      text.slice(marked, last);
    at = last;
  }
  return result + text.slice(Math.min(at, to), to) + (to < text.length ? options.cropMarker : "");
}

/** The part of the text with the given number of words around the densest group of matches. */
function cropBounds(text: string, tokens: readonly Token[], matches: readonly Match[], size: number): [number, number] {
  const [first, last] = bestInterval(matches, size);
  let remaining = size;
  let before = 0;
  let after = 0;
  if (first !== undefined && last !== undefined) {
    const span = last.lastWord - first.firstWord + 1;
    if (size < span) return cutLongMatch(text, tokens, first, size);
    remaining = size - span;
    before = first.firstToken;
    after = last.lastToken + 1;
  }
  /** The window grows by a token; only words count. */
  const grows = (token: Token | undefined): number => (token === undefined || isSeparator(token) ? 0 : 1);
  for (;;) {
    const left = tokens[before - 1];
    const right = tokens[after];
    if (remaining <= 0 || (left === undefined && right === undefined)) break;
    const [takesLeft, takesRight] = growth(left, right, remaining);
    if (takesLeft) {
      before -= 1;
      remaining -= grows(left);
    }
    if (takesRight) {
      after += 1;
      remaining -= grows(right);
    }
  }
  return [endOf(tokens[before - 1]), tokens[after]?.start ?? text.length];
}

/** To which sides a window grows next: towards words, evenly, and not beyond the end of a sentence before it must. */
function growth(left: Token | undefined, right: Token | undefined, remaining: number): [boolean, boolean] {
  if (right === undefined) return [true, false];
  if (left === undefined) return [false, true];
  if (isSeparator(left) !== isSeparator(right)) return [isSeparator(right), isSeparator(left)];
  if (!isSeparator(left) || left.kind === right.kind) return [true, remaining > 1];
  return [left.kind !== "hard", left.kind === "hard"];
}

function cutLongMatch(text: string, tokens: readonly Token[], match: Match, size: number): [number, number] {
  let words = 0;
  let at = match.firstToken;
  while (at < tokens.length && words < size) {
    const token = tokens[at];
    if (token !== undefined && !isSeparator(token)) words += 1;
    at += 1;
  }
  return [tokens[match.firstToken]?.start ?? 0, tokens[at]?.start ?? text.length];
}

/** The best group among those that fill the size: a group is only closed when the next match no longer fits into it. */
function bestInterval(matches: readonly Match[], size: number): [Match | undefined, Match | undefined] {
  let best: { readonly from: number; readonly to: number; readonly score: readonly number[] } | null = null;
  const consider = (from: number, to: number): void => {
    const score = intervalScore(matches.slice(from, to + 1));
    if (best === null || isBetter(score, best.score)) best = { from, to, score };
  };
  let from = 0;
  for (const [at, match] of matches.entries()) {
    if (match.lastWord - (matches[from]?.firstWord ?? 0) < size) continue;
    if (at > 0) consider(from, at - 1);
    while (from < matches.length - 1) {
      from += 1;
      const first = matches[from]?.firstWord ?? 0;
      if (first > match.lastWord || match.lastWord - first < size) break;
    }
  }
  const last = matches[from];
  const wordCount = last === undefined ? 0 : last.lastWord - last.firstWord + 1;
  if (from !== matches.length - 1 || wordCount < size) consider(from, matches.length - 1);
  const found = best as { readonly from: number; readonly to: number } | null;
  return found === null ? [matches[0], matches[0]] : [matches[found.from], matches[found.to]];
}

/** More different query words, then nearer together, then in the query's order. */
function intervalScore(matches: readonly Match[]): readonly number[] {
  let distance = 0;
  let order = 0;
  for (const [at, match] of matches.entries()) {
    const inner = match.lastWord - match.firstWord;
    order += inner;
    distance -= inner;
    const next = matches[at + 1];
    if (next === undefined) continue;
    if (Math.min(...next.ids) > Math.min(...match.ids)) order += 1;
    distance -= Math.min(7, next.firstWord - match.lastWord);
  }
  return [new Set(matches.flatMap(({ ids }) => ids)).size, distance, order];
}

function isBetter(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0);
}

function idsOf(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function isSeparator(token: Token): boolean {
  return token.kind === "soft" || token.kind === "hard";
}

function endOf(token: Token | undefined): number {
  return token === undefined ? 0 : token.start + token.text.length;
}
