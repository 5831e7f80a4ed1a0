/**
 * Takes documents whose values are known, and which the nodes have counted but the engine would not, out of facets that are
 * not cut yet: what moves up in their place is shown. A smallest or greatest number that nobody else holds is gone with them.
 */
import { asFloat, countedValues, withoutExponent } from "./facet-part-of-hits.ts";
import { looksLikeNumber } from "./facet-types.ts";
import type { FacetRange } from "./facet-text.ts";
import type { MergedField } from "./facets.ts";
import type { Hit } from "./hit-cursor.ts";
import { normalizeValue } from "./normalize-value.ts";

type Fields = ReadonlyMap<string, MergedField>;

/** Changes the counts, and names the fields that have lost values by that. */
export function takeOut(fields: Fields, hits: readonly Hit[]): ReadonlySet<string> {
  const lessened = new Set<string>();
  for (const [field, { numbers, strings }] of fields) {
    for (const { key, text } of hits.flatMap((hit) => countedValues(hit, field))) {
      const printed = withoutExponent(text);
      // Where it is not known which keys are numbers, one may be taken for a text.
      const isNumber = key.startsWith("n") && numbers.has(printed);
      const into = isNumber ? numbers : strings;
      const name = isNumber ? printed : normalizeValue(text);
      const value = into.get(name);
      if (value === undefined) continue;
      value.count -= 1;
      if (value.count > 0) continue;
      into.delete(name);
      lessened.add(field);
    }
  }
  return lessened;
}

/** `ranges`: by field, of all documents; the numbers of the fields that have lost some decide anew. */
export function rangesLeft(
  ranges: ReadonlyMap<string, FacetRange>,
  fields: Fields,
  lessened: ReadonlySet<string>,
): ReadonlyMap<string, FacetRange> {
  const left = new Map(ranges);
  for (const field of lessened) {
    const range = ranges.get(field);
    const merged = fields.get(field);
    if (range === undefined || merged === undefined) continue;
    const keys = [...merged.numbers.values(), ...merged.strings.values()].map(({ key }) => key);
    const numbers = keys.filter((key) => looksLikeNumber(key)).map(Number);
    const within = numbers.filter((number) => number >= range.min && number <= range.max);
    if (within.length === 0) left.delete(field);
    else left.set(field, narrowed(range, Math.min(...within), Math.max(...within)));
  }
  return left;
}

function narrowed(range: FacetRange, min: number, max: number): FacetRange {
  const minText = min === range.min ? range.minText : asFloat(min);
  return { min, max, minText, maxText: max === range.max ? range.maxText : asFloat(max) };
}
