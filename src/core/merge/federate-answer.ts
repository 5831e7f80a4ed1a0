/** The answer to a federated multi-search as text, in the shape and the member order of the engine. */
import { floatText } from "../documents/document-problem.ts";
import type { FederatedHit } from "./federate-hits.ts";
import type { IndexFacets } from "./federate-facets.ts";
import { memberText } from "./hit-cursor.ts";
import type { Paging } from "./merge-spec.ts";
import { DETAILS_FIELD, renderHit, type HitView } from "./render-hit.ts";
import { isSemantic, readScoreDetails } from "./score-details.ts";
import { renderTotals } from "./totals.ts";

export interface FederateAnswerInput {
  readonly page: readonly FederatedHit[];
  /** The hits of which those by meaning are counted. */
  readonly counted: readonly FederatedHit[];
  /** By position of the query. */
  readonly viewOf: (position: number) => HitView;
  readonly paging: Paging;
  readonly total: number;
  /** JSON texts by position of the query; null: nobody asked for vectors. */
  readonly queryVectors: ReadonlyMap<number, string> | null;
  readonly processingTimeMs: number;
  readonly facets: FederatedFacets;
  readonly requestUid: string;
  /** JSON texts in the order of the queries; null: not asked for. */
  readonly metadata: readonly string[] | null;
  /** Does any query search by meaning? */
  readonly semantic: boolean;
  readonly performanceDetails: string | null;
}

export type FederatedFacets =
  | { readonly kind: "apart"; readonly indexes: readonly IndexFacets[] }
  | { readonly kind: "together"; readonly distribution: string; readonly stats: string }
  | { readonly kind: "none" };

export function renderFederation(input: FederateAnswerInput): string {
  const { page, queryVectors, metadata, performanceDetails } = input;
  const hits = page.map((hit) => renderFederatedHit(hit, input.viewOf(hit.position)));
  const members = [`"hits":[${hits.join(",")}]`];
  if (queryVectors !== null) {
    const vectors = [...queryVectors].sort(([a], [b]) => a - b);
    members.push(`"queryVectors":{${vectors.map(([position, vector]) => `"${position}":${vector}`).join(",")}}`);
  }
  members.push(`"processingTimeMs":${input.processingTimeMs}`, renderTotals(input.paging, input.total));
  members.push(...renderFacets(input.facets));
  members.push(`"requestUid":${JSON.stringify(input.requestUid)}`);
  if (metadata !== null) members.push(`"metadata":[${metadata.join(",")}]`);
  if (input.semantic) members.push(`"semanticHitCount":${input.counted.filter(isSemanticHit).length}`);
  if (performanceDetails !== null) members.push(`"performanceDetails":${performanceDetails}`);
  return `{${members.join(",")}}`;
}

function renderFederatedHit({ hit, indexUid, position, score }: FederatedHit, view: HitView): string {
  const text = renderHit(hit, view);
  // The engine prints what is not a number, and what is beyond all numbers, as null.
  const weighted = Number.isFinite(score.total) ? floatText(score.total) : "null";
  const about = `"indexUid":${JSON.stringify(indexUid)},"queriesPosition":${position},"weightedRankingScore":${weighted}`;
  return `${text.slice(0, -1)}${text === "{}" ? "" : ","}"_federation":{${about}}}`;
}

function renderFacets(facets: FederatedFacets): readonly string[] {
  if (facets.kind === "together") return [`"facetDistribution":${facets.distribution},"facetStats":${facets.stats}`];
  if (facets.kind === "none" || facets.indexes.length === 0) return [];
  const listed = facets.indexes.map(
    ({ indexUid, distribution, stats }) =>
      `${JSON.stringify(indexUid)}:{"distribution":${distribution},"stats":${stats}}`,
  );
  return [`"facetsByIndex":{${listed.join(",")}}`];
}

function isSemanticHit({ hit }: FederatedHit): boolean {
  const key = readScoreDetails(memberText(hit, DETAILS_FIELD) ?? "null");
  return key !== null && isSemantic(key);
}
