/** Which of the listed differences explains the facets of two federated answers that are equal in everything else. */
import { andFilters } from "../../src/core/filters/and-filters.ts";
import { quoteValue } from "../../src/core/filters/quote-value.ts";
import { readKind } from "../../src/core/search/search-request.ts";
import { nodeRequest } from "../support/nodes.ts";
import { normal } from "./compare.ts";
import { member, without, type Exact } from "./exact-json.ts";
import { judgeFacets, type FacetFacts } from "./judge-facets.ts";
import type { Truth } from "./judge-lost.ts";
import { worst, type Comparison } from "./verdict.ts";
import type { Target } from "./witness.ts";

type Body = Readonly<Record<string, unknown>>;

export interface FederatedFacets {
  readonly left: Exact;
  readonly right: Exact;
  readonly queries: readonly Body[];
  readonly single: Target;
  /** What is known of an index, but for the documents that its queries find. */
  readonly factsOf: (index: string) => Promise<Omit<FacetFacts, "truth">>;
}

const FACETS: ReadonlySet<string> = new Set(["facetDistribution", "facetsByIndex"]);

/** null: something else differs as well, or nothing explains them. */
export async function judgeFederatedFacets(input: FederatedFacets): Promise<Comparison | null> {
  const { left, right, queries } = input;
  if (normal(without(left, FACETS)) !== normal(without(right, FACETS))) return null;
  const indexes = [...new Set(queries.map(({ indexUid }) => String(indexUid)))];
  const judged: Comparison[] = [];
  for (const index of indexes) {
    const facts = { ...(await input.factsOf(index)), truth: unionTruth(input, index) };
    const [a, b] = [left, right].map((side) => distributionOf(side, index));
    judged.push(await judgeFacets(a, b, facts));
  }
  const verdict = worst(judged);
  return judged.length === 0 || verdict.verdict === "different" || verdict.verdict === "equal" ? null : verdict;
}

/** Of one index, or of all together where they are merged. */
function distributionOf(side: Exact, index: string): Exact | undefined {
  return member(side, "facetDistribution") ?? member(member(member(side, "facetsByIndex"), index), "distribution");
}

/** How many documents the queries find together with a value. */
function unionTruth({ queries, single }: FederatedFacets, index: string): Truth {
  return async (field, value) => {
    const wanted = `${quoteValue(field)} = ${quoteValue(value)}`;
    const asked = queries
      .filter(({ indexUid }) => indexUid === index)
      .map((query) => ({
        indexUid: index,
        // By meaning everything is found.
        q: readKind(query) === "keyword" ? query["q"] : null,
        matchingStrategy: query["matchingStrategy"],
        attributesToSearchOn: query["attributesToSearchOn"],
        filter: andFilters(query["filter"] ?? undefined, [wanted]),
        distinct: "id",
      }));
    const found = await nodeRequest(single, "POST", "/multi-search", { queries: asked, federation: { limit: 0 } });
    return Number(found.body?.estimatedTotalHits ?? 0);
  };
}
