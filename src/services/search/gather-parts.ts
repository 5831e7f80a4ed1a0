/**
 * Gets an answer for every shard of a read: asks the covering set, and for what a node did not answer asks other
 * owners, first in the same replica group, then in others if the policy says so. A retry is a smaller covering set
 * aimed elsewhere. What nobody has answered then is asked of nodes that are otherwise left alone, if they are complete.
 * Ends after a bounded number of rounds, with what is still missing.
 */
import { ApiError, apiError } from "../../core/errors/api-error.ts";
import { lacksMarker } from "../../core/markers/lacks-marker.ts";
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
  readonly fleet: Pick<Fleet, "client" | "readable" | "worthTrying">;
  readonly policy: ReadPolicy;
  readonly emit: Emit;
  /** The node says that it does not have an index of the catalog, or not the markers of it. */
  readonly lacksIndex?: (nodeId: NodeId, indexUid: string) => void;
}

export interface GatherTask<Answer> {
  readonly indexUid: string;
  readonly operation: string;
  readonly map: ShardMap;
  readonly group: number;
  readonly fingerprint: number;
  /** Nodes are asked to sort by the sequence, which all of them can; default: they are not. */
  readonly sortsBySequence?: boolean;
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
  /** Nodes to which nothing was sent, since they had failed others. */
  const resting = new Set<NodeId>();
  const asking: Asking<Answer> = { deps, task, gathered, abandoned, resting, signal };
  const permitted = (nodeId: NodeId): boolean => !gathered.failed.has(nodeId) && deps.fleet.readable(nodeId);
  let next = parts;
  for (let round = 0; round <= ROUNDS_MAX; round++) {
    if (next.length > 0) await ask(asking, next, false);
    if (gathered.missing.length === 0 || round === ROUNDS_MAX) break;
    next = coverMissing(deps, task, gathered, permitted);
    if (next.length === 0) break;
  }
  if (gathered.missing.length > 0) await askLastCopies(asking);
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

interface Asking<Answer> {
  readonly deps: GatherDeps;
  readonly task: GatherTask<Answer>;
  readonly gathered: Gathered<Answer>;
  readonly abandoned: number[];
  readonly resting: Set<NodeId>;
  readonly signal: AbortSignal;
}

async function ask<Answer>(asking: Asking<Answer>, parts: readonly CoverPart[], insists: boolean): Promise<void> {
  const { deps, task, gathered, abandoned, resting, signal } = asking;
  deps.emit(readScattered, { operation: task.operation, nodes: parts.length });
  const calls = parts.map((part) => {
    const request = task.request(part);
    return { client: deps.fleet.client(part.nodeId), request: insists ? { ...request, insists } : request };
  });
  const outcomes = await scatter(calls, signal);
  if (signal.aborted) throw abortion(signal);
  for (const [i, part] of parts.entries()) {
    const verdict = judge(task, outcomes[i]!);
    if (verdict.kind === "answer") {
      gathered.answers.push({ nodeId: part.nodeId, shards: part.shards, answer: verdict.answer });
    } else if (verdict.kind === "refusal") gathered.refusals.push({ part, refused: verdict.refused });
    else {
      gathered.failed.add(part.nodeId);
      if (verdict.reason === "breaker_open") resting.add(part.nodeId);
      if (verdict.reason === "timeout" && !deps.policy.retryOnTimeout) abandoned.push(...part.shards);
      else gathered.missing.push(...part.shards);
      const { operation, indexUid } = task;
      if (LACKING.has(verdict.reason)) deps.lacksIndex?.(part.nodeId, indexUid);
      deps.emit(readRetried, { operation, indexUid, nodeId: part.nodeId, reason: verdict.reason });
    }
  }
}

/** Nobody who counts as well has answered: those that hold the shards all the same are tried before they count as missing. */
async function askLastCopies<Answer>(asking: Asking<Answer>): Promise<void> {
  const { deps, task, gathered, resting, signal } = asking;
  const open = (nodeId: NodeId): boolean => !gathered.failed.has(nodeId) || resting.has(nodeId);
  const owners = groupsInTurn(deps, task).flatMap((group) =>
    gathered.missing.flatMap((shard) => task.map.owners[group]![shard] ?? []),
  );
  const candidates = [...new Set(owners)].filter(open);
  const verdicts = await Promise.all(candidates.map((nodeId) => deps.fleet.worthTrying(nodeId)));
  if (signal.aborted) throw abortion(signal);
  const worth = new Set(candidates.filter((_nodeId, i) => verdicts[i]));
  if (worth.size === 0) return;
  for (const nodeId of worth) gathered.failed.delete(nodeId);
  await ask(
    asking,
    coverMissing(deps, task, gathered, (nodeId) => worth.has(nodeId)),
    true,
  );
}

type Verdict<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "refusal"; readonly refused: NodeRefused }
  | { readonly kind: "lost"; readonly reason: string };

function judge<Answer>(task: GatherTask<Answer>, outcome: NodeOutcome): Verdict<Answer> {
  if (outcome.kind === "unavailable") return { kind: "lost", reason: outcome.reason };
  if (outcome.kind === "refused") {
    const { code } = outcome.error;
    if (lacksMarker(outcome.error, task.sortsBySequence === true)) return { kind: "lost", reason: LACKS_MARKER };
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
  permitted: (nodeId: NodeId) => boolean,
): readonly CoverPart[] {
  const { map, fingerprint } = task;
  const parts: CoverPart[] = [];
  for (const group of groupsInTurn(deps, task)) {
    if (gathered.missing.length === 0) break;
    const shards = gathered.missing.toSorted((a, b) => a - b);
    const cover = coveringSet({ map, group, fingerprint, permitted, shards });
    parts.push(...cover.parts);
    gathered.missing = [...cover.uncovered];
  }
  return parts;
}

/** The groups that may answer, the chosen one first. */
function groupsInTurn(
  { policy }: GatherDeps,
  { map, group }: Pick<GatherTask<unknown>, "map" | "group">,
): readonly number[] {
  const groups = map.owners.length;
  return fallsBack(policy, groups) ? map.owners.map((_, turn) => (group + turn) % groups) : [group];
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
const LACKS_MARKER = "lacks_marker";
/** For these a node is looked at before it serves again. */
const LACKING: ReadonlySet<string> = new Set(["index_not_found", LACKS_MARKER]);
const NODE_TROUBLE: ReadonlySet<string> = new Set([
  "index_not_found",
  "invalid_api_key",
  "missing_authorization_header",
  "too_many_search_requests",
]);
