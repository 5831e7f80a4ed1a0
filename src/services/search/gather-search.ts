/**
 * Asks the nodes of a planned search and settles what they refuse, so that what is left is answers and missing shards.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError } from "../../core/errors/api-error.ts";
import { readNodeAnswer, type NodeAnswer } from "../../core/merge/node-answer.ts";
import type { CoveringSet } from "../../core/routing/shard-map.ts";
import { nodeBody, type NodeQuery, type SearchPlan } from "../../core/search/search-plan.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { Random } from "../../platform/random.ts";
import type { Relay } from "../relay/relay.ts";
import {
  emptyGathering,
  gatherParts,
  type Gathered,
  type GatherDeps,
  type GatherTask,
  type PartAnswer,
} from "./gather-parts.ts";
import type { Judgement } from "./judge-by-node.ts";
import { settleRefusals } from "./settle-refusals.ts";

export async function gatherAnswers(
  deps: GatherDeps & { readonly relay: Relay },
  plan: SearchPlan,
  entry: IndexEntry,
  judgement: Judgement,
  signal: AbortSignal,
): Promise<Gathered<NodeAnswer>> {
  const task = searchTask(deps, plan, entry, plan.query.base);
  const { query, cover, merge } = plan;
  const { displayed } = merge.view;
  return gatherQuestion(deps, { task, query, cover, judgement, displayed }, signal);
}

/** One question to the nodes of a covering set. */
export interface NodeQuestion<Answer> {
  readonly task: GatherTask<Answer>;
  readonly query: NodeQuery;
  readonly cover: CoveringSet;
  readonly judgement: Judgement;
  /** The client's displayed attributes; null: all. */
  readonly displayed: readonly string[] | null;
}

export async function gatherQuestion<Answer>(
  deps: GatherDeps & { readonly relay: Relay },
  { cover, ...asked }: NodeQuestion<Answer>,
  signal: AbortSignal,
): Promise<Gathered<Answer>> {
  const gathered = emptyGathering<Answer>();
  gathered.missing = [...cover.uncovered];
  await gatherParts(deps, asked.task, gathered, cover.parts, signal);
  if (gathered.refusals.length > 0) await settleRefusals(deps, { ...asked, gathered }, signal);
  return gathered;
}

/** Nothing at all is never an answer; something is one unless the policy says otherwise. */
export function requireAnswers(deps: GatherDeps, gathered: Gathered<unknown>, entry: IndexEntry): void {
  if (gathered.missing.length === 0) return;
  if (gathered.answers.length > 0 && deps.policy.unavailableShards !== "error") return;
  throw apiError(
    "miroir_shard_unavailable",
    `No node that could be reached answered for shards ${gathered.missing.join(", ")} of index \`${entry.uid}\`.`,
  );
}

export function searchTask(
  deps: GatherDeps,
  plan: SearchPlan,
  entry: IndexEntry,
  base: string,
): GatherTask<NodeAnswer> {
  return {
    indexUid: entry.uid,
    operation: "search",
    map: plan.map,
    group: plan.cover.group,
    fingerprint: plan.fingerprint,
    request: (part) => searchRequest(entry.uid, nodeBody(plan.query, part, base), deps.policy.nodeTimeoutMs),
    read: readNodeAnswer,
  };
}

function searchRequest(indexUid: string, body: string, timeoutMs: number): NodeRequest {
  return {
    method: "POST",
    path: `/indexes/${indexUid}/search`,
    body,
    operation: "search",
    timeoutMs,
    repeat: "safe",
  };
}

/** null when it could not be had for all shards: then the totals are what the nodes say of the search itself. */
export async function gatherWithoutThreshold(
  deps: GatherDeps,
  plan: SearchPlan,
  entry: IndexEntry,
  signal: AbortSignal,
): Promise<readonly PartAnswer<NodeAnswer>[] | null> {
  const gathered = emptyGathering<NodeAnswer>();
  gathered.missing = [...plan.cover.uncovered];
  const task = searchTask(deps, plan, entry, plan.query.withoutThreshold!);
  await gatherParts(deps, task, gathered, plan.cover.parts, signal);
  if (gathered.missing.length > 0 || gathered.refusals.length > 0) return null;
  return gathered.answers;
}

export function searchMetadata(random: Random, entry: IndexEntry, { body }: SearchRequest): string {
  return JSON.stringify({
    ...(typeof body["q"] === "string" ? { query: body["q"] } : {}),
    queryUid: random.uuidV7(),
    indexUid: entry.uid,
    ...(entry.primaryKey === null ? {} : { primaryKey: entry.primaryKey }),
  });
}
