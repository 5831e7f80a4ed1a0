/**
 * How many documents several queries of one index find together, and their facets: one more read of that index, for
 * the disjoint parts of the union at once.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { chooseReaders } from "./choose-readers.ts";
import { ApiError, nodeError } from "../../core/errors/api-error.ts";
import { mergeUnion, readUnionAnswer, type UnionAnswer } from "../../core/merge/federate-counts.ts";
import type { IndexFacets } from "../../core/merge/federate-facets.ts";
import { withoutOwnFacet, type OwnFacet } from "../../core/merge/own-facet.ts";
import { coveringSet } from "../../core/routing/covering-set.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import { countBody, type CountOptions, type CountRequest } from "../../core/search/federation-count.ts";
import { fingerprint } from "../../core/search/fingerprint.ts";
import { indexView } from "../../core/search/index-view.ts";
import {
  abortion,
  countRefusalsAsMissing,
  emptyGathering,
  gatherParts,
  type GatherTask,
  type PartAnswer,
} from "./gather-parts.ts";
import { settleUnionTypes } from "./settle-union-types.ts";
import type { FacetTypes } from "../../core/merge/facet-types.ts";
import { settleUnionSpellings } from "./federation-spellings.ts";
import { requireAnswers } from "./gather-search.ts";
import type { SearchDeps } from "./search.ts";

/** What one index contributes to a federation. */
export interface IndexShare {
  readonly total: number;
  readonly facets: IndexFacets | null;
  readonly processingTimeMs: number;
  readonly missingShards: readonly number[];
  readonly nodesAsked: number;
}

export interface CountedUnion extends IndexShare {
  /** What the nodes said, for whoever has to look closer. */
  readonly answers: readonly UnionAnswer[];
}

export interface CountUnionInput {
  readonly requests: readonly CountRequest[];
  readonly options: CountOptions;
  /** Documents that are counted already and that the requests leave out. */
  readonly known?: readonly UnionAnswer[];
}

export async function countUnion(
  deps: SearchDeps,
  entry: IndexEntry,
  { requests, options, known = [] }: CountUnionInput,
  signal: AbortSignal,
): Promise<CountedUnion> {
  const gathered = await Promise.all(requests.map((request) => gatherCount(deps, entry, request, options, signal)));
  const parts = gathered.flatMap(({ answers: own }, i) => own.map((part) => ({ ...part, request: requests[i]! })));
  const answers = [...parts.map(({ answer }) => answer), ...known];
  const { facetRules } = indexView(entry);
  const { ownFacet } = options;
  const shown = ownFacet === undefined ? answers : answers.map((answer) => withoutOwn(answer, ownFacet));
  let merged = mergeUnion(options.indexUid, shown, facetRules);
  let types: FacetTypes | undefined;
  if (merged.mixed.length > 0) {
    types = await settleUnionTypes(deps, { entry, parts, mixed: merged.mixed, options }, signal);
    if (signal.aborted) throw abortion(signal);
    merged = mergeUnion(options.indexUid, shown, facetRules, undefined, types);
  }
  if (merged.disputes.length > 0) {
    const choose = await settleUnionSpellings(deps, { entry, parts, disputes: merged.disputes }, signal);
    if (signal.aborted) throw abortion(signal);
    merged = mergeUnion(options.indexUid, shown, facetRules, choose, types);
  }
  return {
    total: merged.total,
    answers,
    facets: merged.facets,
    processingTimeMs: Math.max(0, ...answers.map((answer) => answer.processingTimeMs)),
    missingShards: [...new Set(gathered.flatMap(({ missingShards }) => missingShards))],
    nodesAsked: gathered.reduce((sum, { nodesAsked }) => sum + nodesAsked, 0),
  };
}

function withoutOwn(answer: UnionAnswer, own: OwnFacet): UnionAnswer {
  return answer.facets === null ? answer : { ...answer, facets: withoutOwnFacet(answer.facets, own) };
}

interface GatheredCount {
  readonly answers: readonly PartAnswer<UnionAnswer>[];
  readonly missingShards: readonly number[];
  readonly nodesAsked: number;
}

async function gatherCount(
  given: SearchDeps,
  entry: IndexEntry,
  request: CountRequest,
  options: CountOptions,
  signal: AbortSignal,
): Promise<GatheredCount> {
  const map = given.fleet.shardMap(entry.shards);
  const { deps, group, permitted } = chooseReaders(given, entry, map);
  const print = options.fingerprint ?? fingerprint(JSON.stringify([entry.uid, request, options.facets]));
  const cover = coveringSet({ map, group, fingerprint: print, permitted });
  const task: GatherTask<UnionAnswer> = {
    indexUid: entry.uid,
    operation: "federation.count",
    map,
    group,
    fingerprint: print,
    request: (part) => ({
      method: "POST",
      path: "/multi-search",
      body: countBody(request, part, options),
      operation: "federation.count",
      timeoutMs: deps.policy.nodeTimeoutMs,
      repeat: "safe",
    }),
    read: readUnionAnswer,
  };
  const gathered = emptyGathering<UnionAnswer>();
  gathered.missing = [...cover.uncovered];
  await gatherParts(deps, task, gathered, cover.parts, signal);
  const [refusal] = gathered.refusals;
  if (refusal !== undefined) {
    if (gathered.answers.length === 0) throw refusalError(refusal.refused, indexView(entry).displayed);
    countRefusalsAsMissing(gathered);
    await gatherParts(deps, task, gathered, [], signal);
    countRefusalsAsMissing(gathered);
  }
  requireAnswers(deps, gathered, entry);
  return {
    answers: gathered.answers,
    missingShards: gathered.missing,
    nodesAsked: gathered.answers.length + gathered.failed.size,
  };
}

/** Without the places that a node speaks of, which are those of the router's own request. */
function refusalError(
  refused: { readonly status: number; readonly error: ApiError["body"] },
  displayed: readonly string[] | null,
): ApiError {
  const error = cleanNodeError(refused.error, displayed);
  return nodeError(refused.status, { ...error, message: error.message.replace(/^(?:Inside `[^`]*`: )+/, "") });
}
