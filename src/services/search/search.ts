/**
 * The story of one search: read the request, plan it, ask the nodes, cover what is missing, merge. What the router
 * cannot read, a node judges; what no node may decide alone is refused.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { SpellingChoice } from "../../core/merge/facets.ts";
import { mergeSearch, type DistinctFacts } from "../../core/merge/merge-search.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import type { HitView } from "../../core/merge/render-hit.ts";
import { planSearch, type PlanSearchInput } from "../../core/search/plan-search.ts";
import type { SearchPlan } from "../../core/search/search-plan.ts";
import { readSearchRequest, type SearchRequest, type SearchRoute } from "../../core/search/search-request.ts";
import type { Random } from "../../platform/random.ts";
import { readDegraded } from "../../telemetry/events/search.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Relay } from "../relay/relay.ts";
import type { GroupRotation } from "./choose-group.ts";
import { needsVector, requireVector } from "./embed-query.ts";
import { abortion, countRefusalsAsMissing, gatherParts, type Gathered, type GatherDeps } from "./gather-parts.ts";
import { gatherAnswers, gatherWithoutThreshold, requireAnswers, searchMetadata, searchTask } from "./gather-search.ts";
import { judgeByNode, refuseUnsupported, type Judgement } from "./judge-by-node.ts";
import { hybridSearch } from "./hybrid-search.ts";
import { INDEX_UID } from "./index-uid.ts";
import { settleDistinct } from "./settle-distinct.ts";
import { settleSpellings } from "./settle-spellings.ts";

export interface SearchDeps extends GatherDeps {
  readonly fleet: Pick<Fleet, "client" | "readable" | "shardMap">;
  readonly catalog: Pick<Catalog, "visible">;
  readonly relay: Relay;
  readonly rotation: GroupRotation;
  readonly random: Random;
}

export interface SearchInput {
  readonly indexUid: string;
  /** The client's search parameters: the JSON body, or what the query string says; undefined: unreadable. */
  readonly parameters: unknown;
  /** The request as the client sent it, for the nodes to judge. */
  readonly judgement: Judgement;
  readonly forcedFilter: unknown;
  readonly includeMetadata: boolean;
  /** Shared by all searches of one request; made here when absent. */
  readonly requestUid?: string;
  readonly route?: SearchRoute;
  /** The hits are federated with those of other searches and rendered there. */
  readonly forFederation?: boolean;
}

export interface SearchResult {
  /** The whole answer. */
  readonly text: string;
  /** Shards that nobody answered for, ascending; empty: complete. */
  readonly missingShards: readonly number[];
  readonly settingsVersion: number;
  readonly nodesAsked: number;
  /** How the client sees a hit. */
  readonly view: HitView;
}

export async function search(deps: SearchDeps, input: SearchInput, signal: AbortSignal): Promise<SearchResult> {
  const read = readSearchRequest(input.parameters, input.route);
  if (read.kind === "judge") return judgeByNode(deps.relay, input.judgement, read.parameter, signal);
  if (!INDEX_UID.test(input.indexUid)) return judgeByNode(deps.relay, input.judgement, "indexUid", signal);
  const entry = deps.catalog.visible(input.indexUid);
  const map = deps.fleet.shardMap(entry.shards);
  const group = deps.rotation.next(map, deps.fleet.readable);
  const request = needsVector(read.request)
    ? await requireVector(deps.relay, entry.uid, read.request, signal)
    : read.request;
  const planning: PlanSearchInput = {
    request,
    entry,
    forced: input.forcedFilter === undefined ? [] : [input.forcedFilter],
    map,
    group,
    permitted: deps.fleet.readable,
    pinnedKeysMax: deps.policy.pinnedKeysMax,
    forFederation: input.forFederation === true,
  };
  if (request.kind === "hybrid") return hybridSearch(deps, planning, input, signal);
  const planned = planSearch(planning);
  if (planned.kind === "unsupported") return refuseUnsupported(deps.relay, input.judgement, planned.message, signal);
  const { plan } = planned;
  const [gathered, withoutThreshold] = await Promise.all([
    gatherAnswers(deps, plan, entry, input.judgement, signal),
    plan.query.withoutThreshold === null ? null : gatherWithoutThreshold(deps, plan, entry, signal),
  ]);
  return mergeGathered(deps, { request, plan, entry, input, gathered, withoutThreshold }, signal);
}

interface ToMerge {
  readonly request: SearchRequest;
  readonly plan: SearchPlan;
  readonly entry: IndexEntry;
  readonly input: SearchInput;
  readonly gathered: Gathered<NodeAnswer>;
  readonly withoutThreshold: readonly NodeAnswer[] | null;
}

/** Merges; an answer that turns out to be garbage on the way is asked from another owner, as if it had not come. */
async function mergeGathered(deps: SearchDeps, work: ToMerge, signal: AbortSignal): Promise<SearchResult> {
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
