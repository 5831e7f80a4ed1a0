/**
 * The total of a hybrid search of which only one document per value counts. Each of the two lists takes off what shares
 * a value with a document it has kept, and their union once more what shares one with a document up to the page's end.
 * With numbered pages the words count each value once, besides, at the document that was inserted first. Of the hits all
 * that is known here; the rest can be asked of the nodes by value.
 */
import { SEQUENCE_FIELD } from "../markers/fields.ts";
import { compareText } from "../json/compare-text.ts";
import { indexedValues, type DistinctValue } from "./distinct.ts";
import type { DistinctKept } from "./distinct-tally.ts";
import { memberText, type Hit } from "./hit-cursor.ts";

export interface HybridKept {
  readonly field: string;
  /** The hits of either list, as far as it was looked through. */
  readonly semantic: readonly Hit[];
  readonly keyword: readonly Hit[];
  /** The hits of both up to the end of the page, all of which count. */
  readonly taken: readonly Hit[];
  /** Those of them that do not count after all (`second-look.ts`). */
  readonly rejected: readonly Hit[];
  /** Did a list end before it was long enough? Then it has no documents but its hits. */
  readonly semanticFull: boolean;
  readonly keywordFull: boolean;
}

export interface HybridCount {
  /** Documents that the filter lets through, without these values. null: none of them count. */
  readonly meaning: readonly DistinctValue[] | null;
  /** Documents with the words, without these values and, where that is given, with one of those. */
  readonly words: {
    readonly without: readonly DistinctValue[];
    readonly among: readonly DistinctValue[] | null;
  } | null;
  /** Hits by their place, which count unless they have the words: then the documents with the words are counted with them. */
  readonly doubtful: ReadonlyMap<string, DoubtfulHit>;
  /** What is added to all that. */
  readonly known: readonly Hit[];
}

export interface DoubtfulHit {
  readonly hit: Hit;
  readonly values: readonly DistinctValue[];
}

export function planHybridCount(kept: HybridKept): HybridCount {
  const { field, semanticFull, keywordFull } = kept;
  const { semantic, keyword, taken, left } = readKept(kept);
  const wordPlaces = new Set(kept.keyword.map(placeOf));
  const doubtful = new Map<string, DoubtfulHit>();
  // Without a value a hit is counted below all the same.
  const countedAnyway = (hit: Hit): boolean => semanticFull || (keywordFull && wordPlaces.has(placeOf(hit)));
  const known: Hit[] = [];
  // Those with the words are counted below; of a hit without a value no value tells whether it is.
  const add = (hit: Hit, values: readonly DistinctValue[]): void => {
    if (keywordFull && !wordPlaces.has(placeOf(hit)) && !shares(values, keyword))
      doubtful.set(placeOf(hit), { hit, values });
    else known.push(hit);
  };
  for (const hit of kept.taken) {
    if (!isBlank(hit, field)) known.push(hit);
    else if (!countedAnyway(hit)) add(hit, []);
  }
  for (const hit of left) {
    const values = indexedValues(hit, field);
    if (values.length === 0 ? countedAnyway(hit) : semanticFull && !shares(values, semantic)) continue;
    add(hit, values);
  }
  return {
    meaning: semanticFull ? union(semantic, taken) : null,
    words: keywordFull ? { without: union(keyword, taken), among: semanticFull ? [...semantic.values()] : null } : null,
    doubtful,
    known,
  };
}

/** Is a document with the words, and without the values that it may not have, among those that are counted for them? */
export function isCounted(hit: Hit, field: string, { among }: NonNullable<HybridCount["words"]>): boolean {
  return among === null || indexedValues(hit, field).some(({ key }) => among.some((value) => value.key === key));
}

/** Of numbered pages. */
export interface HybridPagesCount extends Pick<HybridCount, "meaning"> {
  /** What is added to all that. */
  readonly known: number;
  /**
   * Values that count once more if the first document that has one of them and the words, but none of the others, is not
   * the hit by meaning. null: none do.
   */
  readonly words: {
    readonly without: readonly DistinctValue[];
    readonly among: readonly DistinctValue[];
  } | null;
  /** The place of the hit by meaning, by the key of its value. */
  readonly near: ReadonlyMap<string, string>;
}

/** The list by meaning has found everything unless it is full. */
export function planHybridPages(kept: HybridKept): HybridPagesCount {
  const { field, semanticFull, keywordFull } = kept;
  const { semantic, keyword, taken, left } = readKept(kept);
  const counted = (hit: Hit): boolean => semanticFull && !shares(indexedValues(hit, field), semantic);
  const blank = semanticFull ? kept.taken.filter((hit) => isBlank(hit, field)) : [];
  const among = [...semantic.values()].filter(({ key }) => !keyword.has(key) && !taken.has(key));
  return {
    meaning: semanticFull ? union(semantic, taken) : null,
    words: keywordFull && among.length > 0 ? { without: union(keyword, taken), among } : null,
    near: new Map(
      kept.semantic.flatMap((hit) => indexedValues(hit, field).map(({ key }) => [key, placeOf(hit)] as const)),
    ),
    known: kept.taken.length - blank.length + left.filter((hit) => !counted(hit)).length,
  };
}

/**
 * How many of the values count once more. `listed`: all documents that have one of them and the words; `near`: as in the
 * plan.
 */
export function countAgain(listed: readonly Hit[], field: string, near: ReadonlyMap<string, string>): number {
  const first = new Map<string, string>();
  for (const hit of listed) {
    const place = placeOf(hit);
    for (const { key } of indexedValues(hit, field)) {
      const before = first.get(key);
      if (near.has(key) && (before === undefined || compareText(place, before) < 0)) first.set(key, place);
    }
  }
  return [...first].filter(([key, place]) => near.get(key) !== place).length;
}

export interface ListKept {
  readonly field: string;
  readonly full: boolean;
  readonly hits: readonly { readonly hit: Hit; readonly answer: number }[];
  readonly taken: readonly Hit[];
  /** By answer. */
  readonly shards: readonly (readonly number[])[];
}

/** What one of the two lists has kept that counts in the end: it is taken, or shares no value with what is. */
export function keptOfList({ field, full, hits, taken, shards }: ListKept): DistinctKept {
  const places = new Set(taken.map(placeOf));
  const left = new Set(
    leftBy(
      taken,
      hits.map(({ hit }) => hit),
      field,
    ).map(placeOf),
  );
  const counted = hits.filter(({ hit }) => places.has(placeOf(hit)) || left.has(placeOf(hit)));
  const gone = valuesOf([...taken, ...hits.map(({ hit }) => hit)], field);
  const parts = shards.map((own, position) => {
    const valued = counted.filter(({ hit, answer }) => answer === position && !isBlank(hit, field));
    return { shards: own, valued: valued.length, values: valued.flatMap(({ hit }) => indexedValues(hit, field)) };
  });
  return { field, full, gone: [...gone.values()], parts };
}

type Values = ReadonlyMap<string, DistinctValue>;

interface ReadKept {
  readonly semantic: Values;
  readonly keyword: Values;
  readonly taken: Values;
  /** Hits that are not taken and share no value with one that is. */
  readonly left: readonly Hit[];
}

function readKept({ field, semantic, keyword, taken }: HybridKept): ReadKept {
  const takenValues = valuesOf(taken, field);
  return {
    semantic: valuesOf(semantic, field),
    keyword: valuesOf(keyword, field),
    taken: takenValues,
    left: leftBy(taken, [...semantic, ...keyword], field),
  };
}

/** Each of the hits once that is not taken and shares no value with one that is. */
export function leftBy(taken: readonly Hit[], hits: readonly Hit[], field: string): readonly Hit[] {
  const values = valuesOf(taken, field);
  const documents = new Map(hits.map((hit) => [placeOf(hit), hit]));
  for (const hit of taken) documents.delete(placeOf(hit));
  return [...documents.values()].filter((hit) => !shares(indexedValues(hit, field), values));
}

function valuesOf(hits: readonly Hit[], field: string): Values {
  return new Map(hits.flatMap((hit) => indexedValues(hit, field).map((value) => [value.key, value] as const)));
}

function shares(values: readonly DistinctValue[], others: Values): boolean {
  return values.some(({ key }) => others.has(key));
}

function isBlank(hit: Hit, field: string): boolean {
  return indexedValues(hit, field).length === 0;
}

function union(a: Values, b: Values): readonly DistinctValue[] {
  return [...new Map([...a, ...b]).values()];
}

export function placeOf(hit: Hit): string {
  return memberText(hit, SEQUENCE_FIELD) ?? "";
}
