/**
 * The place of every document in insertion order: kept when a document is written again, new when it is new. What the
 * router has given out lately is remembered, since a queued write cannot be read back yet; for the rest one owner of each
 * shard is asked. If nobody answers, new places are given: only the order among ties suffers, never the write.
 */
import { storedSequences } from "../../core/documents/stored-sequences.ts";
import { newestVersion } from "../../core/documents/newest-version.ts";
import { SEQUENCE_FIELD, UPDATED_AT_FIELD } from "../../core/markers/fields.ts";
import type { SequenceClock } from "../../core/markers/sequence-clock.ts";
import type { ShardMap } from "../../core/routing/shard-map.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { sequenceReadFailed } from "../../telemetry/events/writes.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface SequencesDeps {
  readonly fleet: Pick<Fleet, "client" | "readable">;
  readonly sequenceClock: SequenceClock;
  /** Told of the highest version among the documents that are about to be written again. */
  readonly witness: (version: bigint) => void;
  readonly clock: Pick<Clock, "nowMs">;
  readonly emit: Emit;
}

export interface SequencesOptions {
  /** Documents whose place is remembered. */
  readonly rememberedMax: number;
  /** Keys asked for in one request. */
  readonly idsPerReadMax: number;
  readonly readTimeoutMs: number;
}

export const DEFAULT_SEQUENCES_OPTIONS: SequencesOptions = {
  rememberedMax: 200_000,
  idsPerReadMax: 10_000,
  readTimeoutMs: 5_000,
};

export interface SequenceRequest {
  readonly indexUid: string;
  readonly primaryKey: string;
  /** Distinct, in the order of first appearance. */
  readonly ids: readonly string[];
  readonly shardOfId: Uint16Array;
  readonly map: ShardMap;
}

export interface Sequences {
  /** One per id, by position. Never rejects for a node's sake. */
  resolve(request: SequenceRequest, signal?: AbortSignal): Promise<BigUint64Array>;
  /** These documents are being deleted: written again, they are new. */
  forget(indexUid: string, ids: readonly string[]): void;
  /** Another router has written to the index: what is remembered of it may be out of date. */
  unlearn(indexUid: string): void;
  /** The index is new or being emptied: nothing in it has a place. */
  forgetAll(indexUid: string): void;
}

export function createSequences(deps: SequencesDeps, options: SequencesOptions = DEFAULT_SEQUENCES_OPTIONS): Sequences {
  /** Least recently used first. null: deleted lately, so that what a node still says is out of date. */
  const remembered = new Map<string, bigint | null>();
  const empty = new Set<string>();
  /** Of an index that another router has written to; what was remembered before ages out. */
  const generations = new Map<string, number>();
  const memoryKey = (indexUid: string, id: string): string => `${indexUid}\n${generations.get(indexUid) ?? 0}\n${id}`;

  function remember(key: string, value: bigint | null): void {
    remembered.delete(key);
    remembered.set(key, value);
    if (remembered.size <= options.rememberedMax) return;
    for (const oldest of remembered.keys()) {
      remembered.delete(oldest);
      return;
    }
  }

  return {
    async resolve(request, signal) {
      const { indexUid, ids } = request;
      const stored = empty.delete(indexUid)
        ? NOTHING
        : await readStored(deps, options, request, (id) => remembered.has(memoryKey(indexUid, id)), signal);
      const sequences = new BigUint64Array(ids.length);
      for (let i = 0; i < ids.length; i += 1) {
        const id = ids[i] as string;
        const key = memoryKey(indexUid, id);
        // Looked up only now: another write may have given the same new document its place in the meantime.
        const known = remembered.get(key);
        const before = known === undefined ? stored.get(id) : (known ?? undefined);
        const sequence = before ?? deps.sequenceClock.next(deps.clock.nowMs());
        sequences[i] = sequence;
        remember(key, sequence);
      }
      return sequences;
    },

    forget(indexUid, ids) {
      for (const id of ids) remember(memoryKey(indexUid, id), null);
    },

    unlearn(indexUid) {
      empty.delete(indexUid);
      generations.set(indexUid, (generations.get(indexUid) ?? 0) + 1);
    },

    forgetAll(indexUid) {
      empty.add(indexUid);
      const prefix = memoryKey(indexUid, "");
      for (const key of remembered.keys()) if (key.startsWith(prefix)) remembered.delete(key);
    },
  };
}

const NOTHING: ReadonlyMap<string, bigint> = new Map();

async function readStored(
  deps: SequencesDeps,
  options: SequencesOptions,
  request: SequenceRequest,
  isRemembered: (id: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, bigint>> {
  const questions = new Map<string, string[]>();
  const readers = new Map<number, string | undefined>();
  for (let i = 0; i < request.ids.length; i += 1) {
    const id = request.ids[i] as string;
    if (isRemembered(id)) continue;
    const shard = request.shardOfId[i] as number;
    if (!readers.has(shard)) readers.set(shard, readerOf(deps, request.map, shard));
    const nodeId = readers.get(shard);
    if (nodeId === undefined) continue;
    const asked = questions.get(nodeId);
    if (asked === undefined) questions.set(nodeId, [id]);
    else asked.push(id);
  }
  const stored = new Map<string, bigint>();
  await Promise.all(
    [...questions].map(async ([nodeId, ids]) => {
      for (let at = 0; at < ids.length; at += options.idsPerReadMax) {
        const chunk = ids.slice(at, at + options.idsPerReadMax);
        const answer = await askNode(deps, options, request, nodeId, chunk, signal);
        // A node that fails once is not asked for the rest; its documents count as new.
        if (answer === null) return;
        for (const [id, sequence] of answer) stored.set(id, sequence);
      }
    }),
  );
  return stored;
}

function readerOf(deps: SequencesDeps, map: ShardMap, shard: number): string | undefined {
  for (const group of map.owners) {
    const owner = group[shard]?.find((nodeId) => deps.fleet.readable(nodeId));
    if (owner !== undefined) return owner;
  }
  return undefined;
}

async function askNode(
  deps: SequencesDeps,
  options: SequencesOptions,
  request: SequenceRequest,
  nodeId: string,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, bigint> | null> {
  const { indexUid, primaryKey } = request;
  const outcome = await deps.fleet.client(nodeId).send(
    {
      method: "POST",
      path: `/indexes/${indexUid}/documents/fetch`,
      body: JSON.stringify({ ids, fields: [primaryKey, SEQUENCE_FIELD, UPDATED_AT_FIELD], limit: ids.length }),
      operation: "documents.fetch",
      timeoutMs: options.readTimeoutMs,
      repeat: "safe",
    },
    signal,
  );
  if (outcome.kind === "answered") {
    const found = storedSequences(outcome.text, primaryKey);
    const newest = newestVersion(outcome.text);
    if (newest !== null) deps.witness(newest);
    if (found !== null) return found;
  }
  // An index that is still being created on the node has no documents.
  if (outcome.kind === "refused" && outcome.error.code === "index_not_found") return NOTHING;
  const reason = outcome.kind === "unavailable" ? outcome.message : outcome.kind;
  deps.emit(sequenceReadFailed, { indexUid, nodeId, reason });
  return null;
}
