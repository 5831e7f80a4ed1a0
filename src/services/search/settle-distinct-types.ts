/**
 * Which keys of facets are numbers where a distinct attribute decides which documents count: those that nodes have kept
 * have shown their values, and of all others they are asked. Where a node has left some out it is only known what there is.
 */
import { facetPartOfHits } from "../../core/merge/facet-part-of-hits.ts";
import { kindsOnly, onlyAt, type FacetTypes } from "../../core/merge/facet-types.ts";
import type { DistinctPart } from "../../core/merge/merge-search.ts";
import type { GatherDeps } from "./gather-parts.ts";
import { settleFacetTypes, type MixedFacets } from "./settle-facet-types.ts";

/** `parts`: by the positions that the answers have, too. */
export async function settleDistinctTypes(
  deps: GatherDeps,
  facets: MixedFacets,
  parts: readonly DistinctPart[],
  signal: AbortSignal,
): Promise<FacetTypes> {
  const fields = facets.mixed.map(({ field }) => field);
  const shown = parts.map(({ hits }) => (hits === undefined ? null : facetPartOfHits(hits, fields).types));
  const mixed = facets.mixed.map((field) => onlyAt(field, (position) => shown[position] == null));
  const counted = await settleFacetTypes(deps, { ...facets, mixed }, signal);
  const kinds = kindsOnly(counted);
  return (position, field) => {
    const own = shown[position] ?? null;
    if (own !== null) return own.get(field);
    return parts[position]?.whole === true ? counted(position, field) : kinds(position, field);
  };
}
