/**
 * The story of one search: read the request, plan it, ask the nodes, cover what is missing, merge. What the router
 * cannot read, a node judges; what no node may decide alone is refused.
 */
import type { DistinctKept } from "../../core/merge/distinct-tally.ts";
import type { Ranking } from "../../core/merge/ranking.ts";
import type { HitView } from "../../core/merge/render-hit.ts";
import { indexView } from "../../core/search/index-view.ts";
import { planSearch, type PlanSearchInput } from "../../core/search/plan-search.ts";
import { readSearchRequest, type SearchRoute } from "../../core/search/search-request.ts";
import type { PinTable } from "../../core/search-rules/pin-table.ts";
import type { Random } from "../../platform/random.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Relay } from "../relay/relay.ts";
import { chooseReaders, type ReadersDeps } from "./choose-readers.ts";
import { needsVector, requireVector } from "./embed-query.ts";
import { askExactWords, settleExactness } from "./exact-words-search.ts";
import { askFrequencies, settleFrequency, type WidestSearch } from "./frequency-search.ts";
import { abortion, type GatherDeps } from "./gather-parts.ts";
import { exactFilters, type KnownFields } from "./known-fields.ts";
import { gatherAnswers, gatherWithoutThreshold } from "./gather-search.ts";
import {
  forcedJudgement,
  judgeByNode,
  judgeNetwork,
  refuseUnsupported,
  visibleEntry,
  type Judgement,
} from "./judge-by-node.ts";
import { hybridSearch } from "./hybrid-search.ts";
import { INDEX_UID } from "./index-uid.ts";
import { mergeGathered } from "./merge-gathered.ts";
import type { MultiLimits } from "./multi-limits.ts";

export interface SearchDeps extends GatherDeps, ReadersDeps {
  readonly fleet: Pick<Fleet, "client" | "readable" | "shardMap" | "share" | "worthTrying">;
  readonly catalog: Pick<Catalog, "visible">;
  readonly relay: Relay;
  readonly knownFields: KnownFields;
  readonly random: Random;
  /** How the lists of the nodes are merged; by details when absent. */
  readonly ranking?: Ranking;
  /** What search rules may pin in an index; undefined: nothing. Absent: there are no rules. */
  readonly pinsOf?: (indexUid: string) => PinTable | undefined;
  /** Of a request with several searches; absent: none. */
  readonly multi?: MultiLimits;
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
  /** Of several searches that are to be asked of the same nodes. */
  readonly fingerprint?: number;
}

export interface SearchResult {
  /** The whole answer. */
  readonly text: string;
  /** Shards that nobody answered for, ascending; empty: complete. */
  readonly missingShards: readonly number[];
  readonly settingsVersion: number;
  readonly nodesAsked: number;
  /** How many hits that are not pinned were found up to the end of the page; absent: those of the page. */
  readonly taken?: number;
  /** How the client sees a hit. */
  readonly view: HitView;
  /** Parameters that find the same documents on every node, where those of the search would not. */
  readonly widest?: WidestSearch;
  /**
   * Of a search with meaning: parameters that replace its own, once or twice, to find what it has found. A node that is asked
   * only to count would take the words for enough.
   */
  readonly countedAs?: readonly Readonly<Record<string, unknown>>[];
  /** Of a search by words with a distinct attribute: what it has kept, as far as it had to look. */
  readonly kept?: DistinctKept;
  /** Of a hybrid search with a distinct attribute the same for each of `countedAs`. */
  readonly keptApart?: readonly DistinctKept[];
}

export async function search(given: SearchDeps, input: SearchInput, signal: AbortSignal): Promise<SearchResult> {
  const read = readSearchRequest(input.parameters, input.route);
  if (read.kind === "judge") return judgeByNode(given.relay, input.judgement, read.parameter, signal);
  if (!INDEX_UID.test(input.indexUid)) return judgeByNode(given.relay, input.judgement, "indexUid", signal);
  await judgeNetwork(given.relay, input.judgement, input.parameters, signal);
  const hasLocales = (read.request.body["locales"] ?? null) !== null;
  const entry = await visibleEntry(given, input, read.request.filter, signal, hasLocales);
  const map = given.fleet.shardMap(entry.shards);
  const { deps, group, permitted } = chooseReaders(given, entry, map);
  const { forcedFilter } = input;
  const [filter, ...forced] = await exactFilters(
    deps.knownFields,
    entry,
    [read.request.filter, ...(forcedFilter === undefined ? [] : [forcedFilter])],
    signal,
  );
  const judgement = forcedJudgement(input.judgement, entry.uid, read.request.body, forcedFilter);
  const asked = { ...read.request, filter };
  const request = needsVector(asked) ? await requireVector(deps.relay, entry.uid, asked, signal) : asked;
  const pins = deps.pinsOf?.(entry.uid);
  const planning: PlanSearchInput = {
    request,
    entry,
    forced,
    map,
    group,
    permitted,
    pinnedKeysMax: deps.policy.pinnedKeysMax,
    ...(deps.ranking === undefined ? {} : { ranking: deps.ranking }),
    ...(pins === undefined ? {} : { pins }),
    forFederation: input.forFederation === true,
    ...(input.fingerprint === undefined ? {} : { fingerprint: input.fingerprint }),
  };
  if (request.kind === "hybrid") return hybridSearch(deps, planning, { ...input, judgement }, signal);
  const planned = planSearch(planning);
  if (planned.kind === "unsupported") {
    const { displayed } = indexView(entry);
    return refuseUnsupported(deps.relay, input.judgement, planned.message, signal, displayed);
  }
  const { plan } = planned;
  const [gathered, withoutThreshold, frequencies, exactWords] = await Promise.all([
    gatherAnswers(deps, plan, entry, judgement, signal),
    plan.query.withoutThreshold === null ? null : gatherWithoutThreshold(deps, plan, entry, signal),
    askFrequencies(deps, { plan, entry, request }, signal),
    askExactWords(deps, { plan, entry, request }, signal),
  ]);
  const sought = { plan, entry, request };
  const widest = frequencies === null ? null : await settleFrequency(deps, sought, gathered, frequencies, signal);
  if (exactWords !== null) settleExactness(gathered, exactWords);
  if (signal.aborted) throw abortion(signal);
  const result = await mergeGathered(deps, { request, plan, entry, input, gathered, withoutThreshold }, signal);
  if (request.kind === "semantic") return { ...result, countedAs: [countedByMeaning(request.body)] };
  return widest === null ? result : { ...result, widest };
}

/** By meaning everything that the filter lets through is found, as long as no threshold asks how near it is. */
function countedByMeaning(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if ((body["rankingScoreThreshold"] ?? null) !== null) return { q: null, media: null, vector: body["vector"] };
  return { q: null, media: null, vector: null, hybrid: null, attributesToSearchOn: null };
}
