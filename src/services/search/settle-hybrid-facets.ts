/** Adds up the facets of a hybrid search with a distinct attribute: those that nodes have counted, and those of known hits. */
import { combineFacets, readFacetPart, type Counted } from "../../core/merge/merge-search.ts";
import type { FacetPart, MergedFacets } from "../../core/merge/facets.ts";
import { facetPartOfHits } from "../../core/merge/facet-part-of-hits.ts";
import { onlyAt, type FacetTypes } from "../../core/merge/facet-types.ts";
import type { Hit } from "../../core/merge/hit-cursor.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import type { GatherDeps } from "./gather-parts.ts";
import { settleFacetTypes } from "./settle-facet-types.ts";
import type { SpellingPart } from "./settle-spellings.ts";

export interface HybridFacetParts {
  readonly indexUid: string;
  /** Of the list by words. */
  readonly plan: SearchPlan;
  /** Which fields there are. */
  readonly fields: readonly string[];
  readonly counted: readonly CountedPart[];
  readonly hits: readonly Hit[];
  /** Counted documents that do not count. */
  readonly gone: readonly Hit[];
}

export interface CountedPart {
  readonly node: Counted;
  readonly from: SpellingPart;
  /** What has decided besides the filters; null: not to be said, so that nothing can be asked about the documents. */
  readonly by: "words" | "nothing" | null;
}

/** null: an answer has no facets. */
export async function settleHybridFacets(
  deps: GatherDeps,
  { indexUid, plan, fields, counted, hits, gone }: HybridFacetParts,
  signal: AbortSignal,
): Promise<Pick<MergedFacets, "distribution" | "stats"> | null> {
  const parts = counted.map(({ node }) => readFacetPart(node));
  if (!parts.every((part) => part !== null)) return null;
  const known = facetPartOfHits(hits, fields);
  const all: readonly FacetPart[] = [...parts, known.part];
  const ofHits: FacetTypes = (position, field) => (position === parts.length ? known.types.get(field) : undefined);
  const first = combineFacets(all, plan.merge, { types: ofHits, gone });
  if (first.mixed.length === 0) return first;
  const answers = counted.map(({ from }) => from);
  const queries = { words: plan.query, nothing: { ...plan.query, base: "{}" } };
  const [words, nothing] = await Promise.all(
    (["words", "nothing"] as const).map((by) => {
      const mixed = first.mixed.map((field) => onlyAt(field, (position) => counted[position]?.by === by));
      return settleFacetTypes(deps, { indexUid, query: queries[by], answers, mixed }, signal);
    }),
  );
  const types: FacetTypes = (position, field) =>
    ofHits(position, field) ?? words!(position, field) ?? nothing!(position, field);
  return combineFacets(all, plan.merge, { types, gone });
}
