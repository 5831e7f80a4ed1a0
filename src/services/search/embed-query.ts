/**
 * The vector of a query, made by one node for all of them: an embedder may be slow, cost money by the call, or not
 * give the same numbers twice.
 */
import { nodeError, type ErrorBody } from "../../core/errors/api-error.ts";
import { assert } from "../../core/assert.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import type { SearchRequest } from "../../core/search/search-request.ts";
import { splitAnswer } from "../../core/merge/answer-list.ts";
import type { Relay } from "../relay/relay.ts";

export type EmbeddedQuery =
  | { readonly kind: "vector"; readonly vector: unknown }
  | { readonly kind: "refused"; readonly status: number; readonly error: ErrorBody };

/** Asks for the query of a request whose `hybrid` names an embedder. */
export async function embedQuery(
  relay: Relay,
  indexUid: string,
  { body }: SearchRequest,
  signal: AbortSignal,
): Promise<EmbeddedQuery> {
  const { embedder } = body["hybrid"] as { readonly embedder: unknown };
  const asked: Record<string, unknown> = { hybrid: { embedder, semanticRatio: 1 } };
  for (const name of ["q", "media"]) if (name in body) asked[name] = body[name];
  const outcome = await relay(
    {
      method: "POST",
      path: `/indexes/${indexUid}/search`,
      body: JSON.stringify({ ...asked, retrieveVectors: true, attributesToRetrieve: [], limit: 0 }),
      operation: "search.embed",
    },
    signal,
  );
  if (outcome.kind === "refused") {
    return { kind: "refused", status: outcome.status, error: cleanNodeError(outcome.error) };
  }
  const vector = splitAnswer(outcome.text, "hits", "query")?.members.get("queryVector");
  assert(vector !== undefined, "a search by meaning tells its vector");
  return { kind: "vector", vector: JSON.parse(vector) };
}

/** Is it a search by meaning whose meaning is not a vector yet? */
export function needsVector({ kind, body }: SearchRequest): boolean {
  return kind === "semantic" && (body["vector"] ?? null) === null;
}

/** For searches by meaning alone, which are nothing without a vector. */
export async function requireVector(
  relay: Relay,
  indexUid: string,
  request: SearchRequest,
  signal: AbortSignal,
): Promise<SearchRequest> {
  const embedded = await embedQuery(relay, indexUid, request, signal);
  if (embedded.kind === "refused") throw nodeError(embedded.status, embedded.error);
  const { media: _media, ...rest } = request.body;
  return { ...request, body: { ...rest, vector: embedded.vector } };
}
