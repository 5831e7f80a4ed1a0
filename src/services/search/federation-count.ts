/**
 * How many documents several queries of one index find together, and their facets: one more read of that index, for
 * the disjoint parts of the union at once.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { ApiError, nodeError } from "../../core/errors/api-error.ts";
import { mergeUnion, readUnionAnswer, type UnionAnswer } from "../../core/merge/federate-counts.ts";
import type { IndexFacets } from "../../core/merge/federate-facets.ts";
import { coveringSet } from "../../core/routing/covering-set.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import { countBody, type CountOptions, type CountRequest } from "../../core/search/federation-count.ts";
import { fingerprint } from "../../core/search/fingerprint.ts";
import { indexView } from "../../core/search/index-view.ts";
import { countRefusalsAsMissing, emptyGathering, gatherParts, type GatherTask } from "./gather-parts.ts";
import { requireAnswers } from "./gather-search.ts";
import type { SearchDeps } from "./search.ts";

export interface CountedIndex {
  readonly total: number;
  readonly facets: IndexFacets | null;
  readonly processingTimeMs: number;
  readonly missingShards: readonly number[];
  readonly nodesAsked: number;
}

export async function countUnion(
  deps: SearchDeps,
  entry: IndexEntry,
  { requests, options }: { readonly requests: readonly CountRequest[]; readonly options: CountOptions },
  signal: AbortSignal,
): Promise<CountedIndex> {
  const gathered = await Promise.all(requests.map((request) => gatherCount(deps, entry, request, options, signal)));
  const answers = gathered.flatMap((part) => part.answers);
  const { total, facets } = mergeUnion(options.indexUid, answers, indexView(entry).facetRules);
  return {
    total,
    facets,
    processingTimeMs: Math.max(0, ...answers.map((answer) => answer.processingTimeMs)),
    missingShards: [...new Set(gathered.flatMap(({ missingShards }) => missingShards))],
    nodesAsked: gathered.reduce((sum, { nodesAsked }) => sum + nodesAsked, 0),
  };
}

async function gatherCount(
  deps: SearchDeps,
  entry: IndexEntry,
  request: CountRequest,
  options: CountOptions,
  signal: AbortSignal,
): Promise<{
  readonly answers: readonly UnionAnswer[];
  readonly missingShards: number[];
  readonly nodesAsked: number;
}> {
  const map = deps.fleet.shardMap(entry.shards);
  const group = deps.rotation.next(map, deps.fleet.readable);
  const print = fingerprint(JSON.stringify([entry.uid, request, options.facets]));
  const cover = coveringSet({ map, group, fingerprint: print, permitted: deps.fleet.readable });
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
    answers: gathered.answers.map(({ answer }) => answer),
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
