/**
 * Gets an answer for every shard of a read: asks the covering set, and for what a node did not answer asks other
 * owners, first in the same replica group, then in others if the policy says so. A retry is a smaller covering set
 * aimed elsewhere. Ends after a bounded number of rounds, with what is still missing.
 */
import { ApiError, apiError } from "../../core/errors/api-error.ts";
import { coveringSet } from "../../core/routing/covering-set.ts";
import type { CoverPart, ShardMap } from "../../core/routing/shard-map.ts";
import type { NodeId } from "../../core/topology/topology.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { NodeOutcome, NodeRefused } from "../../nodes/node-outcome.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { Emit } from "../../telemetry/event.ts";
import { readRetried, readScattered } from "../../telemetry/events/search.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { ReadPolicy } from "./read-policy.ts";

export interface GatherDeps {
  readonly fleet: Pick<Fleet, "client" | "readable">;
  readonly policy: ReadPolicy;
  readonly emit: Emit;
  /** The node says that it does not have an index of the catalog. */
  readonly lacksIndex?: (nodeId: NodeId, indexUid: string) => void;
}

export interface GatherTask<Answer> {
  readonly indexUid: string;
  readonly operation: string;
  readonly map: ShardMap;
  readonly group: number;
  readonly fingerprint: number;
  readonly request: (part: CoverPart) => NodeRequest;
  /** null: garbage, as if the node had not answered. */
  readonly read: (text: string) => Answer | null;
}

export interface PartAnswer<Answer> {
  readonly nodeId: NodeId;
  readonly shards: readonly number[];
  readonly answer: Answer;
}

export interface PartRefusal {
  readonly part: CoverPart;
  readonly refused: NodeRefused;
}

/** What has been gathered so far. `gatherParts` adds to it; a caller may put shards back to have them asked again. */
export interface Gathered<Answer> {
  answers: PartAnswer<Answer>[];
  refusals: PartRefusal[];
  /** Shards nobody answered for. */
  missing: number[];
  /** Nodes that are not asked again for this read. */
  readonly failed: Set<NodeId>;
}

export function emptyGathering<Answer>(): Gathered<Answer> {
  return { answers: [], refusals: [], missing: [], failed: new Set() };
}

/** `parts` may be empty: then only what is missing in `gathered` is asked for. */
export async function gatherParts<Answer>(
  deps: GatherDeps,
  task: GatherTask<Answer>,
  gathered: Gathered<Answer>,
  parts: readonly CoverPart[],
  signal: AbortSignal,
): Promise<void> {
  /** Shards whose node ran out of time, where the policy forbids to try another. */
  const abandoned: number[] = [];
  let next = parts;
  for (let round = 0; round <= ROUNDS_MAX; round++) {
    if (next.length > 0) await ask(deps, task, gathered, abandoned, next, signal);
    if (gathered.missing.length === 0 || round === ROUNDS_MAX) break;
    next = coverMissing(deps, task, gathered);
    if (next.length === 0) break;
  }
  gathered.missing = [...gathered.missing, ...abandoned].sort((a, b) => a - b);
}

/** For refusals that are not about the request: whoever refuses while others answer does not count as having answered. */
export function countRefusalsAsMissing(gathered: Gathered<unknown>): void {
  for (const { part } of gathered.refusals) {
    gathered.failed.add(part.nodeId);
    gathered.missing.push(...part.shards);
  }
  gathered.refusals = [];
}

async function ask<Answer>(
  deps: GatherDeps,
  task: GatherTask<Answer>,
  gathered: Gathered<Answer>,
  abandoned: number[],
  parts: readonly CoverPart[],
  signal: AbortSignal,
): Promise<void> {
  deps.emit(readScattered, { operation: task.operation, nodes: parts.length });
  const calls = parts.map((part) => ({ client: deps.fleet.client(part.nodeId), request: task.request(part) }));
  const outcomes = await scatter(calls, signal);
  if (signal.aborted) throw abortion(signal);
  for (const [i, part] of parts.entries()) {
    const verdict = judge(task, outcomes[i]!);
    if (verdict.kind === "answer") {
      gathered.answers.push({ nodeId: part.nodeId, shards: part.shards, answer: verdict.answer });
    } else if (verdict.kind === "refusal") gathered.refusals.push({ part, refused: verdict.refused });
    else {
      gathered.failed.add(part.nodeId);
      if (verdict.reason === "timeout" && !deps.policy.retryOnTimeout) abandoned.push(...part.shards);
      else gathered.missing.push(...part.shards);
      const { operation, indexUid } = task;
      if (verdict.reason === "index_not_found") deps.lacksIndex?.(part.nodeId, indexUid);
      deps.emit(readRetried, { operation, indexUid, nodeId: part.nodeId, reason: verdict.reason });
    }
  }
}

type Verdict<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "refusal"; readonly refused: NodeRefused }
  | { readonly kind: "lost"; readonly reason: string };

function judge<Answer>(task: GatherTask<Answer>, outcome: NodeOutcome): Verdict<Answer> {
  if (outcome.kind === "unavailable") return { kind: "lost", reason: outcome.reason };
  if (outcome.kind === "refused") {
    const { code } = outcome.error;
    // The catalog has the index and the key is the router's own: that is about the node, not about the request.
    return NODE_TROUBLE.has(code) ? { kind: "lost", reason: code } : { kind: "refusal", refused: outcome };
  }
  const answer = task.read(outcome.text);
  return answer === null ? { kind: "lost", reason: "garbage" } : { kind: "answer", answer };
}

/** Takes what can be covered out of `missing` and returns who is to be asked for it. */
function coverMissing<Answer>(
  deps: GatherDeps,
  task: GatherTask<Answer>,
  gathered: Gathered<Answer>,
): readonly CoverPart[] {
  const permitted = (nodeId: NodeId): boolean => !gathered.failed.has(nodeId) && deps.fleet.readable(nodeId);
  const parts: CoverPart[] = [];
  const groups = task.map.owners.length;
  const others = fallsBack(deps.policy, groups) ? groups : 1;
  for (let i = 0; i < others && gathered.missing.length > 0; i++) {
    const cover = coveringSet({
      map: task.map,
      group: (task.group + i) % groups,
      fingerprint: task.fingerprint,
      permitted,
      shards: gathered.missing.toSorted((a, b) => a - b),
    });
    parts.push(...cover.parts);
    gathered.missing = [...cover.uncovered];
  }
  return parts;
}

function fallsBack(policy: ReadPolicy, groups: number): boolean {
  if (policy.unavailableShards === "auto") return groups > 1;
  return policy.unavailableShards === "fallback";
}

/** A client that went away, or a request whose time was over; only the latter is still read by somebody. */
export function abortion(signal: AbortSignal): ApiError {
  if (signal.reason instanceof ApiError) return signal.reason;
  return apiError("miroir_request_timeout", "The request ended before all nodes had answered.");
}

/** Each round leaves out the nodes that failed before, so more rounds than replicas are never needed. */
const ROUNDS_MAX = 6;
const NODE_TROUBLE: ReadonlySet<string> = new Set([
  "index_not_found",
  "invalid_api_key",
  "missing_authorization_header",
  "too_many_search_requests",
]);
