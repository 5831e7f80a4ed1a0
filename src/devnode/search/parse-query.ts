/** A query text to terms: words, phrases in quotes, what must not occur, and the joined words that may be meant. */
import type { SearchIndex } from "../index/search-index.ts";
import type { SearchContext } from "./search-context.ts";
import { WORD_BYTES_MAX, type Tokenizer } from "../text/tokenize.ts";
import { derive, prefixWords, type Derivations, type LocatedTerm, type Phrase, type QueryTerm } from "./query-term.ts";

export interface ParsedQuery {
  readonly terms: readonly LocatedTerm[];
  /** Two or three neighbouring words written as one. */
  readonly ngrams: readonly LocatedTerm[];
  readonly negativeWords: readonly string[];
  readonly negativePhrases: readonly Phrase[];
}

const WORDS_MAX = 10;
const TOKENS_MAX = 1000;
const SYNONYM_PHRASES_MAX = 50;
const SYNONYM_WORDS_MAX = 100;
/** A hard separator puts the words around it this much further apart. */
const HARD_DISTANCE = 7;

/** Parses the text for one index; only the first ten terms count. */
export function parseQuery(text: string, context: SearchContext): ParsedQuery {
  const { index } = context;
  const builder = new TermBuilder(context);
  const reader = new QueryReader(builder, index.settings.prefixSearch === "indexingTime");
  reader.read(index.tokenizer.tokenize(text).slice(0, TOKENS_MAX));
  const { terms } = reader;
  const ngrams: LocatedTerm[] = [];
  for (let last = 1; last < terms.length; last += 1) {
    for (const size of [2, 3]) {
      const ngram = builder.ngram(terms.slice(Math.max(0, last - size + 1), last + 1), size);
      if (ngram !== null) ngrams.push(ngram);
    }
  }
  return { terms, ngrams, negativeWords: reader.negativeWords, negativePhrases: reader.negativePhrases };
}

class QueryReader {
  readonly terms: LocatedTerm[] = [];
  readonly negativeWords: string[] = [];
  readonly negativePhrases: Phrase[] = [];
  private readonly builder: TermBuilder;
  private readonly allowsPrefix: boolean;
  private position = -1;
  private phrase: { words: (string | null)[]; from: number; to: number } | null = null;
  private isPhraseNegative = false;

  constructor(builder: TermBuilder, allowsPrefix: boolean) {
    this.builder = builder;
    this.allowsPrefix = allowsPrefix;
  }

  read(tokens: ReturnType<Tokenizer["tokenize"]>): void {
    let afterSpace = true;
    let negateNext = false;
    for (const [at, token] of tokens.entries()) {
      if (token.lemma === "") continue;
      if (this.terms.length >= WORDS_MAX) return;
      if (token.kind === "word" || token.kind === "stop") {
        this.position += 1;
        const word = token.kind === "stop" ? null : token.lemma;
        if (this.phrase !== null) this.extendPhrase(word);
        else if (negateNext) {
          this.negativeWords.push(token.lemma);
          negateNext = false;
        } else if (at < tokens.length - 1) {
          if (word !== null) this.push(this.builder.word(word, false), this.position, this.position);
        } else {
          this.push(this.builder.word(token.lemma, this.allowsPrefix), this.position, this.position);
        }
      } else {
        negateNext = this.separator(token.lemma, token.kind === "hard", negateNext, afterSpace);
      }
      afterSpace = /\s$/.test(token.lemma);
    }
    if (this.phrase !== null) this.closePhrase();
  }

  private separator(lemma: string, isHard: boolean, negateNext: boolean, afterSpace: boolean): boolean {
    if (isHard) {
      this.position += HARD_DISTANCE;
      if (this.phrase !== null) {
        this.closePhrase();
        this.phrase = { words: [], from: 0, to: 0 };
      }
    }
    let quotes = lemma.split('"').length - 1;
    if (quotes > 0) {
      if (this.phrase !== null) {
        quotes -= 1;
        this.closePhrase();
        this.isPhraseNegative = false;
      }
      this.phrase = null;
      if (quotes % 2 === 1) {
        this.isPhraseNegative = negateNext;
        this.phrase = { words: [], from: 0, to: 0 };
      }
    }
    return this.phrase === null && lemma === "-" && afterSpace;
  }

  private extendPhrase(word: string | null): void {
    const { phrase } = this;
    if (phrase === null) return;
    if (phrase.words.every((known) => known === null)) phrase.from = this.position;
    phrase.to = this.position;
    phrase.words.push(word);
  }

  private closePhrase(): void {
    const { phrase } = this;
    if (phrase === null || phrase.words.every((word) => word === null)) return;
    if (this.isPhraseNegative) this.negativePhrases.push(phrase.words);
    else this.push(this.builder.phrase(phrase.words), phrase.from, phrase.to);
  }

  private push(term: QueryTerm, from: number, to: number): void {
    const id = this.terms.length;
    this.terms.push(full(term, from, to, id, id));
  }
}

class TermBuilder {
  private readonly index: SearchIndex;
  private readonly context: SearchContext;
  private nextId = 0;

  constructor(context: SearchContext) {
    this.index = context.index;
    this.context = context;
  }

  word(word: string, isPrefix: boolean): QueryTerm {
    return this.build(word, this.typosAllowed(word), isPrefix, null, this.synonymsOf([word]));
  }

  phrase(words: Phrase): QueryTerm {
    const original = words.map((word) => word ?? "_").join(" ");
    return this.finish({
      original,
      typosMax: 0,
      isPrefix: false,
      ngramWords: null,
      phrase: words,
      exact: null,
      prefixOf: [],
      synonyms: [],
      isPrepared: false,
    });
  }

  ngram(parts: readonly LocatedTerm[], size: number): LocatedTerm | null {
    const [first] = parts;
    const last = parts.at(-1);
    if (parts.length !== size || first === undefined || last === undefined) return null;
    if (parts.some(({ term }) => term.phrase !== null)) return null;
    if (parts.some((part, i) => i > 0 && parts[i - 1]?.to !== part.from - 1)) return null;
    const words = parts.map(({ term }) => term.original);
    const joined = words.join("");
    if (Buffer.byteLength(joined) > WORD_BYTES_MAX) return null;
    const typos = Math.max(0, this.typosAllowed(joined) - (size - 1));
    const synonyms = [...this.synonymsOf([joined]), ...this.synonymsOf(words)];
    const term = this.build(joined, typos, last.term.isPrefix, words, synonyms);
    return full(term, first.from, last.to, first.firstId, last.lastId);
  }

  private build(
    word: string,
    typosMax: number,
    isPrefix: boolean,
    ngramWords: readonly string[] | null,
    synonyms: readonly Phrase[],
  ): QueryTerm {
    const { words } = this.index;
    if (Buffer.byteLength(word) > WORD_BYTES_MAX) {
      return this.finish({
        original: word,
        typosMax: 0,
        isPrefix: false,
        ngramWords: null,
        phrase: null,
        exact: null,
        prefixOf: [],
        synonyms: [],
        isPrepared: false,
      });
    }
    const isPrepared = isPrefix && words.isPreparedPrefix(word);
    return this.finish({
      original: word,
      typosMax,
      isPrefix,
      ngramWords,
      phrase: null,
      exact: words.has(word) ? word : null,
      prefixOf: isPrefix && !isPrepared ? prefixWords(words, word) : [],
      synonyms,
      isPrepared,
    });
  }

  private finish(term: Omit<QueryTerm, "id" | "derivations" | "knownDerivations">): QueryTerm {
    let derivations: Derivations | undefined;
    const { words, settings } = this.index;
    const isCorrectable = (word: string): boolean => !settings.typoTolerance.disableOnNumbers || !/^\d+$/.test(word);
    const { original, typosMax, isPrefix, ngramWords } = term;
    this.nextId += 1;
    return {
      ...term,
      id: this.nextId,
      knownDerivations: () => derivations ?? null,
      derivations: () =>
        (derivations ??= derive({
          words,
          original,
          typosMax,
          isPrefix,
          ngramWords,
          isPhrase: term.phrase !== null,
          isCorrectable,
          pairCount: (left, right) => this.context.pairDocuments(left, right, 1).size,
        })),
    };
  }

  private typosAllowed(word: string): number {
    const { enabled, minWordSizeForTypos, disableOnWords } = this.index.settings.typoTolerance;
    const length = Array.from(word).length;
    if (!enabled || length < minWordSizeForTypos.oneTypo || disableOnWords.includes(word)) return 0;
    return length < minWordSizeForTypos.twoTypos ? 1 : 2;
  }

  private synonymsOf(words: readonly string[]): Phrase[] {
    const { settings, tokenizer } = this.index;
    const wanted = words.join(" ");
    const found: Phrase[] = [];
    let count = 0;
    for (const [from, targets] of Object.entries(settings.synonyms)) {
      if (wordsOf(from, tokenizer).join(" ") !== wanted) continue;
      for (const target of targets.slice(0, SYNONYM_PHRASES_MAX)) {
        const phrase = wordsOf(target, tokenizer);
        if (phrase.length === 0 || count + phrase.length > SYNONYM_WORDS_MAX) continue;
        count += phrase.length;
        found.push(phrase);
      }
    }
    return found;
  }
}

function wordsOf(text: string, tokenizer: Tokenizer): string[] {
  return tokenizer.tokenize(text).flatMap(({ kind, lemma }) => (kind === "word" && lemma !== "" ? [lemma] : []));
}

function full(term: QueryTerm, from: number, to: number, firstId: number, lastId: number): LocatedTerm {
  return { term, zeroTypo: "all", oneTypo: true, twoTypos: true, isMandatory: false, from, to, firstId, lastId };
}
