/** What only the owners of one document can say: its vectors, whether a filter lets it through, and what is wrong. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { andFilters } from "../../core/filters/and-filters.ts";
import { decodeKey, MALFORMED, readArray, readObject } from "../../core/json/scan.ts";
import { SEQUENCE_FIELD } from "../../core/markers/fields.ts";
import { createHitCursor, memberText, type Hit } from "../../core/merge/hit-cursor.ts";
import { readDocumentsAnswer } from "../../core/merge/merge-documents.ts";
import { coveringSet } from "../../core/routing/covering-set.ts";
import { shardOf } from "../../core/routing/shard-of.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import { fingerprint } from "../../core/search/fingerprint.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { emptyGathering, gatherParts, type Gathered, type GatherDeps } from "./gather-parts.ts";
import { requireAnswers } from "./gather-search.ts";

/** Which document is meant, and how its owners are found. */
export interface Owner {
  readonly entry: IndexEntry;
  readonly map: ShardMap;
  readonly group: number;
  /** The document's key. */
  readonly id: string;
}

export interface OwnedDocument {
  /** Its hidden place in insertion order, as JSON text. */
  readonly place: string;
  /** JSON texts; empty: it has none of this embedder. */
  readonly vectors: readonly string[];
}

/** null: there is no such document, or none that the caller may see. `refused`: the caller's own filter is faulty. */
export async function fetchVectors(
  deps: GatherDeps,
  owner: Owner,
  { embedder, forced }: { readonly embedder: string; readonly forced: readonly unknown[] },
  signal: AbortSignal,
): Promise<OwnedDocument | "refused" | null> {
  const wanted = { retrieveVectors: true, filter: andFilters(undefined, forced) };
  const gathered = await askOwner(deps, owner, fetchRequest(deps, owner, wanted), signal);
  if (gathered.refusals.length > 0) return "refused";
  requireAnswers(deps, gathered, owner.entry);
  const answer = readDocumentsAnswer(gathered.answers[0]!.answer);
  const hit = answer === null ? null : createHitCursor(answer.results).next();
  if (hit === null || hit === "garbage") return null;
  return { place: memberText(hit, SEQUENCE_FIELD) ?? "", vectors: vectorsOf(hit, embedder) };
}

/** Does the filter let the document through? A faulty one does not; it will be told elsewhere. */
export async function passesFilter(
  deps: GatherDeps,
  owner: Owner,
  { filter, forced }: { readonly filter: unknown; readonly forced: readonly unknown[] },
  signal: AbortSignal,
): Promise<boolean> {
  const wanted = { filter: andFilters(filter, forced) };
  const gathered = await askOwner(deps, owner, fetchRequest(deps, owner, wanted), signal);
  const [answered] = gathered.answers;
  return answered !== undefined && readDocumentsAnswer(answered.answer)?.total === 1;
}

/** One owner's answer or refusal, whoever of them answers. */
export async function askOwner(
  deps: GatherDeps,
  { entry, map, group, id }: Owner,
  request: NodeRequest,
  signal: AbortSignal,
): Promise<Gathered<string>> {
  const print = fingerprint(id);
  const shards = [shardOf(id, map.shards)];
  const cover = coveringSet({ map, group, fingerprint: print, permitted: deps.fleet.readable, shards });
  const { operation } = request;
  const task = { indexUid: entry.uid, operation, map, group, fingerprint: print, request: () => request };
  const gathered = emptyGathering<string>();
  gathered.missing = [...cover.uncovered];
  await gatherParts(deps, { ...task, read: (text) => text }, gathered, cover.parts, signal);
  return gathered;
}

function fetchRequest(deps: GatherDeps, { entry, id }: Owner, wanted: object): NodeRequest {
  return {
    method: "POST",
    path: `/indexes/${entry.uid}/documents/fetch`,
    body: JSON.stringify({ ids: [id], fields: [SEQUENCE_FIELD], limit: 1, ...wanted }),
    operation: "similar.document",
    timeoutMs: deps.policy.nodeTimeoutMs,
    repeat: "safe",
  };
}

function vectorsOf(hit: Hit, embedder: string): readonly string[] {
  const all = memberText(hit, "_vectors");
  const own = all === null ? null : memberOf(all, embedder);
  const embeddings = own === null ? null : memberOf(own, "embeddings");
  const bounds: number[] = [];
  if (embeddings === null || readArray(embeddings, 0, bounds) === MALFORMED) return [];
  return bounds.flatMap((at, i) => (i % 2 === 0 ? [embeddings.slice(at, bounds[i + 1])] : []));
}

function memberOf(text: string, name: string): string | null {
  const bounds: number[] = [];
  if (readObject(text, 0, bounds) === MALFORMED) return null;
  for (let i = 0; i < bounds.length; i += 4) {
    if (decodeKey(text, bounds[i]!, bounds[i + 1]!) === name) return text.slice(bounds[i + 2], bounds[i + 3]);
  }
  return null;
}
