/** From gathered answers to the client's: what the nodes disagree about is settled, and what is garbage replaced. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { SpellingChoice } from "../../core/merge/facets.ts";
import { mergeSearch, type DistinctFacts } from "../../core/merge/merge-search.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import { readDegraded } from "../../telemetry/events/search.ts";
import { abortion, countRefusalsAsMissing, gatherParts, type Gathered } from "./gather-parts.ts";
import { requireAnswers, searchMetadata, searchTask } from "./gather-search.ts";
import type { SearchDeps, SearchInput, SearchResult } from "./search.ts";
import { settleDistinct } from "./settle-distinct.ts";
import { settleSpellings } from "./settle-spellings.ts";

/** One planned search whose answers have come. */
export interface ToMerge {
  readonly request: SearchRequest;
  readonly plan: SearchPlan;
  readonly entry: IndexEntry;
  readonly input: SearchInput;
  readonly gathered: Gathered<NodeAnswer>;
  readonly withoutThreshold: readonly NodeAnswer[] | null;
  /** Are these the words of a hybrid search, which do without the vectors? */
  readonly wordsSettle?: boolean;
}

/** Merges; an answer that turns out to be garbage on the way is asked from another owner, as if it had not come. */
export async function mergeGathered(deps: SearchDeps, work: ToMerge, signal: AbortSignal): Promise<SearchResult> {
  const { plan, entry, input, gathered } = work;
  const requestUid = input.requestUid ?? deps.random.uuidV7();
  const metadata = input.includeMetadata ? searchMetadata(deps.random, entry, work.request) : null;
  let spelling: SpellingChoice | undefined;
  let distinct: DistinctFacts | null | undefined;
  for (;;) {
    requireAnswers(deps, gathered, entry);
    distinct ??= await settleDistinct(deps, { indexUid: entry.uid, plan, answers: gathered.answers }, signal);
    if (signal.aborted) throw abortion(signal);
    const merged = mergeSearch({
      answers: gathered.answers.map(({ answer }) => answer),
      spec: plan.merge,
      requestUid,
      metadata,
      withoutThreshold: work.withoutThreshold,
      distinct,
      wordsSettle: work.wordsSettle === true,
      ...(spelling === undefined ? {} : { spelling }),
    });
    if (merged.kind === "merged" && merged.disputes.length > 0 && spelling === undefined) {
      // The disputes speak of whatever the facets were added from.
      const answers =
        distinct?.parts?.map((part) => ({ ...gathered.answers[part.answer]!, ...part })) ?? gathered.answers;
      const { disputes } = merged;
      const disputed = {
        indexUid: entry.uid,
        query: plan.query,
        answers,
        disputes,
        distinct: plan.merge.distinct?.field,
      };
      spelling = await settleSpellings(deps, disputed, signal);
      if (signal.aborted) throw abortion(signal);
      continue;
    }
    if (merged.kind === "merged") {
      const missingShards = gathered.missing;
      if (missingShards.length > 0) {
        deps.emit(readDegraded, { operation: "search", indexUid: entry.uid, shards: missingShards });
      }
      const nodesAsked = gathered.answers.length + gathered.failed.size;
      const { view } = plan.merge;
      return { text: merged.text, missingShards, settingsVersion: entry.settingsVersion, nodesAsked, view };
    }
    // Every turn leaves out one more node, so this ends.
    spelling = undefined;
    distinct = undefined;
    const [garbled] = gathered.answers.splice(merged.answer, 1);
    gathered.failed.add(garbled!.nodeId);
    gathered.missing.push(...garbled!.shards);
    await gatherParts(deps, searchTask(deps, plan, entry, plan.query.base), gathered, [], signal);
    countRefusalsAsMissing(gathered);
  }
}
