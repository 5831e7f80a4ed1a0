/**
 * The total of a hybrid search of which only one document per value counts. Each of the two lists takes off what shares
 * a value with a document it has kept, and their union once more what shares one with a document up to the page's end.
 * Of the hits that is known here; the rest can be asked of the nodes by value.
 */
import { SEQUENCE_FIELD } from "../markers/fields.ts";
import { facetValues, type DistinctValue } from "./distinct.ts";
import { memberText, type Hit } from "./hit-cursor.ts";

export interface HybridKept {
  readonly field: string;
  /** The hits of either list, as far as it was looked through. */
  readonly semantic: readonly Hit[];
  readonly keyword: readonly Hit[];
  /** The hits of both up to the end of the page, all of which count. */
  readonly taken: readonly Hit[];
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
  /** Hits by their place, which count unless they have the words. */
  readonly doubtful: ReadonlyMap<string, readonly DistinctValue[]>;
  /** What is added to all that. */
  readonly known: number;
}

export function planHybridCount(kept: HybridKept): HybridCount {
  const { field, semanticFull, keywordFull } = kept;
  const valuesOf = (hits: readonly Hit[]): Values => new Map(hits.flatMap((hit) => entries(facetValues(hit, field))));
  const [semantic, keyword, taken] = [valuesOf(kept.semantic), valuesOf(kept.keyword), valuesOf(kept.taken)];
  const takenPlaces = new Set(kept.taken.map(placeOf));
  const wordPlaces = new Set(kept.keyword.map(placeOf));
  const documents = new Map([...kept.semantic, ...kept.keyword].map((hit) => [placeOf(hit), hit]));
  const doubtful = new Map<string, readonly DistinctValue[]>();
  let known = kept.taken.length;
  for (const [place, hit] of documents) {
    const values = facetValues(hit, field);
    const shares = (others: Values): boolean => values.some(({ key }) => others.has(key));
    const hasWords = wordPlaces.has(place);
    if (takenPlaces.has(place)) {
      // Without a value it is counted below all the same.
      if (values.length === 0 && (semanticFull || (keywordFull && hasWords))) known -= 1;
      continue;
    }
    if (shares(taken)) continue;
    const counted = values.length === 0 ? semanticFull || (keywordFull && hasWords) : semanticFull && !shares(semantic);
    if (counted) continue;
    if (keywordFull && !hasWords && values.length > 0 && !shares(keyword)) doubtful.set(place, values);
    else known += 1;
  }
  return {
    meaning: semanticFull ? [...new Map([...semantic, ...taken]).values()] : null,
    words: keywordFull
      ? { without: [...new Map([...keyword, ...taken]).values()], among: semanticFull ? [...semantic.values()] : null }
      : null,
    doubtful,
    known,
  };
}

type Values = ReadonlyMap<string, DistinctValue>;

function entries(values: readonly DistinctValue[]): readonly (readonly [string, DistinctValue])[] {
  return values.map((value) => [value.key, value]);
}

export function placeOf(hit: Hit): string {
  return memberText(hit, SEQUENCE_FIELD) ?? "";
}
