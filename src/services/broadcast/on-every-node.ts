/**
 * A synchronous change (keys, experimental features) on every node or on none. The first node judges it alone, so that
 * a refusal changes nothing anywhere; if another node then fails, those that may have taken it are put back.
 */
import { type ApiError, nodeError } from "../../core/errors/api-error.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { NodeAnswered, NodeOutcome } from "../../nodes/node-outcome.ts";
import { type ScatterCall, scatter } from "../../scatter/scatter.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { audience, type BroadcastDeps, unavailable } from "./broadcast.ts";

export interface EveryNodeDeps extends Pick<BroadcastDeps, "missed" | "policy"> {
  readonly fleet: Pick<Fleet, "nodeIds" | "healthy" | "client">;
  /** Remembers which nodes have missed a change: what they have does not count when they are back. */
  readonly versions: Pick<NodeVersions, "advanceShared">;
}

export interface EveryNodeInput {
  readonly request: NodeRequest;
  /** Error codes of another node than the first that mean it is as wanted already. */
  readonly tolerated: readonly string[];
  /** What puts a node back; must be harmless on a node that never took the change. */
  readonly undo: NodeRequest | null;
}

/** The first node's answer. */
export async function onEveryNode(deps: EveryNodeDeps, input: EveryNodeInput): Promise<NodeAnswered> {
  const { present, absent } = audience(deps);
  const [first, ...others] = present;
  const judge = deps.fleet.client(first as string);
  const judged = await judge.send(input.request);
  if (judged.kind === "refused") throw nodeError(judged.status, judged.error);
  if (judged.kind === "unavailable") {
    if (judged.ambiguous) await putBack(deps, input, [judged.nodeId]);
    throw unavailable(judged.nodeId, "was lost while it was told");
  }
  const outcomes = await scatter(others.map((nodeId) => callOf(deps, nodeId, input.request)));
  const failed = outcomes.find((outcome) => !isDone(outcome, input.tolerated));
  if (failed === undefined) {
    if (absent.length > 0) await deps.versions.advanceShared(present);
    return judged;
  }
  const touched = outcomes.filter((outcome) => outcome.kind !== "refused").map((outcome) => outcome.nodeId);
  await putBack(deps, input, [judged.nodeId, ...touched]);
  throw failureOf(failed);
}

function isDone(outcome: NodeOutcome, tolerated: readonly string[]): boolean {
  return outcome.kind === "answered" || (outcome.kind === "refused" && tolerated.includes(outcome.error.code));
}

/** A node that could not be reached again may still have the change; it is made like the others when it is back. */
async function putBack(deps: EveryNodeDeps, input: EveryNodeInput, nodeIds: readonly string[]): Promise<void> {
  const { undo } = input;
  if (undo === null) return;
  const outcomes = await scatter(nodeIds.map((nodeId) => callOf(deps, nodeId, undo)));
  const lost = outcomes.filter(({ kind }) => kind === "unavailable").map(({ nodeId }) => nodeId);
  const rest = deps.fleet.nodeIds().filter((nodeId) => !lost.includes(nodeId) && deps.fleet.healthy(nodeId));
  if (lost.length > 0 && rest.length > 0) await deps.versions.advanceShared(rest);
}

function callOf(deps: EveryNodeDeps, nodeId: string, request: NodeRequest): ScatterCall {
  return { client: deps.fleet.client(nodeId), request };
}

function failureOf(outcome: NodeOutcome): ApiError {
  if (outcome.kind === "refused") return nodeError(outcome.status, outcome.error);
  return unavailable(outcome.nodeId, "was lost while it was told");
}
