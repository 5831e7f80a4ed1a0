/** Counts what several queries of one index find together, also where nodes do not take them as one federation. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import { apartByStrategy } from "../../core/search/federation-count.ts";
import { countUnion, type CountedUnion, type CountUnionInput } from "./federation-count.ts";
import type { SearchDeps } from "./search.ts";

/** Nodes may refuse what a node without the hidden rule takes; then they are asked in other ways, the exact one first. */
export async function countMixture(
  deps: SearchDeps,
  entry: IndexEntry,
  { requests, ...counting }: CountUnionInput,
  signal: AbortSignal,
): Promise<CountedUnion> {
  const apart = apartByStrategy(requests);
  const mixes = apart.length > requests.length;
  const bySequence = { ...counting.options, bySequence: true };
  try {
    return await countUnion(deps, entry, { ...counting, requests }, signal);
  } catch (error) {
    if (!mixes || !(error instanceof ApiError) || error.code !== RULES_REFUSED) throw error;
  }
  try {
    return await countUnion(deps, entry, { ...counting, requests, options: bySequence }, signal);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error;
  }
  return countUnion(deps, entry, { ...counting, requests: apart }, signal);
}

const RULES_REFUSED = "invalid_multi_search_query_ranking_rules";
