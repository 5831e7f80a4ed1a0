/** A term of a query with everything an indexed word may be to count as a match for it. */
import type { WordIndex } from "../index/word-index.ts";
import { editDistance } from "../text/edit-distance.ts";

/** Consecutive words; null stands for a stop word. */
export type Phrase = readonly (string | null)[];

export interface QueryTerm {
  readonly id: number;
  readonly original: string;
  /** The words it was put together from, when it is not one of the query's own words. */
  readonly ngramWords: readonly string[] | null;
  readonly typosMax: number;
  readonly isPrefix: boolean;
  readonly phrase: Phrase | null;
  readonly exact: string | null;
  readonly prefixOf: readonly string[];
  readonly synonyms: readonly Phrase[];
  /** The prefix is answered from a prepared list instead of word by word. */
  readonly isPrepared: boolean;
  readonly derivations: () => Derivations;
  /** The derivations if ranking has needed them, null otherwise: only those are marked in hits. */
  readonly knownDerivations: () => Derivations | null;
}

export interface Derivations {
  readonly oneTypo: readonly string[];
  readonly twoTypos: readonly string[];
  readonly split: Phrase | null;
}

/** A term at its place in the query, narrowed to some of its derivations. */
export interface LocatedTerm {
  readonly term: QueryTerm;
  readonly zeroTypo: "all" | "exact" | "none";
  readonly oneTypo: boolean;
  readonly twoTypos: boolean;
  readonly isMandatory: boolean;
  /** First and last word position in the query. */
  readonly from: number;
  readonly to: number;
  /** First and last term number it stands for. */
  readonly firstId: number;
  readonly lastId: number;
}

export interface Derived {
  readonly word: string;
  /** Derived words are not looked for in attributes that ask for exact words. */
  readonly isDerived: boolean;
}

const PREFIXES_MAX = 1000;
const ONE_TYPO_MAX = 150;
const TWO_TYPOS_MAX = 50;

/** Number of query words the node stands for. */
export function sizeOf(located: LocatedTerm): number {
  return located.lastId - located.firstId + 1;
}

/** Equal for equal terms. */
export function keyOf(located: LocatedTerm): string {
  let key = keys.get(located);
  if (key === undefined) {
    const { term, zeroTypo, oneTypo, twoTypos, isMandatory, from, to, firstId, lastId } = located;
    key = `${term.id}/${zeroTypo}/${oneTypo}/${twoTypos}/${isMandatory}/${from}-${to}/${firstId}-${lastId}`;
    keys.set(located, key);
  }
  return key;
}

const keys = new WeakMap<LocatedTerm, string>();

/** The single words that match, except those a prepared prefix stands for. */
export function derivedWords(located: LocatedTerm): Derived[] {
  const { term } = located;
  const found = new Map<string, Derived>();
  const add = (word: string, isDerived: boolean): void => void found.set(`${isDerived}${word}`, { word, isDerived });
  const ofNgram = term.ngramWords !== null;
  if (located.zeroTypo !== "none" && term.exact !== null) add(term.exact, ofNgram);
  if (located.zeroTypo === "all") for (const word of term.prefixOf) add(word, ofNgram);
  if (located.oneTypo) for (const word of term.derivations().oneTypo) add(word, true);
  if (located.twoTypos) for (const word of term.derivations().twoTypos) add(word, true);
  return [...found.values()];
}

/** The phrases that are marked in hits. */
export function knownPhrases(term: QueryTerm): Phrase[] {
  const split = term.knownDerivations()?.split ?? null;
  return [...(term.phrase === null ? [] : [term.phrase]), ...term.synonyms, ...(split === null ? [] : [split])];
}

export function phrasesOf(located: LocatedTerm): Phrase[] {
  const { term } = located;
  const phrases = [...(term.phrase === null ? [] : [term.phrase]), ...term.synonyms];
  const split = located.oneTypo ? term.derivations().split : null;
  return split === null ? phrases : [...phrases, split];
}

export function preparedPrefix(located: LocatedTerm): Derived | null {
  const { term } = located;
  if (!term.isPrepared || located.zeroTypo === "none") return null;
  return located.zeroTypo === "exact" && term.exact === null
    ? null
    : { word: term.original, isDerived: term.ngramWords !== null };
}

/** What counts as an exact match: the word itself or the phrase; never a word put together from several. */
export function exactTerm(located: LocatedTerm): Phrase | null {
  const { term } = located;
  if (term.ngramWords !== null || located.zeroTypo === "none") return null;
  return term.phrase ?? (term.exact === null ? null : [term.exact]);
}

export function highestTypoCost(located: LocatedTerm): number {
  const { term } = located;
  if (term.typosMax === 0) return term.phrase === null ? 1 : 0;
  if (term.typosMax === 2 && located.twoTypos) return 2;
  return located.oneTypo ? 1 : 0;
}

export function prefixWords(words: WordIndex, prefix: string): string[] {
  const found: string[] = [];
  for (const word of words.wordsStartingWith(prefix)) {
    if (word !== prefix) found.push(word);
    if (found.length >= PREFIXES_MAX) break;
  }
  return found;
}

export interface DerivationInput {
  readonly words: WordIndex;
  readonly original: string;
  readonly typosMax: number;
  readonly isPrefix: boolean;
  readonly isPhrase: boolean;
  readonly ngramWords: readonly string[] | null;
  readonly isCorrectable: (word: string) => boolean;
  /** How many documents have the two words next to each other. */
  readonly pairCount: (left: string, right: string) => number;
}

/** Words within the allowed typos, and the two words that the term splits into most often. */
export function derive(input: DerivationInput): Derivations {
  const oneTypo: string[] = [];
  const twoTypos: string[] = [];
  if (input.typosMax > 0) findTypos(input, oneTypo, twoTypos);
  const split = input.isPhrase ? null : bestSplit(input);
  const isOwnParts = split !== null && input.typosMax <= 1 && input.ngramWords?.join("\0") === split.join("\0");
  return { oneTypo, twoTypos, split: isOwnParts ? null : split };
}

/** A typo on the first character counts as two. */
function findTypos(
  { words, original, typosMax, isPrefix, isCorrectable }: DerivationInput,
  oneTypo: string[],
  twoTypos: string[],
): void {
  const query = Array.from(original);
  const first = query[0] ?? "";
  for (const word of words.words) {
    if (oneTypo.length >= ONE_TYPO_MAX && (typosMax < 2 || twoTypos.length >= TWO_TYPOS_MAX)) return;
    const sameFirst = word.startsWith(first);
    if (!sameFirst && typosMax < 2) continue;
    const allowed = sameFirst ? typosMax : 1;
    if (word.length < query.length - allowed || (!isPrefix && word.length > (query.length + allowed) * 2)) continue;
    if (!isCorrectable(word)) continue;
    const distance = editDistance(query, Array.from(word), allowed, isPrefix);
    if (distance === null || (sameFirst && distance === 0)) continue;
    if (sameFirst && distance === 1) {
      if (oneTypo.length < ONE_TYPO_MAX) oneTypo.push(word);
    } else if (typosMax === 2 && twoTypos.length < TWO_TYPOS_MAX) {
      twoTypos.push(word);
    }
  }
}

function bestSplit({ words, original, pairCount }: DerivationInput): Phrase | null {
  let best: { readonly count: number; readonly parts: Phrase } | null = null;
  const characters = Array.from(original);
  for (let at = 1; at < characters.length; at += 1) {
    const left = characters.slice(0, at).join("");
    const right = characters.slice(at).join("");
    if (!words.has(left) || !words.has(right)) continue;
    const count = pairCount(left, right);
    if (count > (best?.count ?? 0)) best = { count, parts: [left, right] };
  }
  return best?.parts ?? null;
}
