/**
 * Documents that are taken out of facets have to tell the values of all their fields, and a client may retrieve some only. Then
 * the same lists are asked for once more, with whole documents in them.
 */
import { SEQUENCE_RULE } from "../../core/markers/fields.ts";
import { readHits, type Hit } from "../../core/merge/hit-cursor.ts";
import { readRankKey } from "../../core/merge/rank-key.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import { baseOf, type DistinctSearch } from "./ask-distinct.ts";
import type { GatherDeps } from "./gather-parts.ts";
import { undecorated } from "./undecorated.ts";
import { askWhole } from "./whole-lists.ts";

/** What cannot be had stays as it is. */
export async function withAllFields(
  deps: GatherDeps,
  search: DistinctSearch,
  hits: readonly Hit[],
  signal: AbortSignal,
): Promise<readonly Hit[]> {
  const { attributesToRetrieve = null, ...base } = baseOf(search.plan);
  const isAll = attributesToRetrieve === null || (attributesToRetrieve as readonly string[]).includes("*");
  if (hits.length === 0 || isAll) return hits;
  const query = { ...search.plan.query, base: JSON.stringify(undecorated(base)) };
  const plan: SearchPlan = { ...search.plan, query };
  const whole = await askWhole(deps, { ...search, plan }, signal);
  const found = new Map((whole?.lists ?? []).flatMap((list) => readHits(list) ?? []).map((hit) => [placeOf(hit), hit]));
  return hits.map((hit) => found.get(placeOf(hit)) ?? hit);
}

/** The place in insertion order tells documents apart, be it the last rule or a field. */
function placeOf(hit: Hit): string | null {
  return readRankKey(hit)?.find((rule) => rule?.name === SEQUENCE_RULE)?.text ?? null;
}
