/** What each list of a hybrid search has kept of its documents, for a federation that counts them with those of others. */
import type { DistinctKept } from "../../core/merge/distinct-tally.ts";
import { keptOfList } from "../../core/merge/hybrid-distinct.ts";
import type { HybridSide, MergedHybrid } from "../../core/merge/merge-hybrid.ts";
import type { DistinctSpec } from "../../core/merge/merge-spec.ts";
import type { SearchResult } from "./search.ts";

type Parts = readonly { readonly shards: readonly number[] }[];

/** By list, in the order in which they are counted apart; nothing where every document counts. */
export function hybridKept(
  { full, lists, taken }: MergedHybrid,
  distinct: DistinctSpec | null,
  parts: Readonly<Record<HybridSide, Parts>>,
): Pick<SearchResult, "keptApart"> {
  if (distinct === null) return {};
  const keptOf = (side: HybridSide): DistinctKept =>
    keptOfList({
      field: distinct.field,
      full: full[side],
      hits: lists[side],
      taken,
      shards: parts[side].map(({ shards }) => shards),
    });
  return { keptApart: [keptOf("keyword"), keptOf("semantic")] };
}
