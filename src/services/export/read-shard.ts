/**
 * The documents of one shard for an export, as text without the hidden fields. Their ids are read first and the
 * documents then by id, so that what is added or deleted meanwhile makes none appear twice and no other be skipped.
 */
import { apiError, nodeError } from "../../core/errors/api-error.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { andFilters } from "../../core/filters/and-filters.ts";
import { shardFilter } from "../../core/markers/codec.ts";
import { SEQUENCE_RULE } from "../../core/markers/fields.ts";
import { readDocumentsAnswer, renderDocument } from "../../core/merge/merge-documents.ts";
import { createHitCursor } from "../../core/merge/hit-cursor.ts";
import { parseExact } from "../../core/settings/exact-json.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface ReadShardDeps {
  readonly fleet: Pick<Fleet, "shardMap" | "readable" | "client">;
  readonly timeoutMs: number;
}

export interface ShardRead {
  readonly entry: IndexEntry;
  readonly shard: number;
  /** The client's, exact on every node. */
  readonly filter: unknown;
}

/** Throws a node's refusal of the filter, in its words. */
export async function judgeFilter(
  deps: ReadShardDeps,
  entry: IndexEntry,
  filter: unknown,
  signal: AbortSignal,
): Promise<void> {
  await asker(deps, { entry, shard: 0, filter }, signal)({ filter, limit: 0 });
}

/** Throws a node's refusal, or 503 when no owner of the shard answers. */
export async function* readShard(deps: ReadShardDeps, read: ShardRead, signal: AbortSignal): AsyncGenerator<string> {
  const { shard, filter } = read;
  const { primaryKey } = read.entry;
  // Without a primary key no document has ever been written.
  if (primaryKey === null) return;
  const ask = asker(deps, read, signal);
  const only = { filter: andFilters(filter ?? undefined, [shardFilter([shard])]) };
  const keys = await ask({ ...only, fields: [primaryKey], limit: DOCUMENTS_PER_SHARD_MAX });
  const ids = keys.map((text) => idIn(parseExact(text) as Readonly<Record<string, unknown>>, primaryKey));
  for (let start = 0; start < ids.length; start += DOCUMENTS_PER_READ_MAX) {
    const chunk = ids.slice(start, start + DOCUMENTS_PER_READ_MAX);
    yield* await ask({ ...only, ids: chunk, limit: chunk.length, retrieveVectors: true });
  }
}

/** All questions about a shard go to one owner. */
function asker(
  deps: ReadShardDeps,
  read: ShardRead,
  signal: AbortSignal,
): (body: Readonly<Record<string, unknown>>) => Promise<readonly string[]> {
  const client = ownerOf(deps, read);
  // A node that cannot sort by the sequence gives its own order.
  const order = read.entry.tieBreak === "node" ? {} : { sort: [SEQUENCE_RULE] };
  return async (body) => {
    const outcome = await client.send(
      {
        method: "POST",
        path: `/indexes/${read.entry.uid}/documents/fetch`,
        body: JSON.stringify({ ...body, ...order }),
        operation: "export.read",
        timeoutMs: deps.timeoutMs,
        repeat: "safe",
      },
      signal,
    );
    if (outcome.kind === "refused") throw nodeError(outcome.status, cleanNodeError(outcome.error));
    if (outcome.kind === "unavailable") throw unreachable(read, outcome.message);
    return documentsIn(outcome.text);
  };
}

function ownerOf(deps: ReadShardDeps, read: ShardRead): NodeClient {
  const { owners } = deps.fleet.shardMap(read.entry.shards);
  const owner = owners.flatMap((owned) => owned[read.shard] ?? []).find(deps.fleet.readable);
  if (owner === undefined) throw unreachable(read, "no owner of it can be read");
  return deps.fleet.client(owner);
}

function documentsIn(text: string): readonly string[] {
  const answer = readDocumentsAnswer(text);
  if (answer === null) throw garbage();
  const documents: string[] = [];
  const cursor = createHitCursor(answer.results);
  for (let hit = cursor.next(); hit !== null; hit = cursor.next()) {
    if (hit === "garbage") throw garbage();
    documents.push(renderDocument(hit, AS_STORED));
  }
  return documents;
}

/** A primary key may lie inside objects. */
function idIn(document: Readonly<Record<string, unknown>>, primaryKey: string): unknown {
  if (primaryKey in document) return document[primaryKey];
  let value: unknown = document;
  for (const name of primaryKey.split(".")) value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  return value;
}

function garbage(): Error {
  return apiError("miroir_node_unavailable", "A node answered a list of documents with garbage.");
}

function unreachable({ entry, shard }: ShardRead, why: string): Error {
  return apiError("miroir_shard_unavailable", `Shard ${shard} of index \`${entry.uid}\` cannot be read: ${why}.`);
}

const AS_STORED = { criteria: [], drop: [], cut: [] } as const;
/** More than an engine takes into one index. */
const DOCUMENTS_PER_SHARD_MAX = 4_294_967_295;
const DOCUMENTS_PER_READ_MAX = 1_000;
