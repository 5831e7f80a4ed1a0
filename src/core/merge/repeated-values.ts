/**
 * Values of a distinct attribute that several nodes have listed in a facet, and that one engine would count once. A key
 * that looks like a number stands for a number, a text, or both, which are different values.
 */
import { indexedValues, isBlankText, type DistinctValue } from "./distinct.ts";
import { readFacetDistribution, readFacetStats } from "./facet-text.ts";
import { looksLikeNumber, type MixedField, type TypedCount } from "./facet-types.ts";
import type { Hit } from "./hit-cursor.ts";
import type { Counted } from "./merge-search.ts";
import { normalizeValue } from "./normalize-value.ts";

/** What one node listed. */
export interface ListedValues {
  readonly keys: readonly string[];
  /** Has the node counted a number in the field? */
  readonly hasNumbers: boolean;
}

/** null: the node has not counted the field. */
export function listedValues({ facetDistribution, facetStats }: Counted, field: string): ListedValues | null {
  const facets = facetDistribution === null ? null : readFacetDistribution(facetDistribution);
  const found = facets?.find((facet) => facet.field === field);
  if (found === undefined) return null;
  const stats = facetStats === null ? null : readFacetStats(facetStats);
  return { keys: found.values.map(({ value }) => value), hasNumbers: stats?.has(field) === true };
}

/** With the text of blanks, which a node does not list where it has rejected the document that it has kept for it. */
export function withBlankText(list: ListedValues | null, hits: readonly Hit[], field: string): ListedValues | null {
  const { keys, hasNumbers } = list ?? { keys: [], hasNumbers: false };
  const isListed = keys.some((key) => normalizeValue(key) === "");
  if (isListed || !hits.some((hit) => indexedValues(hit, field).some(isBlankText))) return list;
  return { keys: [...keys, BLANK], hasNumbers };
}

const BLANK = " ";

/** Keys, in the form in which they are compared, that at least two nodes have. */
export function repeatedKeys(lists: readonly (ListedValues | null)[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const list of lists) {
    for (const key of new Set(list?.keys.map(normalizeValue))) {
      if (seen.has(key)) repeated.add(key);
      else seen.add(key);
    }
  }
  return repeated;
}

/** Of which keys it has to be asked what they are. null: none can be both. */
export function doubtfulKeys(
  field: string,
  lists: readonly (ListedValues | null)[],
  repeated: ReadonlySet<string>,
): MixedField | null {
  if (lists.every((list) => list?.hasNumbers !== true)) return null;
  const keys = new Map<number, readonly string[]>();
  for (const [position, list] of lists.entries()) {
    const doubtful = (list?.keys ?? []).filter((key) => looksLikeNumber(key) && repeated.has(key));
    if (list?.hasNumbers === true && doubtful.length > 0) keys.set(position, doubtful);
  }
  return keys.size === 0 ? null : { field, keys };
}

/** Those of one node's values that other nodes may have as well. `types`: undefined where it is what it seems to be. */
export function sharedValues(
  list: ListedValues,
  repeated: ReadonlySet<string>,
  types: ReadonlyMap<string, TypedCount> | undefined,
): readonly DistinctValue[] {
  return list.keys
    .filter((key) => repeated.has(normalizeValue(key)))
    .flatMap((key): DistinctValue[] => {
      const text = { key: `s${normalizeValue(key)}`, text: key };
      if (!list.hasNumbers || !looksLikeNumber(key)) return [text];
      const number = { key: `n${Number(key)}`, text: key };
      const typed = types?.get(key) ?? { numbers: 1, texts: 0 };
      return [...(typed.numbers > 0 ? [number] : []), ...(typed.texts > 0 ? [text] : [])];
    });
}

/** How often a value is counted by a second, third, … node. */
export function countRepeats(lists: readonly (readonly DistinctValue[])[]): number {
  const all = lists.flatMap((values) => values.map(({ key }) => key));
  return all.length - new Set(all).size;
}
