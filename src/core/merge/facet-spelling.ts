/** Facets in the spelling of others of the same fields, of which it has been found out how the engine spells them. */
import { readFacetDistribution } from "./facet-text.ts";
import { normalizeValue } from "./normalize-value.ts";

interface FacetTexts {
  /** JSON texts. */
  readonly distribution: string;
  readonly stats: string;
}

export function spelledAs(facets: FacetTexts, others: FacetTexts | null): FacetTexts {
  const known = new Map<string, ReadonlyMap<string, string>>();
  for (const { field, values } of readFacetDistribution(others?.distribution ?? "{}") ?? []) {
    known.set(field, new Map(values.map(({ value, quoted }) => [normalizeValue(value), quoted])));
  }
  const printed = (readFacetDistribution(facets.distribution) ?? []).map(({ field, values }) => {
    const spelled = values.map(({ value, quoted, count }) => {
      const shown = known.get(field)?.get(normalizeValue(value)) ?? quoted;
      return `${shown}:${count}`;
    });
    return `${JSON.stringify(field)}:{${spelled.join(",")}}`;
  });
  return { ...facets, distribution: `{${printed.join(",")}}` };
}
