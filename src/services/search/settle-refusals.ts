/**
 * What to make of nodes that refuse a search. What all of them refuse is the client's error and passed on verbatim. A
 * node that refuses an attribute because it has not seen it yet, while others have, is asked again without it. Any
 * other disagreement is about the node, whose shards are then asked from other owners.
 */
import { nodeError } from "../../core/errors/api-error.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import { nodeBody, type NodeQuery } from "../../core/search/search-plan.ts";
import type { NodeOutcome, NodeRefused } from "../../nodes/node-outcome.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { Relay } from "../relay/relay.ts";
import {
  countRefusalsAsMissing,
  gatherParts,
  type Gathered,
  type GatherDeps,
  type GatherTask,
  type PartRefusal,
} from "./gather-parts.ts";
import { throwRefusal, type Judgement } from "./judge-by-node.ts";

export interface RefusedSearch<Answer> {
  readonly task: GatherTask<Answer>;
  readonly query: NodeQuery;
  readonly gathered: Gathered<Answer>;
  readonly judgement: Judgement;
  /** The client's displayed attributes; null: all. */
  readonly displayed: readonly string[] | null;
}

export async function settleRefusals<Answer>(
  deps: GatherDeps & { readonly relay: Relay },
  search: RefusedSearch<Answer>,
  signal: AbortSignal,
): Promise<void> {
  const { gathered } = search;
  if (gathered.answers.length === 0 && agree(gathered.refusals)) {
    await throwAgreed(deps, search, gathered.refusals[0]!, signal);
  }
  const { refusals } = gathered;
  // The engine reads what a filter needs before anything else, if only in one document.
  const filterFault = refusals.find(({ refused }) => FILTER_FAULTS.has(refused.error.code));
  if (gathered.answers.length === 0 && filterFault !== undefined) {
    await throwAgreed(deps, search, filterFault, signal);
  }
  gathered.refusals = [];
  const asked = await Promise.all(refusals.map((refusal) => askNarrowed(deps, search, refusal, signal)));
  if (gathered.answers.length === 0 && asked.every((result) => result === "nothing_left")) {
    throw refusalError(refusals[0]!.refused, search.displayed);
  }
  for (const [i, result] of asked.entries()) {
    const { part } = refusals[i]!;
    if (result === "nothing_left") continue;
    if (result === "lost") {
      gathered.failed.add(part.nodeId);
      gathered.missing.push(...part.shards);
    } else gathered.answers.push({ nodeId: part.nodeId, shards: part.shards, answer: result });
  }
  if (gathered.missing.length > 0) await gatherParts(deps, search.task, gathered, [], signal);
  const faulty = [...gathered.refusals, ...refusals].find((refusal) => isAboutFilter(refusal, gathered));
  if (faulty !== undefined) await throwAgreed(deps, search, faulty, signal);
  // Whoever refuses now disagrees with nodes that answered.
  countRefusalsAsMissing(gathered);
}

/**
 * A node evaluates a filter only as far as it has to: where the first condition of an AND meets no document, a fault in
 * the second goes unnoticed. So a filter that some owner refuses, and no other owner has answered in its place, is
 * the client's error whatever nodes with other documents say.
 */
export function isAboutFilter({ part, refused }: PartRefusal, { missing, refusals }: Gathered<unknown>): boolean {
  if (!FILTER_FAULTS.has(refused.error.code)) return false;
  const open = new Set([...missing, ...refusals.flatMap((refusal) => refusal.part.shards)]);
  return part.shards.some((shard) => open.has(shard));
}

function agree(refusals: readonly PartRefusal[]): boolean {
  const [first] = refusals;
  return refusals.every(({ refused }) => {
    const { code, message } = refused.error;
    // Of a list of attributes each node names the first it does not know.
    return code === first!.refused.error.code && (!(code in UNSEEN) || message === first!.refused.error.message);
  });
}

/**
 * A message about a filter may point into it, and one about a query string names parameters: the router's own form of
 * the request would get other words. A refusal of the client's own form wins.
 */
async function throwAgreed(
  deps: GatherDeps & { readonly relay: Relay },
  { judgement, displayed }: Pick<RefusedSearch<unknown>, "judgement" | "displayed">,
  { part, refused }: PartRefusal,
  signal: AbortSignal,
): Promise<never> {
  const { relay } = deps;
  const aboutFilter = refused.error.code.includes("filter");
  // Any other node may have no document that gets as far as the fault, and name another one.
  const again = aboutFilter ? await askAgain(deps, judgement.forced ?? judgement, part.nodeId, signal) : undefined;
  if (again?.kind === "refused" && again.error.code === refused.error.code) throw refusalError(again, displayed);
  if (aboutFilter && judgement.forced !== undefined) await throwRefusal(relay, judgement.forced, signal, displayed);
  if (aboutFilter || judgement.method === "GET") await throwRefusal(relay, judgement, signal, displayed);
  throw refusalError(refused, displayed);
}

async function askAgain(
  { fleet, policy }: GatherDeps,
  { method, path, body }: RefusedSearch<unknown>["judgement"],
  nodeId: string,
  signal: AbortSignal,
): Promise<NodeOutcome | undefined> {
  const own = { method, path, ...(body === undefined ? {} : { body }), operation: "judge" };
  const request = { ...own, timeoutMs: policy.nodeTimeoutMs, repeat: "safe" as const };
  const [outcome] = await scatter([{ client: fleet.client(nodeId), request }], signal);
  return outcome;
}

function refusalError(refused: NodeRefused, displayed: readonly string[] | null): Error {
  return nodeError(refused.status, cleanNodeError(refused.error, displayed));
}

/** `nothing_left`: none of the attributes exists there, so it has no hits. `lost`: it refuses for another reason. */
async function askNarrowed<Answer>(
  deps: GatherDeps,
  { task, query }: RefusedSearch<Answer>,
  { part, refused }: PartRefusal,
  signal: AbortSignal,
): Promise<Answer | "nothing_left" | "lost"> {
  let body = JSON.parse(query.base) as Record<string, unknown>;
  let refusal = refused;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const parameter = UNSEEN[refusal.error.code];
    const attribute = QUOTED.exec(refusal.error.message)?.[1];
    if (parameter === undefined || attribute === undefined) return "lost";
    const asked = body[parameter];
    const left = Array.isArray(asked) ? asked.filter((name) => name !== attribute) : [];
    if (Array.isArray(asked) && left.length === asked.length) return "lost";
    if (left.length === 0 && parameter === "attributesToSearchOn") return "nothing_left";
    body = { ...body, [parameter]: left };
    const request = { ...task.request(part), body: nodeBody(query, part, JSON.stringify(body)) };
    const [outcome] = await scatter([{ client: deps.fleet.client(part.nodeId), request }], signal);
    if (outcome!.kind === "unavailable") return "lost";
    if (outcome!.kind === "answered") return task.read(outcome!.text) ?? "lost";
    refusal = outcome!;
  }
  return "lost";
}

/** Refusals that depend on which fields a node has seen, and the list in which the field stands. */
const UNSEEN: Readonly<Record<string, string>> = {
  invalid_search_attributes_to_search_on: "attributesToSearchOn",
  invalid_search_facets: "facets",
};
const FILTER_FAULTS: ReadonlySet<string> = new Set(["invalid_search_filter", "invalid_document_filter"]);
/** The engine may name the index in front of it. */
const QUOTED = /(?:Attribute|Pattern) `([^`]*)`/;
const ATTEMPTS_MAX = 16;
