/**
 * The facets of an answer without some documents that the nodes have counted but the engine would not, whose values are
 * known. A smallest or greatest number that nobody else holds is gone with them.
 */
import { compareText } from "../json/compare-text.ts";
import { asFloat, countedValues } from "./facet-part-of-hits.ts";
import { looksLikeNumber } from "./facet-types.ts";
import {
  distributionText,
  readFacetDistribution,
  readFacetStats,
  type FacetField,
  type FacetValue,
} from "./facet-text.ts";
import type { FacetRules } from "./facets.ts";
import { withoutDocuments } from "./federate-facets.ts";
import type { Hit } from "./hit-cursor.ts";
import { normalizeValue } from "./normalize-value.ts";

/** JSON texts. */
interface FacetTexts {
  readonly distribution: string;
  readonly stats: string;
}

/** Of `valuesMax` values others may have been left out. */
export function facetsWithout<Facets extends FacetTexts>(
  facets: Facets,
  hits: readonly Hit[],
  { valuesMax, orderOf }: Pick<FacetRules, "valuesMax" | "orderOf">,
): Facets {
  const valuesOf = (field: string): readonly string[] =>
    hits.flatMap((hit) => countedValues(hit, field).map(({ text }) => normalizeValue(text)));
  const left = withoutDocuments(facets.distribution, valuesOf, normalizeValue);
  const numeric = readFacetStats(facets.stats) ?? new Map();
  const distribution = byCount(left, (field) => (orderOf(field) === "count" ? numeric.has(field) : null));
  return { ...facets, distribution, stats: statsOf(facets, distribution, valuesMax) };
}

function statsOf({ distribution, stats }: FacetTexts, left: string, valuesMax: number): string {
  const before = byField(distribution);
  const after = byField(left);
  const ranges = [...(readFacetStats(stats) ?? [])].sort(([a], [b]) => compareText(a, b));
  const printed = ranges.flatMap(([field, { min, max, minText, maxText }]) => {
    const [own, rest] = [before.get(field)?.values ?? [], after.get(field)?.values ?? []];
    const whole = `${JSON.stringify(field)}:{"min":${minText},"max":${maxText}}`;
    if (own.length === rest.length || own.length >= valuesMax) return [whole];
    const numbers = rest.map(({ value }) => value).filter((value) => looksLikeNumber(value));
    const within = numbers.map(Number).filter((number) => number >= min && number <= max);
    if (within.length === 0) return [];
    const [low, high] = [Math.min(...within), Math.max(...within)];
    const texts = [low === min ? minText : asFloat(low), high === max ? maxText : asFloat(high)];
    return [`${JSON.stringify(field)}:{"min":${texts[0]},"max":${texts[1]}}`];
  });
  return `{${printed.join(",")}}`;
}

/** In order again where the counts decide, numbers in front of texts. `hasNumbers`: null where they do not. */
function byCount(distribution: string, hasNumbers: (field: string) => boolean | null): string {
  const fields = (readFacetDistribution(distribution) ?? []).map(({ field, values }) => {
    const numbers = hasNumbers(field);
    const isNumber = ({ value }: FacetValue): number => Number(numbers === true && looksLikeNumber(value));
    const ordered =
      numbers === null ? values : values.toSorted((a, b) => isNumber(b) - isNumber(a) || b.count - a.count);
    return { field, values: ordered };
  });
  return distributionText(fields);
}

function byField(distribution: string): ReadonlyMap<string, FacetField> {
  return new Map((readFacetDistribution(distribution) ?? []).map((found) => [found.field, found]));
}
