/**
 * Two federated answers that are not equal. What a federation is made of is compared first: each query as a search of
 * its own, as deep as the federation looks, with the facets of its index. Only what differs there explains the whole.
 */
import { pageWindow } from "../../src/core/merge/merge-spec.ts";
import { different } from "./compare.ts";
import { answersAlike } from "./judge-distinct.ts";
import type { DifferentialRequest } from "./request.ts";
import { worst, type Comparison } from "./verdict.ts";

type Body = Readonly<Record<string, unknown>>;

export interface FederatedInput {
  readonly queries: readonly Body[];
  readonly federation: Body;
  /** Is only one document per value shown, which makes totals and facets of several queries an estimate? */
  readonly estimated: boolean;
  /** May such a reason be given? */
  readonly excuses: boolean | "ordinary";
  /** Did a node judge a document of the answer otherwise than the single node? */
  readonly judgedOtherwise: () => Promise<boolean>;
  /** What explains the facets of all indexes together, if nothing else differs. */
  readonly mergedFacets: () => Promise<Comparison | null>;
}

export async function judgeFederated(
  { queries, federation, estimated, excuses, judgedOtherwise, mergedFacets }: FederatedInput,
  difference: string,
  compareOne: (request: DifferentialRequest) => Promise<Comparison>,
): Promise<Comparison> {
  const facetsByIndex = (federation["facetsByIndex"] ?? {}) as Readonly<Record<string, unknown>>;
  const depth = depthOf(federation);
  const isPaged = (federation["page"] ?? null) !== null || (federation["hitsPerPage"] ?? null) !== null;
  // Of numbered pages it counts each query as a numbered page is counted.
  for (const paging of [{ limit: depth }, ...(isPaged ? [{ page: 1, hitsPerPage: depth }] : [])]) {
    // One after the other, as together they would take each other's turns.
    const parts: Comparison[] = [];
    for (const { indexUid, federationOptions: _options, ...body } of queries) {
      const part = await compareOne({
        method: "POST",
        path: `/indexes/${String(indexUid)}/search`,
        // A federation orders by scores and shows them, whatever its queries ask for.
        body: { ...body, facets: facetsByIndex[String(indexUid)] ?? null, ...paging, showRankingScore: true },
      });
      parts.push(part);
    }
    const { verdict } = worst(parts);
    if (verdict !== "equal" && verdict !== "errors_equal" && verdict !== "different") return { verdict, difference };
  }
  const facets = await mergedFacets();
  if (facets !== null) return facets;
  if (estimated && excuses !== false) {
    const toldApart = await compareOne(apart(queries, federation));
    if (toldApart.verdict === "engine_local") return { verdict: "engine_local", difference };
    if (answersAlike(toldApart)) return { verdict: "distinct_estimate", difference };
  }
  // Which replica is asked for a query alone need not be the one that was asked for the federation.
  if (await judgedOtherwise()) return { verdict: "engine_local", difference };
  // The engine compares ascending distances of several queries in the wrong direction.
  const backwards =
    queries.length > 1 && queries.some(({ sort }) => /_geoPoint\([^)]*\):asc/.test(JSON.stringify(sort)));
  // The other way round it compares them rightly.
  const isThat = backwards && answersAlike(await compareOne(farthestFirst(queries, federation)));
  return isThat ? { verdict: "federated_geo", difference } : different(difference);
}

/** The same federation with what is sorted by distance the other way round. */
function farthestFirst(queries: readonly Body[], federation: Body): DifferentialRequest {
  const turned = (criterion: unknown): unknown =>
    String(criterion).startsWith("_geoPoint(") ? String(criterion).replace(/:asc$/, ":desc") : criterion;
  const turnedQueries = queries.map((query) =>
    Array.isArray(query["sort"]) ? { ...query, sort: query["sort"].map(turned) } : query,
  );
  return { method: "POST", path: "/multi-search", body: { queries: turnedQueries, federation } };
}

/** The same federation that tells all documents apart. */
function apart(queries: readonly Body[], federation: Body): DifferentialRequest {
  const own = "distinct" in federation ? {} : { distinct: "id" };
  const body = { queries: queries.map((query) => ({ ...query, ...own })), federation };
  if ("distinct" in federation) body.federation = { ...federation, distinct: "id" };
  return { method: "POST", path: "/multi-search", body };
}

function depthOf({ page, hitsPerPage, offset, limit }: Body): number {
  const paged = (page ?? null) !== null || (hitsPerPage ?? null) !== null;
  return pageWindow(
    paged
      ? { mode: "page", page: Number(page ?? 1), hitsPerPage: Number(hitsPerPage ?? 20) }
      : { mode: "offset", offset: Number(offset ?? 0), limit: Number(limit ?? 20) },
    1_000_000,
  ).to;
}
