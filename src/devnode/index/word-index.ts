/** The inverted index of one index: word to documents, with the fields and positions where it stands in each. */
import { DocSet, unionOf } from "../doc-set.ts";

export interface PlacedWord {
  readonly word: string;
  readonly field: number;
  readonly position: number;
}

/** Up to this many words a field's length is known to the index. */
const COUNTED_WORDS_MAX = 30;
/** A prefix of at most this many bytes, shared by that many words, is answered from a prepared list. */
const PREPARED_PREFIX_BYTES_MAX = 4;
const PREPARED_PREFIX_WORDS_MIN = 100;
/** Words further apart than this are not near each other. */
const PROXIMITY_MAX = 4;

export class WordIndex {
  /** word, then document, then its places, each as field * 65536 + position. */
  private readonly places = new Map<string, Map<number, number[]>>();
  private readonly wordsOf = new Map<number, string[]>();
  /** document, then field, then how many words the field has. */
  private readonly lengths = new Map<number, Map<number, number>>();
  private sortedWords: string[] | null = null;
  private readonly cache = new Map<string, unknown>();

  add(id: number, words: Iterable<PlacedWord>): void {
    const own = new Set<string>();
    const lengths = new Map<number, number>();
    for (const { word, field, position } of words) {
      let documents = this.places.get(word);
      if (documents === undefined) this.places.set(word, (documents = new Map()));
      const place = field * 65_536 + position;
      const known = documents.get(id);
      if (known === undefined) documents.set(id, [place]);
      else known.push(place);
      own.add(word);
      lengths.set(field, (lengths.get(field) ?? 0) + 1);
    }
    this.wordsOf.set(id, [...own]);
    this.lengths.set(id, lengths);
    this.forget();
  }

  remove(id: number): void {
    for (const word of this.wordsOf.get(id) ?? []) {
      const documents = this.places.get(word);
      documents?.delete(id);
      if (documents?.size === 0) this.places.delete(word);
    }
    this.wordsOf.delete(id);
    this.lengths.delete(id);
    this.forget();
  }

  clear(): void {
    this.places.clear();
    this.wordsOf.clear();
    this.lengths.clear();
    this.forget();
  }

  /** All words in byte order. */
  get words(): readonly string[] {
    return (this.sortedWords ??= [...this.places.keys()].sort());
  }

  wordsStartingWith(prefix: string): readonly string[] {
    const from = this.lowerBound(prefix);
    let to = from;
    while (this.words[to]?.startsWith(prefix) === true) to += 1;
    return this.words.slice(from, to);
  }

  has(word: string): boolean {
    return this.places.has(word);
  }

  /** True when the engine keeps a prepared list for the prefix; it then answers a little differently. */
  isPreparedPrefix(prefix: string): boolean {
    if (Buffer.byteLength(prefix) > PREPARED_PREFIX_BYTES_MAX) return false;
    const last = this.words[this.lowerBound(prefix) + PREPARED_PREFIX_WORDS_MIN - 1];
    return last?.startsWith(prefix) === true;
  }

  /** Documents that hold the word in one of the fields the predicate accepts. */
  documents(word: string, scope: string, accepts: (field: number) => boolean): DocSet {
    return this.cached(`d|${scope}|${word}`, () => {
      const found = new DocSet();
      for (const [id, places] of this.places.get(word) ?? [])
        if (places.some((place) => accepts(place >>> 16))) found.add(id);
      return found;
    });
  }

  fieldsOf(word: string): ReadonlyMap<number, DocSet> {
    return this.cached(`f|${word}`, () => this.grouped(word, (place) => place >>> 16));
  }

  /** Positions are rounded up the further they are from the beginning, as the engine stores them. */
  positionsOf(word: string): ReadonlyMap<number, DocSet> {
    return this.cached(`p|${word}`, () => this.grouped(word, (place) => bucketedPosition(place & 0xffff)));
  }

  documentsWithLength(field: number, length: number): DocSet {
    if (length > COUNTED_WORDS_MAX) return new DocSet();
    return this.cached(`l|${field}|${length}`, () => {
      const found = new DocSet();
      for (const [id, lengths] of this.lengths) if (lengths.get(field) === length) found.add(id);
      return found;
    });
  }

  /** For each distance below the limit, the documents where `right` comes that far after `left` at its nearest. */
  pairs(left: string, right: string): readonly DocSet[] {
    return this.cached(`n|${left}|${right}`, () => {
      const byDistance = Array.from({ length: PROXIMITY_MAX }, () => new DocSet());
      const leftDocuments = this.places.get(left);
      const rightDocuments = this.places.get(right);
      if (leftDocuments === undefined || rightDocuments === undefined) return byDistance;
      const fewer = leftDocuments.size <= rightDocuments.size ? leftDocuments : rightDocuments;
      for (const id of fewer.keys()) {
        const distance = nearest(leftDocuments.get(id) ?? [], rightDocuments.get(id) ?? []);
        byDistance[distance]?.add(id);
      }
      return byDistance;
    });
  }

  /** Union over all words with the prefix, at one distance. */
  prefixPairs(left: string, prefix: string, distance: number): DocSet {
    return this.cached(`x|${distance}|${left}|${prefix}`, () =>
      unionOf(this.wordsStartingWith(prefix).map((word) => this.pairs(left, word)[distance] ?? new DocSet())),
    );
  }

  private grouped(word: string, keyOf: (place: number) => number): Map<number, DocSet> {
    const groups = new Map<number, DocSet>();
    for (const [id, places] of this.places.get(word) ?? []) {
      for (const place of places) {
        const key = keyOf(place);
        let group = groups.get(key);
        if (group === undefined) groups.set(key, (group = new DocSet()));
        group.add(id);
      }
    }
    return groups;
  }

  private lowerBound(word: string): number {
    let low = 0;
    let high = this.words.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.words[middle] ?? "") < word) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private cached<T>(key: string, compute: () => T): T {
    const known = this.cache.get(key);
    if (known !== undefined) return known as T;
    if (this.cache.size > 50_000) this.cache.clear();
    const value = compute();
    this.cache.set(key, value);
    return value;
  }

  private forget(): void {
    this.sortedWords = null;
    if (this.cache.size > 0) this.cache.clear();
  }
}

/** The smallest distance from a place of the left word to a later place of the right word in the same field. */
function nearest(left: readonly number[], right: readonly number[]): number {
  let best = PROXIMITY_MAX;
  for (const from of left) {
    for (const to of right) {
      const distance = to - from;
      if (distance > 0 && distance < best && from >>> 16 === to >>> 16) best = distance;
    }
  }
  return best;
}

/** Exact up to 15, then ever coarser. */
export function bucketedPosition(position: number): number {
  if (position < 16) return position;
  if (position < 24) return 24;
  return 2 ** Math.ceil(Math.log2(position));
}
