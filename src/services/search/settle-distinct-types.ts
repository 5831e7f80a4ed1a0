/**
 * Which keys of facets are numbers where a distinct attribute decides which documents count: those that nodes have kept
 * have shown their values, and of all others they are asked. Where a node has left some out it is only known what there is.
 */
import { facetPartOfHits } from "../../core/merge/facet-part-of-hits.ts";
import { kindsOnly, onlyAt, type FacetTypes } from "../../core/merge/facet-types.ts";
import type { DistinctPart } from "../../core/merge/merge-search.ts";
import type { NodeQuery } from "../../core/search/search-plan.ts";
import { decidingCount } from "./deciding-words.ts";
import type { GatherDeps } from "./gather-parts.ts";
import { settleFacetTypes, type MixedFacets } from "./settle-facet-types.ts";

/** `parts`: by the positions that the answers have, too. `search`: the search as the nodes got it. */
export async function settleDistinctTypes(
  deps: GatherDeps,
  facets: MixedFacets,
  { parts, search }: { readonly parts: readonly DistinctPart[]; readonly search: NodeQuery },
  signal: AbortSignal,
): Promise<FacetTypes> {
  const fields = facets.mixed.map(({ field }) => field);
  const shown = parts.map(({ hits }) => (hits === undefined ? null : facetPartOfHits(hits, fields).types));
  const askedWhere = (
    by: (part: DistinctPart) => boolean,
    form: Pick<MixedFacets, "deciding">,
  ): Promise<FacetTypes> => {
    const here = (position: number): boolean => shown[position] == null && by(parts[position]!);
    const mixed = facets.mixed.map((field) => onlyAt(field, here));
    return settleFacetTypes(deps, { ...facets, ...form, mixed }, signal);
  };
  const [plain, values] = await Promise.all([
    askedWhere(({ counted }) => counted !== "values", {}),
    // Among the documents with one key another may stand for a value than among all.
    askedWhere(({ counted }) => counted === "values", { deciding: decidingCount(search) }),
  ]);
  const kinds = { plain: kindsOnly(plain), values: kindsOnly(values) };
  return (position, field) => {
    const own = shown[position] ?? null;
    if (own !== null) return own.get(field);
    const counted = parts[position]?.counted;
    if (counted === "values") return kinds.values(position, field);
    return counted === "all" ? plain(position, field) : kinds.plain(position, field);
  };
}
