/** What the ranking rules of one search ask of the index: documents of words, phrases and prefixes, within the searched fields. */
import { DocSet, unionOf } from "../doc-set.ts";
import { coversField } from "../index/attribute-patterns.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { derivedWords, phrasesOf, preparedPrefix, type Derived, type LocatedTerm, type Phrase } from "./query-term.ts";

export class SearchContext {
  readonly index: SearchIndex;
  /** Field numbers the search is limited to, null for all of them. */
  readonly searchOn: ReadonlySet<number> | null;
  private readonly exactFields: ReadonlySet<number>;
  private readonly scope: string;
  private readonly phraseCache = new Map<string, DocSet>();

  constructor(index: SearchIndex, searchOn: ReadonlySet<number> | null) {
    this.index = index;
    this.searchOn = searchOn;
    const exact = index.settings.typoTolerance.disableOnAttributes;
    this.exactFields = new Set(
      exact.length === 0
        ? []
        : index.fields.flatMap((name, field) => (exact.some((pattern) => coversField(pattern, name)) ? [field] : [])),
    );
    this.scope = searchOn === null ? "*" : [...searchOn].join(",");
  }

  wordDocuments({ word, isDerived }: Derived): DocSet {
    const tolerantOnly = isDerived && this.exactFields.size > 0;
    return this.index.words.documents(word, `${this.scope}${tolerantOnly ? "t" : ""}`, (field) => {
      if (this.searchOn !== null && !this.searchOn.has(field)) return false;
      return !tolerantOnly || !this.exactFields.has(field);
    });
  }

  prefixDocuments(prefix: Derived): DocSet {
    const { words } = this.index;
    return unionOf(
      words.wordsStartingWith(prefix.word).map((word) => this.wordDocuments({ word, isDerived: prefix.isDerived })),
    );
  }

  termDocuments(located: LocatedTerm): DocSet {
    const prefix = preparedPrefix(located);
    return unionOf([
      ...derivedWords(located).map((word) => this.wordDocuments(word)),
      ...phrasesOf(located).map((phrase) => this.phraseDocuments(phrase)),
      ...(prefix === null ? [] : [this.prefixDocuments(prefix)]),
    ]);
  }

  /** Documents where the words follow each other; three words at a time are compared, as the engine does. */
  phraseDocuments(phrase: Phrase): DocSet {
    const key = phrase.join("\0");
    let found = this.phraseCache.get(key);
    if (found === undefined) {
      found = this.findPhrase(phrase);
      this.phraseCache.set(key, found);
    }
    return found;
  }

  fieldDocuments(word: string, field: number): DocSet {
    if (this.searchOn !== null && !this.searchOn.has(field)) return new DocSet();
    return this.index.words.fieldsOf(word).get(field) ?? new DocSet();
  }

  positionDocuments(word: string, position: number): DocSet {
    return this.index.words.positionsOf(word).get(position) ?? new DocSet();
  }

  /** At one distance; by attribute there is only "in the same field", whatever the distance. */
  pairDocuments(left: string, right: string, distance: number): DocSet {
    if (this.index.settings.proximityPrecision === "byWord")
      return this.index.words.pairs(left, right)[distance] ?? new DocSet();
    const found: DocSet[] = [];
    for (const [field, documents] of this.index.words.fieldsOf(left)) {
      if (this.searchOn === null || this.searchOn.has(field))
        found.push(documents.and(this.fieldDocuments(right, field)));
    }
    return unionOf(found);
  }

  private findPhrase(phrase: Phrase): DocSet {
    const words = phrase.filter((word) => word !== null);
    if (words.length === 0) return new DocSet();
    let found = words.map((word) => this.wordDocuments({ word, isDerived: false })).reduce((a, b) => a.and(b));
    const size = Math.min(phrase.length, 3);
    for (let from = 0; from + size <= phrase.length; from += 1) {
      for (let left = from; left < from + size; left += 1) {
        for (let right = left + 1; right < from + size; right += 1) {
          const [first, second] = [phrase[left], phrase[right]];
          if (first === null || first === undefined || second === null || second === undefined) continue;
          const distances = Array.from({ length: right - left }, (_, i) => i + 1);
          found = found.and(unionOf(distances.map((distance) => this.pairDocuments(first, second, distance))));
        }
      }
    }
    return found;
  }
}
