/**
 * The total of an index that several queries search while only one document per value of an attribute counts. The
 * engine takes off what shares a value with a document it has kept, which nodes can be asked about by value. Of numbered
 * pages it counts each value once, which the facet of the attribute tells; as it may be counted at another document by
 * each query, that is an estimate.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { splitAnswer } from "../../core/merge/answer-list.ts";
import { noDistinct, withoutValues } from "../../core/merge/distinct-counts.ts";
import type { DistinctKept } from "../../core/merge/distinct-tally.ts";
import { createDistinctFilter, type DistinctValue } from "../../core/merge/distinct.ts";
import { countHits, countValues } from "../../core/merge/federate-counts.ts";
import { ownFacet } from "../../core/merge/own-facet.ts";
import { createHitCursor, memberText, type Hit } from "../../core/merge/hit-cursor.ts";
import { SEQUENCE_FIELD, SEQUENCE_RULE } from "../../core/markers/fields.ts";
import { rulesConflict } from "../../core/search/federation-rules.ts";
import { DEFAULT_RANKING_RULES } from "../../core/settings/node-form.ts";
import { indexView, isStrings } from "../../core/search/index-view.ts";
import { hasThreshold, planUnion, type CountedQuery, type CountOptions } from "../../core/search/federation-count.ts";
import { distinctForms, keptDepth } from "../../core/search/federation-distinct.ts";
import { countMixture } from "./count-mixture.ts";
import type { CountedUnion, IndexShare } from "./federation-count.ts";
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
  /** Of the nodes that the queries were asked of. */
  readonly fingerprint: number;
}

/** The parameters of queries without a distinct attribute, as they have to be counted. */
export type PlainForms = (run: QueryRun) => readonly CountedQuery[];

export async function countDistinct(
  deps: SearchDeps,
  union: Union,
  plain: PlainForms,
  signal: AbortSignal,
): Promise<IndexShare> {
  if (union.exhaustive) return countPages(deps, union, plain, signal);
  const { entry, runs, full, facets, fingerprint } = union;
  const canTellApart = runs.every((run) => switchedOff(union, run) !== null);
  const documents = new Map<string, Hit>();
  let depth = 0;
  const queries = runs.flatMap((run) => {
    if (union.fieldOf(run) === null) return plain(run);
    const lists = canTellApart ? keptLists(run) : [];
    if (lists.length === 0) return openQuery(union, run, documents);
    depth = Math.max(depth, ...lists.map(({ kept }) => keptDepth(kept)));
    return lists.flatMap(({ query, kept }) => distinctForms(query, kept));
  });
  const requests = planUnion(queries);
  const looks = queries.some(hasThreshold);
  const known = countHits([...documents.values()], facets, indexView(entry).facetRules);
  const options: CountOptions = {
    indexUid: entry.uid,
    depth: looks ? Math.max(depth, full) : depth,
    exhaustive: false,
    facets,
    sorted: requests.every(({ queries: own }) => goTogether(entry, own)),
    fingerprint,
  };
  const counted = { requests, options, ...(documents.size === 0 ? {} : { known: [known] }) };
  return countMixture(deps, entry, counted, signal);
}

/** The lists that a query is made of, and what each has kept; none where that is not known. */
function keptLists({
  query,
  result,
}: QueryRun): readonly { readonly query: CountedQuery; readonly kept: DistinctKept }[] {
  const { parameters, forced } = countedQuery(query);
  if (result.kept !== undefined) return [{ query: { parameters, forced }, kept: result.kept }];
  const { countedAs = [], keptApart = [] } = result;
  return keptApart.map((kept, i) => ({ query: { parameters: { ...parameters, ...countedAs[i] }, forced }, kept }));
}

/** Do nodes accept the queries with their sorts, although a rule of the router's stands behind all others? */
function goTogether(entry: IndexEntry, queries: readonly CountedQuery[]): boolean {
  const rules = entry.settings["rankingRules"];
  const rankingRules = [...(isStrings(rules) ? rules : DEFAULT_RANKING_RULES), SEQUENCE_RULE];
  const asked = entry.tieBreak === "node" ? entry : { ...entry, settings: { ...entry.settings, rankingRules } };
  const ranked = queries.map(({ parameters }, position) => ({
    position,
    indexUid: entry.uid,
    entry: asked,
    parameters,
  }));
  return rulesConflict(ranked) === null;
}

/** Of numbered pages: every document of queries without the attribute, and besides them every value once. */
async function countPages(deps: SearchDeps, union: Union, plain: PlainForms, signal: AbortSignal): Promise<IndexShare> {
  const { entry, runs, full, facets, fingerprint } = union;
  const field = runs.map(union.fieldOf).find((name) => name !== null) ?? "";
  const plainly = runs.filter((run) => union.fieldOf(run) === null).flatMap(plain);
  const valued = runs.flatMap((run) => {
    if (union.fieldOf(run) === null) return [];
    const off = switchedOff(union, run);
    const whole = off === null ? { distinct: null, rankingScoreThreshold: null } : { distinct: off };
    const { parameters, forced } = countedQuery(run.query);
    const forms = run.result.countedAs ?? [{}];
    return forms.map((form) => ({ parameters: { ...parameters, ...form, ...whole }, forced }));
  });
  const count = (queries: readonly CountedQuery[], asked: readonly string[]): Promise<CountedUnion> => {
    const looks = queries.some(hasThreshold);
    const own = ownFacet(field, facets ?? []);
    const options = {
      indexUid: entry.uid,
      depth: looks ? full : 0,
      exhaustive: looks,
      facets: asked,
      fingerprint,
      ...(own === null ? {} : { ownFacet: own }),
    };
    return countMixture(deps, entry, { requests: planUnion(queries), options }, signal);
  };
  const [all, before] = await Promise.all([
    count([...plainly, ...valued], [...new Set([...(facets ?? []), field])]),
    plainly.length === 0 ? null : count(plainly, [field]),
  ]);
  const { values, counted } = countValues(all.answers, field);
  const beside = counted - (before === null ? 0 : countValues(before.answers, field).counted);
  return {
    ...all,
    total: Math.max(0, all.total - beside + Math.min(values, beside)),
    facets: facets === null ? null : all.facets,
  };
}

/** Under which attribute the query finds every document; null: there is none that a node would accept. */
function switchedOff(union: Union, run: QueryRun): string | null {
  const field = union.fieldOf(run);
  const off = field === null ? null : noDistinct(field);
  return off !== null && !indexView(union.entry).isFilterable(off) ? null : (off ?? "");
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
  const { parameters, forced } = counted;
  return (run.result.countedAs ?? [{}]).map((form) => ({
    parameters: { ...parameters, ...form, distinct: null, rankingScoreThreshold: null },
    forced: [...forced, ...withoutValues(field, seen)],
  }));
}

export function hitsOf({ result }: QueryRun): readonly Hit[] {
  const list = splitAnswer(result.text, "hits", "query");
  if (list === null) return [];
  const cursor = createHitCursor(list);
  const hits: Hit[] = [];
  for (let hit = cursor.next(); hit !== null && hit !== "garbage"; hit = cursor.next()) hits.push(hit);
  return hits;
}
