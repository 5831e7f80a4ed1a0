/** What the judge looks up about facets: how many documents a filter finds, and of which kind their values are. */
import { andFilters } from "../../src/core/filters/and-filters.ts";
import { quoteValue } from "../../src/core/filters/quote-value.ts";
import { numberEqualTo } from "../../src/core/merge/facet-types.ts";
import { readKind } from "../../src/core/search/search-request.ts";
import { nodeRequest } from "../support/nodes.ts";
import type { IndexFacts } from "./index-facts.ts";
import type { FacetFacts } from "./judge-facets.ts";
import type { Truth } from "./judge-lost.ts";
import type { World } from "./world.ts";

type Body = Readonly<Record<string, unknown>>;

export function truthOf({ single }: World, index: string, body: Body): Truth {
  const { filter, matchingStrategy, attributesToSearchOn } = body;
  // By meaning everything is found.
  const q = readKind(body) === "keyword" ? body["q"] : null;
  return async (field, value) => {
    const wanted = `${quoteValue(field)} = ${quoteValue(value)}`;
    const asked = { q, matchingStrategy, attributesToSearchOn, filter: andFilters(filter ?? undefined, [wanted]) };
    // By id every document is another, whatever the settings say.
    const found = await nodeRequest(single, "POST", `/indexes/${index}/search`, { ...asked, distinct: "id", limit: 0 });
    return Number(found.body?.estimatedTotalHits ?? 0);
  };
}

export function facetFacts(known: IndexFacts, world: World, index: string, body: Body): FacetFacts {
  const orders = known.settings["faceting"]?.["sortFacetValuesBy"] ?? {};
  const everywhere = async (filter: string): Promise<number> => {
    const asked = { filter, distinct: "id", limit: 0 };
    const found = await nodeRequest(world.single, "POST", `/indexes/${index}/search`, asked);
    return Number(found.body?.estimatedTotalHits ?? 0);
  };
  return {
    valuesMax: valuesMaxOf(known),
    byCount: (field) => (orders[field] ?? orders["*"]) === "count",
    mixed: (field) => known.mixed.has(field),
    truth: truthOf(world, index, body),
    kinds: async (field, value) => {
      // An equality finds both.
      const filters = [numberEqualTo(field, value), `${quoteValue(field)} = ${quoteValue(value)}`];
      const [numbers = 0, both = 0] = await Promise.all(filters.map(everywhere));
      return { number: numbers > 0, text: both > numbers };
    },
  };
}

export function valuesMaxOf({ settings }: IndexFacts): number {
  return Number(settings["faceting"]?.["maxValuesPerFacet"] ?? 100);
}
