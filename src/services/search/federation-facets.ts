/** The facets of a federation, from those of its indexes; also judges facets of indexes that no query searches. */
import { ApiError, apiError } from "../../core/errors/api-error.ts";
import { isMeant } from "../../core/merge/asked-rules.ts";
import { createDistinctFilter } from "../../core/merge/distinct.ts";
import type { FederatedFacets } from "../../core/merge/federate-answer.ts";
import { mergeIndexFacets, withoutDocuments, type IndexFacets } from "../../core/merge/federate-facets.ts";
import type { FederatedHit } from "../../core/merge/federate-hits.ts";
import type { FacetOrder } from "../../core/merge/facets.ts";
import { normalizeValue } from "../../core/merge/normalize-value.ts";
import type { FederationRequest } from "../../core/search/federation-request.ts";
import { indexView } from "../../core/search/index-view.ts";
import type { IndexShare } from "./federation-count.ts";
import { facetError, type QueryRun } from "./federation-queries.ts";
import { throwRefusal } from "./judge-by-node.ts";
import type { SearchDeps } from "./search.ts";

export interface MergeFacetsInput {
  readonly federation: FederationRequest;
  readonly runs: readonly QueryRun[];
  readonly indexes: readonly IndexShare[];
  /** Hits that went for their distinct value. */
  readonly rejected: readonly FederatedHit[];
}

export async function mergeFacets(
  deps: SearchDeps,
  { federation, runs, indexes, rejected }: MergeFacetsInput,
  signal: AbortSignal,
): Promise<FederatedFacets> {
  await judgeUnused(deps, federation, runs, signal);
  const facets = indexes.flatMap((index) => (index.facets === null ? [] : [index.facets]));
  if (facets.length === 0) return { kind: "none" };
  if (federation.mergeFacets === null) {
    return {
      kind: "apart",
      indexes: facets.map((index) =>
        without(
          index,
          rejected.filter(({ indexUid }) => indexUid === index.indexUid),
        ),
      ),
    };
  }
  const rules = new Map(runs.map(({ query, entry }) => [query.indexUid, indexView(entry).facetRules]));
  const { valuesMax } = federation.mergeFacets;
  const orderOf = (indexUid: string, field: string): FacetOrder | null => {
    return isMeant(federation.facetsByIndex.get(indexUid) ?? [], field)
      ? (rules.get(indexUid)?.orderOf(field) ?? "alpha")
      : null;
  };
  const merged = mergeIndexFacets({ indexes: facets, orderOf, valuesMax });
  if (merged.kind === "conflict") {
    const position = runs.findIndex(({ query }) => query.indexUid === merged.indexUid);
    throw facetError(apiError("invalid_multi_search_facet_order", merged.message), merged.indexUid, position);
  }
  return { ...merged, kind: "together", distribution: without({ indexUid: "", ...merged }, rejected).distribution };
}

function without(index: IndexFacets, rejected: readonly FederatedHit[]): IndexFacets {
  if (rejected.length === 0) return index;
  const valuesOf = (field: string): readonly string[] =>
    rejected.flatMap(({ hit }) =>
      createDistinctFilter(field)
        .judge(hit)
        .values.map(({ text }) => normalizeValue(text)),
    );
  return { ...index, distribution: withoutDocuments(index.distribution, valuesOf, normalizeValue) };
}

/** Nothing is answered for them, but what is wrong with them is said. */
async function judgeUnused(
  deps: SearchDeps,
  { facetsByIndex }: FederationRequest,
  runs: readonly QueryRun[],
  signal: AbortSignal,
): Promise<void> {
  const used = new Set(runs.map(({ query }) => query.indexUid));
  for (const [indexUid, facets] of facetsByIndex) {
    if (used.has(indexUid)) continue;
    try {
      const { displayed } = indexView(deps.catalog.visible(indexUid));
      if (facets === null || facets.length === 0) continue;
      const body = JSON.stringify({ limit: 0, facets });
      await throwRefusal(deps.relay, { method: "POST", path: `/indexes/${indexUid}/search`, body }, signal, displayed);
    } catch (error) {
      throw unusedError(error, indexUid);
    }
  }
}

function unusedError(error: unknown, indexUid: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const message = `Inside \`.federation.facetsByIndex.${indexUid}\`: ${error.body.message}\n - Note: index \`${indexUid}\` is not used in queries`;
  return new ApiError(400, { ...error.body, message }, { cause: error });
}
