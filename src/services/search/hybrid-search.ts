/**
 * The story of a hybrid search: its list by words and its list by meaning are asked of the nodes, each is merged over
 * all shards, and the two become one answer. The query is embedded once, and only if the words alone do not settle it.
 */
import { nodeError } from "../../core/errors/api-error.ts";
import type { SpellingChoice } from "../../core/merge/facets.ts";
import type { HybridKept } from "../../core/merge/hybrid-distinct.ts";
import { areWordsEnough, mergeHybrid, type CountedUnion, type MergedHybrid } from "../../core/merge/merge-hybrid.ts";
import { kindsOnly, type FacetTypes } from "../../core/merge/facet-types.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { pageWindow, type MergeSpec } from "../../core/merge/merge-spec.ts";
import { indexView } from "../../core/search/index-view.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import { settleFacetTypes, type MixedFacets } from "./settle-facet-types.ts";
import { meaningRatio, planHybrid, planSemantic } from "../../core/search/plan-hybrid.ts";
import { sortsBeforeVector } from "../../core/search/vector-place.ts";
import type { PlanSearchInput } from "../../core/search/plan-search.ts";
import { readDegraded } from "../../telemetry/events/search.ts";
import { embedQuery } from "./embed-query.ts";
import { countUnion } from "./federation-count.ts";
import { abortion } from "./gather-parts.ts";
import { requireAnswers, searchMetadata } from "./gather-search.ts";
import { decidingWords } from "./deciding-words.ts";
import { hybridKept } from "./hybrid-kept.ts";
import {
  answersOf,
  gatherSide,
  gatherWords,
  listOf,
  replaceGarbled,
  type BothSides,
  type Side,
  type Sides,
  type Work,
} from "./hybrid-sides.ts";
import { showAll } from "./hybrid-several.ts";
import { mergeGathered } from "./merge-gathered.ts";
import { refuseUnsupported, throwRefusal } from "./judge-by-node.ts";
import type { SearchDeps, SearchInput, SearchResult } from "./search.ts";
import type { HybridCounted } from "./settle-hybrid-distinct.ts";
import { settleHybridTotal } from "./settle-hybrid-total.ts";
import { settleSpellings } from "./settle-spellings.ts";

export async function hybridSearch(
  deps: SearchDeps,
  planning: PlanSearchInput,
  input: SearchInput,
  signal: AbortSignal,
): Promise<SearchResult> {
  const { request } = planning;
  const { displayed } = indexView(planning.entry);
  // The engine looks at the embedder before anything else.
  if (!knowsEmbedder(planning)) await throwRefusal(deps.relay, input.judgement, signal, displayed);
  await judgeMedia(deps, planning, signal);
  const planned = planHybrid(planning);
  if (planned.kind === "unsupported")
    return refuseUnsupported(deps.relay, input.judgement, planned.message, signal, displayed);
  const { plan } = planned;
  const work: Work = { deps, planning, plan, input, signal };
  const words = gatherWords(work);
  const [meaning, keyword] = await Promise.allSettled([
    gatherMeaning(work, request.body["vector"] ?? null, words),
    words,
  ]);
  // Where both are refused, a node knows which fault the engine meets first.
  if (meaning.status === "rejected" && keyword.status === "rejected") {
    await throwRefusal(deps.relay, input.judgement.forced ?? input.judgement, signal, displayed);
  }
  if (meaning.status === "rejected") throw meaning.reason;
  if (keyword.status === "rejected") throw keyword.reason;
  return mergeSides(work, { keyword: keyword.value, semantic: meaning.value });
}

/** Whether media may be searched for is no question of the words, which may settle the search without them. */
async function judgeMedia(deps: SearchDeps, { request, entry }: PlanSearchInput, signal: AbortSignal): Promise<void> {
  const { media = null, vector, hybrid } = request.body;
  if (media === null) return;
  // Nothing is embedded for words alone.
  const body = JSON.stringify({ media, vector, hybrid: { ...(hybrid as object), semanticRatio: 0 }, limit: 0 });
  await throwRefusal(deps.relay, { method: "POST", path: `/indexes/${entry.uid}/search`, body }, signal);
}

function knowsEmbedder({ request, entry }: PlanSearchInput): boolean {
  const { embedder } = request.body["hybrid"] as { readonly embedder: unknown };
  const embedders = entry.settings["embedders"];
  return (
    typeof embedder === "string" &&
    typeof embedders === "object" &&
    embedders !== null &&
    Object.hasOwn(embedders, embedder)
  );
}

/** null: the words are good enough, or cannot be embedded. */
async function gatherMeaning(work: Work, vector: unknown, words: Promise<Side>): Promise<Side | null> {
  const { deps, planning, plan, input, signal } = work;
  let known = vector;
  if (known === null) {
    if (plan.wordsMaySettle && areWordsEnough(answersOf(await words), plan.ratio, plan.keyword.merge)) return null;
    const embedded = await embedQuery(deps.relay, planning.entry.uid, planning.request, signal);
    if (embedded.kind === "refused") {
      // Like the engine: what cannot be embedded is searched for by its words.
      if (embedded.error.code === "vector_embedding_error") return null;
      throw nodeError(embedded.status, embedded.error);
    }
    known = embedded.vector;
  }
  const planned = planSemantic(planning, known);
  if (planned.kind === "unsupported") {
    const { displayed } = indexView(planning.entry);
    return refuseUnsupported(deps.relay, input.judgement, planned.message, signal, displayed);
  }
  return gatherSide(work, planned.plan);
}

/** Merges; an answer that turns out to be garbage on the way is asked from another owner, as if it had not come. */
async function mergeSides(work: Work, { keyword, semantic }: Sides): Promise<SearchResult> {
  const { deps, planning, plan, input, signal } = work;
  const { entry, request } = planning;
  const requestUid = input.requestUid ?? deps.random.uuidV7();
  const metadata = input.includeMetadata ? searchMetadata(deps.random, entry, request) : null;
  const { merge: spec } = plan.keyword;
  const sortsBefore = sortsBeforeVector(entry, request.body["sort"]);
  const vectorless = sortsBefore === null || request.hasThreshold ? null : { sortsBefore };
  let spelling: SpellingChoice | undefined;
  let types: FacetTypes | undefined;
  let union: CountedUnion | undefined;
  let distinct: HybridCounted | null | undefined;
  let all = false;
  for (;;) {
    requireAnswers(deps, keyword.gathered, entry);
    if (semantic === null || areWordsEnough(answersOf(keyword), plan.ratio, spec)) {
      const settled = await mergeGathered(deps, { ...keyword, request, entry, input, wordsSettle: true }, signal);
      const { kept, ...found } = settled;
      return { ...found, countedAs: [wordsAlone(keyword)], ...(kept === undefined ? {} : { keptApart: [kept] }) };
    }
    requireAnswers(deps, semantic.gathered, entry);
    if (!all) {
      const mixed = sortsBefore !== null && sortsBefore > 0;
      const sides = [
        { side: keyword, mixed: false },
        { side: semantic, mixed },
      ];
      await Promise.all(sides.map((shown) => showAll(deps, { indexUid: entry.uid, ...shown }, signal)));
    }
    all = true;
    const merged = mergeHybrid({
      keyword: listOf(keyword),
      semantic: listOf(semantic),
      ratio: plan.ratio,
      spec,
      vectorless,
      byFieldsAlone: sortsBefore === null,
      requestUid,
      metadata,
      ...(union === undefined ? {} : { union }),
      ...(distinct === undefined
        ? {}
        : { distinctTotal: distinct?.total ?? null, distinctFacets: distinct?.facets ?? null }),
      ...(spelling === undefined ? {} : { spelling }),
      ...(types === undefined ? {} : { types }),
    });
    if (merged.kind === "union") union = await countBoth(work, semantic);
    else if (merged.kind === "distinct") distinct = await countDistinct(work, { keyword, semantic }, merged.kept);
    else if (merged.kind === "garbage") {
      // Every turn leaves out one more node, so this ends.
      spelling = undefined;
      types = undefined;
      distinct = undefined;
      all = false;
      await replaceGarbled(work, merged.side === "keyword" ? keyword : semantic, merged.answer);
    } else if (merged.mixed.length > 0 && types === undefined) {
      const answers = everything(entry, semantic, merged.ignoresThreshold);
      const mixed = { ...answers, mixed: merged.mixed, deciding: besides(work, semantic) };
      const found = await settleFacetTypes(deps, mixed, signal);
      types = countsAll(request, spec) ? found : kindsOnly(found);
    } else if (merged.disputes.length > 0 && spelling === undefined) {
      const answers = everything(entry, semantic, merged.ignoresThreshold);
      const disputed = { ...answers, disputes: merged.disputes, tieBreak: entry.tieBreak };
      spelling = await settleSpellings(deps, disputed, signal);
    } else {
      const found = result(work, [keyword, semantic], merged.text);
      const parts = { keyword: keyword.gathered.answers, semantic: semantic.gathered.answers };
      const kept = hybridKept(merged, spec.distinct, parts);
      return { ...found, countedAs: countedApart(work, { keyword, semantic }, merged.full), ...kept };
    }
    if (signal.aborted) throw abortion(signal);
  }
}

/** The facets are those of all documents that the filter lets through. */
function everything(
  { uid }: IndexEntry,
  { plan, gathered, withoutThreshold }: Side,
  ignoresThreshold: boolean,
): Pick<MixedFacets, "indexUid" | "query" | "answers"> {
  const answers = ignoresThreshold ? withoutThreshold! : gathered.answers;
  return { indexUid: uid, query: { ...plan.query, base: "{}" }, answers };
}

/** Unless a threshold or a distinct attribute takes documents out of both lists, which cannot be asked for. A point is no value. */
function countsAll(request: SearchRequest, { distinct }: MergeSpec): boolean {
  return !request.hasThreshold && (distinct === null || distinct.field === GEO_FIELD);
}

const GEO_FIELD = "_geo";

/** What keeps documents out besides the filter: an excluded word, which a node reads only in a search that looks for a hit. */
function besides(work: Work, semantic: Side): Readonly<Record<string, unknown>> {
  if (meaningRatio(work.planning.request) === 1) return {};
  const meaning = { ...meaningAlone(work, semantic), rankingScoreThreshold: null };
  return { ...decidingWords(semantic.plan.query), ...meaning, limit: 1 };
}

function result({ deps, planning, plan }: Work, sides: readonly Side[], text: string): SearchResult {
  const { uid, settingsVersion } = planning.entry;
  const missing = new Set(sides.flatMap(({ gathered }) => gathered.missing));
  const missingShards = [...missing].sort((a, b) => a - b);
  if (missingShards.length > 0) deps.emit(readDegraded, { operation: "search", indexUid: uid, shards: missingShards });
  const nodes = sides.flatMap(({ gathered }) => [...gathered.failed, ...gathered.answers.map(({ nodeId }) => nodeId)]);
  return { text, missingShards, settingsVersion, nodesAsked: new Set(nodes).size, view: plan.keyword.merge.view };
}

function wordsAlone({ widest }: Side): Readonly<Record<string, unknown>> {
  return { hybrid: null, vector: null, media: null, ...widest };
}

type Forms = NonNullable<SearchResult["countedAs"]>;

/** Each list keeps its threshold unless it has stopped with the page. */
function countedApart(work: Work, sides: BothSides, full: MergedHybrid["full"]): Forms {
  const any = { rankingScoreThreshold: null };
  const meaning = meaningAlone(work, sides.semantic);
  const words = wordsAlone(sides.keyword);
  return [full.keyword ? { ...words, ...any } : words, full.semantic ? { ...meaning, ...any } : meaning];
}

/** What replaces the parameters of the search to find what is close enough in meaning, and only that. */
function meaningAlone({ planning }: Work, semantic: Side): Readonly<Record<string, unknown>> {
  const { rankingScoreThreshold = null } = planning.request.body;
  const { vector, hybrid } = JSON.parse(semantic.plan.query.base) as Record<string, unknown>;
  const { embedder } = hybrid as { readonly embedder: unknown };
  const semanticRatio = meaningRatio(planning.request);
  const words = semanticRatio === 1 ? { attributesToSearchOn: null } : {};
  return { vector, hybrid: { embedder, semanticRatio }, rankingScoreThreshold, ...words };
}

/** Everything with the words, whatever its score, and what is close enough in meaning. */
async function countBoth(work: Work, semantic: Side): Promise<CountedUnion> {
  const { deps, planning, plan, signal } = work;
  const { entry, request, forced } = planning;
  const { filter } = request;
  const { rankingScoreThreshold: _threshold, ...words } = JSON.parse(plan.keyword.query.base) as Record<
    string,
    unknown
  >;
  const meaning = meaningAlone(work, semantic);
  const queries = [words, { q: request.body["q"], ...meaning }].map((parameters) => ({
    parameters: { ...parameters, filter },
    forced,
  }));
  const { merge } = plan.keyword;
  const options = {
    indexUid: entry.uid,
    depth: pageWindow(merge.paging, merge.maxTotalHits).to,
    exhaustive: false,
    facets: merge.facets === null ? null : request.facets,
  };
  return countUnion(deps, entry, { requests: [{ queries }], options }, signal);
}

/** null: not to be had. */
function countDistinct(
  { deps, planning, signal }: Work,
  { keyword, semantic }: BothSides,
  kept: HybridKept,
): Promise<HybridCounted | null> {
  const { request, entry } = planning;
  const byFieldsAlone = sortsBeforeVector(entry, request.body["sort"]) === null;
  const sides = { keyword: keyword.plan, semantic: semantic.plan, near: semantic.gathered.answers };
  return settleHybridTotal(
    deps,
    { indexUid: entry.uid, request, kept, ...sides, byFieldsAlone, answers: keyword.gathered.answers },
    signal,
  );
}
