/**
 * Which strategy merges a search. Scores and places say nothing about sort values, and a list by meaning has an order
 * of its own: such searches are merged by details whatever is wished for.
 */
import type { IndexEntry } from "../catalog/index-entry.ts";
import type { Ranking } from "../merge/ranking.ts";
import { needsDetails } from "../merge/strategies.ts";
import { isStrings } from "./index-view.ts";
import type { SearchRequest } from "./search-request.ts";

export function chooseMerge(wished: Ranking, request: SearchRequest, entry: IndexEntry): Ranking {
  if (needsDetails(wished) || isByRelevanceAlone(request, entry)) return wished;
  return { ...wished, strategy: "details" };
}

function isByRelevanceAlone({ kind, body }: SearchRequest, { settings }: IndexEntry): boolean {
  if (kind !== "keyword" || (isStrings(body["sort"]) && body["sort"].length > 0)) return false;
  const rules = settings["rankingRules"];
  return !isStrings(rules) || !rules.some((rule) => /:(?:asc|desc)$/.test(rule));
}
