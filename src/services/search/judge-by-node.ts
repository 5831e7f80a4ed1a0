/**
 * Lets a node say what is wrong with a request, in the engine's own words. Its answer is never the client's: one node
 * knows only its own documents.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { ApiError, apiError, nodeError } from "../../core/errors/api-error.ts";
import { andFilters } from "../../core/filters/and-filters.ts";
import { isMalformed } from "../../core/filters/parse-filter.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Relay, RelayRequest } from "../relay/relay.ts";

export interface Judgement extends Pick<RelayRequest, "method" | "path" | "body"> {
  /** The same with the filters that the caller's credential imposes, which the engine shows when it complains. */
  readonly forced?: Pick<RelayRequest, "method" | "path" | "body">;
}

/** The request of a single search with what is forced on it. */
export function forcedJudgement(
  judgement: Judgement,
  indexUid: string,
  parameters: Readonly<Record<string, unknown>>,
  forced: unknown,
): Judgement {
  if (forced === undefined || judgement.forced !== undefined) return judgement;
  const body = JSON.stringify({ ...parameters, filter: andFilters(parameters["filter"] ?? undefined, [forced]) });
  return { ...judgement, forced: { method: "POST", path: `/indexes/${indexUid}/search`, body } };
}

/** Always throws: the node's refusal, or our own if the node would take what the router cannot. */
export async function judgeByNode(
  relay: Relay,
  judgement: Judgement,
  parameter: string,
  signal: AbortSignal,
): Promise<never> {
  await throwRefusal(relay, judgement, signal);
  throw apiError(
    "miroir_not_supported",
    `This version of Miroir cannot serve ${parameter === "the body" ? parameter : `\`${parameter}\``} with this value over several nodes. Leave it out, or ask a node directly.`,
  );
}

/** Throws the node's refusal; returns if the node has no objection. */
export async function throwRefusal(
  relay: Relay,
  judgement: Judgement,
  signal: AbortSignal,
  displayed: readonly string[] | null = null,
): Promise<void> {
  const { method, path, body } = judgement;
  const outcome = await relay({ method, path, ...(body === undefined ? {} : { body }), operation: "judge" }, signal);
  if (outcome.kind === "refused") throw nodeError(outcome.status, cleanNodeError(outcome.error, displayed));
}

/**
 * The engine refuses to hear of its network as long as that feature is off, even to be told to leave it alone. True is
 * nothing that the router could serve, and is judged with all that it cannot read.
 */
export async function judgeNetwork(
  relay: Relay,
  judgement: Judgement,
  parameters: unknown,
  signal: AbortSignal,
): Promise<void> {
  if (typeof parameters !== "object" || parameters === null || !("useNetwork" in parameters)) return;
  if (parameters.useNetwork !== null) await throwRefusal(relay, judgement, signal);
}

/**
 * The engine reads a request before it looks for the index, so of both faults that of the request is told: of a filter that
 * is malformed, or of whatever else is `faulty` perhaps.
 */
export async function visibleEntry(
  { catalog, relay }: { readonly catalog: Pick<Catalog, "visible">; readonly relay: Relay },
  { indexUid, judgement }: { readonly indexUid: string; readonly judgement: Judgement },
  filter: unknown,
  signal: AbortSignal,
  faulty = false,
): Promise<IndexEntry> {
  try {
    return catalog.visible(indexUid);
  } catch (error) {
    if (error instanceof ApiError && (faulty || isMalformed(filter))) await throwRefusal(relay, judgement, signal);
    throw error;
  }
}

/** For what the router cannot do: a node's refusal goes first, since the request may be wrong besides. */
export async function refuseUnsupported(
  relay: Relay,
  judgement: Judgement,
  message: string,
  signal: AbortSignal,
  displayed: readonly string[] | null,
): Promise<never> {
  await throwRefusal(relay, judgement, signal, displayed);
  throw apiError("miroir_not_supported", message);
}
