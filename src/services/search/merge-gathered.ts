/** From gathered answers to the client's: what the nodes disagree about is settled, and what is garbage replaced. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { DistinctKept, DistinctTally } from "../../core/merge/distinct-tally.ts";
import { kindsOnly, type FacetTypes } from "../../core/merge/facet-types.ts";
import type { SpellingChoice } from "../../core/merge/facets.ts";
import { mergeSearch, type DistinctFacts, type DistinctPart } from "../../core/merge/merge-search.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import { readDegraded } from "../../telemetry/events/search.ts";
import { decidingCount, decidingWords } from "./deciding-words.ts";
import { abortion, countRefusalsAsMissing, gatherParts, type Gathered, type PartAnswer } from "./gather-parts.ts";
import { requireAnswers, searchMetadata, searchTask } from "./gather-search.ts";
import type { SearchDeps, SearchInput, SearchResult } from "./search.ts";
import { settleCutNumbers } from "./settle-cut-numbers.ts";
import { settleFacetTypes, type MixedFacets } from "./settle-facet-types.ts";
import { settleDistinctTypes } from "./settle-distinct-types.ts";
import { settleWithOthers } from "./settle-with-others.ts";
import { settleSpellings, type SpellingPart } from "./settle-spellings.ts";

/** One planned search whose answers have come. */
export interface ToMerge {
  readonly request: SearchRequest;
  readonly plan: SearchPlan;
  readonly entry: IndexEntry;
  readonly input: SearchInput;
  readonly gathered: Gathered<NodeAnswer>;
  readonly withoutThreshold: readonly PartAnswer<NodeAnswer>[] | null;
  /** Are these the words of a hybrid search, which do without the vectors? */
  readonly wordsSettle?: boolean;
}

/** Merges; an answer that turns out to be garbage on the way is asked from another owner, as if it had not come. */
export async function mergeGathered(deps: SearchDeps, work: ToMerge, signal: AbortSignal): Promise<SearchResult> {
  const { plan, entry, input, gathered } = work;
  const requestUid = input.requestUid ?? deps.random.uuidV7();
  const metadata = input.includeMetadata ? searchMetadata(deps.random, entry, work.request) : null;
  let spelling: SpellingChoice | undefined;
  let types: FacetTypes | undefined;
  let distinct: DistinctFacts | null | undefined;
  let whole = plan.merge.facets === null || !addsItsOwnFacets(work);
  for (;;) {
    requireAnswers(deps, gathered, entry);
    if (!whole) {
      const facets = { indexUid: entry.uid, query: plan.query, rules: plan.merge.facets!, answers: gathered.answers };
      gathered.answers = [...(await settleCutNumbers(deps, facets, signal))];
      whole = true;
    }
    distinct ??= await settleWithOthers(deps, { plan, entry, gathered }, signal);
    requireAnswers(deps, gathered, entry);
    const merged = mergeSearch({
      answers: gathered.answers.map(({ answer }) => answer),
      spec: plan.merge,
      requestUid,
      metadata,
      withoutThreshold: work.withoutThreshold?.map(({ answer }) => answer) ?? null,
      distinct,
      wordsSettle: work.wordsSettle === true,
      ...(spelling === undefined ? {} : { spelling }),
      ...(types === undefined ? {} : { types }),
    });
    if (merged.kind === "merged") {
      // What is open about facets speaks of whatever they were added from.
      const { disputes, mixed, ignoresThreshold } = merged;
      const answers = ignoresThreshold
        ? work.withoutThreshold!
        : (distinct?.parts?.map((part) => ({ ...gathered.answers[part.answer]!, ...part, ...countedBy(part, plan) })) ??
          gathered.answers);
      const sought = ignoresThreshold ? { ...plan.query, base: plan.query.withoutThreshold! } : plan.query;
      // A search by meaning finds every document that the filter lets through, and no word decides which.
      const findsAll = work.request.kind === "semantic" && (ignoresThreshold || !work.request.hasThreshold);
      const query = findsAll ? { ...sought, base: "{}" } : sought;
      const facets = { indexUid: entry.uid, query, answers };
      if (mixed.length > 0 && types === undefined) {
        const parts = ignoresThreshold ? null : (distinct?.parts ?? null);
        types =
          parts === null
            ? await typesOfAnswers(deps, work, { ...facets, mixed }, ignoresThreshold, signal)
            : await settleDistinctTypes(deps, { ...facets, mixed }, { parts, search: plan.query }, signal);
      } else if (disputes.length > 0 && spelling === undefined) {
        const disputed = { ...facets, disputes, distinct: plan.merge.distinct?.field, tieBreak: entry.tieBreak };
        spelling = await settleSpellings(deps, disputed, signal);
      } else {
        const kept = keptBy(work, distinct?.tally ?? null);
        const { text, taken } = merged;
        return { ...resultOf(deps, work, text), taken, ...(kept === null ? {} : { kept }) };
      }
      if (signal.aborted) throw abortion(signal);
      continue;
    }
    // Every turn leaves out one more node, so this ends.
    spelling = undefined;
    types = undefined;
    distinct = undefined;
    whole = plan.merge.facets === null || !addsItsOwnFacets(work);
    const [garbled] = gathered.answers.splice(merged.answer, 1);
    gathered.failed.add(garbled!.nodeId);
    gathered.missing.push(...garbled!.shards);
    await gatherParts(deps, searchTask(deps, plan, entry, plan.query.base), gathered, [], signal);
    countRefusalsAsMissing(gathered);
  }
}

/** Are the facets added from the answers as they are, and decided by words and filter alone? */
function addsItsOwnFacets({ request, plan }: ToMerge): boolean {
  return request.kind === "keyword" && !request.hasThreshold && plan.merge.distinct === null;
}

/** The facets are those of all documents that the words and the filter let through, or of those that are good enough. */
async function typesOfAnswers(
  deps: SearchDeps,
  { request, plan }: ToMerge,
  facets: MixedFacets,
  ignoresThreshold: boolean,
  signal: AbortSignal,
): Promise<FacetTypes> {
  const isCounted = plan.merge.distinct !== null && plan.merge.paging.mode === "page";
  const hasThreshold = request.hasThreshold && !ignoresThreshold;
  const deciding = hasThreshold || isCounted ? { deciding: decidingCount(plan.query) } : {};
  const found = await settleFacetTypes(deps, { ...facets, ...deciding }, signal);
  return plan.merge.distinct === null ? found : kindsOnly(found);
}

/** Where a node was asked to count all of its documents, no threshold was among what they have to meet. */
function countedBy({ counted }: DistinctPart, { query }: SearchPlan): Pick<SpellingPart, "base"> {
  return counted === "all" ? { base: JSON.stringify(decidingWords(query)) } : {};
}

function keptBy({ plan, gathered }: ToMerge, tally: DistinctTally | null): DistinctKept | null {
  const { distinct } = plan.merge;
  if (distinct === null || tally === null) return null;
  const parts = gathered.answers.map(({ shards }, i) => {
    const { values, valued } = tally.shares[i]!;
    return { shards, values, valued };
  });
  return { field: distinct.field, full: tally.full, parts };
}

function resultOf(deps: SearchDeps, { plan, entry, gathered }: ToMerge, text: string): SearchResult {
  const missingShards = gathered.missing;
  if (missingShards.length > 0) {
    deps.emit(readDegraded, { operation: "search", indexUid: entry.uid, shards: missingShards });
  }
  const nodesAsked = new Set([...gathered.failed, ...gathered.answers.map(({ nodeId }) => nodeId)]).size;
  return { text, missingShards, settingsVersion: entry.settingsVersion, nodesAsked, view: plan.merge.view };
}
