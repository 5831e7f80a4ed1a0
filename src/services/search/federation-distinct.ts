/**
 * The total of an index that several queries search while only one document per value of an attribute counts. The
 * engine takes off what shares a value with a hit it has looked at; so the hits are counted here and the rest is asked
 * of the nodes. Of numbered pages it counts each value once, which the facet of the attribute tells. Documents with
 * several values, and values that differ between the queries, make this an estimate.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { splitAnswer } from "../../core/merge/answer-list.ts";
import { withoutValues } from "../../core/merge/distinct-counts.ts";
import { createDistinctFilter, type DistinctValue } from "../../core/merge/distinct.ts";
import { countHits, countValues } from "../../core/merge/federate-counts.ts";
import { createHitCursor, memberText, type Hit } from "../../core/merge/hit-cursor.ts";
import { SEQUENCE_FIELD } from "../../core/markers/fields.ts";
import { indexView } from "../../core/search/index-view.ts";
import { planUnion, type CountedQuery } from "../../core/search/federation-count.ts";
import { countUnion, type IndexShare } from "./federation-count.ts";
import { countedQuery, type QueryRun } from "./federation-queries.ts";
import type { SearchDeps } from "./search.ts";

/** Several queries over one index. */
export interface Union {
  readonly entry: IndexEntry;
  readonly runs: readonly QueryRun[];
  /** How many hits a query can have at most. */
  readonly full: number;
  /** Are the pages numbered, and all documents counted? */
  readonly exhaustive: boolean;
  /** The attribute of which a query shows one document per value; null: none. */
  readonly fieldOf: (run: QueryRun) => string | null;
  /** null: none. */
  readonly facets: readonly string[] | null;
}

export async function countDistinct(deps: SearchDeps, union: Union, signal: AbortSignal): Promise<IndexShare> {
  const { entry, runs, facets } = union;
  const options = { indexUid: entry.uid, depth: 0, exhaustive: false };
  if (union.exhaustive) {
    const field = runs.map(union.fieldOf).find((name) => name !== null) ?? "";
    const queries = runs.map(({ query }) => undistinct(countedQuery(query), []));
    const asked = [...new Set([...(facets ?? []), field])];
    const share = await countUnion(
      deps,
      entry,
      { requests: planUnion(queries), options: { ...options, facets: asked } },
      signal,
    );
    const { values, counted } = countValues(share.answers, field);
    return {
      ...share,
      total: Math.max(0, share.total - counted) + values,
      facets: facets === null ? null : share.facets,
    };
  }
  const documents = new Map<string, Hit>();
  const open = runs.flatMap((run) => openQuery(union, run, documents));
  const { facetRules } = indexView(entry);
  const known = countHits([...documents.values()], facets, facetRules);
  return countUnion(
    deps,
    entry,
    { requests: planUnion(open), options: { ...options, facets }, known: [known] },
    signal,
  );
}

/** What a query may find beyond its hits: none if it has run out of documents. Notes the hits that nobody else counts. */
function openQuery(union: Union, run: QueryRun, documents: Map<string, Hit>): readonly CountedQuery[] {
  const field = union.fieldOf(run);
  const counted = countedQuery(run.query);
  if (field === null) return [counted];
  const hits = hitsOf(run);
  const dry = hits.length < union.full;
  const filter = createDistinctFilter(field);
  const seen: DistinctValue[] = [];
  for (const hit of hits) {
    const { values } = filter.judge(hit);
    seen.push(...values);
    // A document without a value is met by the filter below.
    if (dry || values.length > 0) documents.set(memberText(hit, SEQUENCE_FIELD) ?? "", hit);
  }
  if (dry) return [];
  return [undistinct(counted, withoutValues(field, seen))];
}

function undistinct({ parameters, forced }: CountedQuery, filters: readonly string[]): CountedQuery {
  return {
    parameters: { ...parameters, distinct: null, rankingScoreThreshold: null },
    forced: [...forced, ...filters],
  };
}

export function hitsOf({ result }: QueryRun): readonly Hit[] {
  const list = splitAnswer(result.text, "hits", "query");
  if (list === null) return [];
  const cursor = createHitCursor(list);
  const hits: Hit[] = [];
  for (let hit = cursor.next(); hit !== null && hit !== "garbage"; hit = cursor.next()) hits.push(hit);
  return hits;
}
