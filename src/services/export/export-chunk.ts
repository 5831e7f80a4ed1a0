/**
 * One chunk of an export: some shards of one index, sent to the target. Any router may do it, and go on where another
 * one stopped; what was sent twice then is the same documents again.
 */
import { ApiError, type ErrorBody } from "../../core/errors/api-error.ts";
import type { ExportProgress, ExportRequest } from "../../core/export/export-plan.ts";
import type { Outgoing } from "../../outgoing/outgoing.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Job } from "../../store/job-store.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { JobHandler } from "../routers/run-jobs.ts";
import { exactFilters, type KnownFields } from "../search/known-fields.ts";
import { readShard, type ReadShardDeps } from "./read-shard.ts";
import { createExportTarget, type ExportTarget, type TargetOutcome } from "./target.ts";

export interface ExportChunkDeps extends ReadShardDeps {
  readonly catalog: Pick<Catalog, "get">;
  readonly knownFields: KnownFields;
  readonly outgoing: Outgoing;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  /** `server.max_body_bytes`: no payload is larger. */
  readonly payloadBytesMax: number;
}

/** The type of these jobs. */
export const EXPORT_CHUNK = "export";

/** What such a job is given. */
export interface ExportChunk {
  readonly request: ExportRequest;
  readonly index: ExportProgress["indexes"][number];
  /** Shards from the first up to, and not including, the last. */
  readonly from: number;
  readonly to: number;
}

/** What it has come to. */
export interface ChunkProgress {
  /** The next shard. */
  readonly shard: number;
  /** Documents. */
  readonly sent: number;
  /** Why it has failed. */
  readonly error?: ErrorBody;
}

export function chunksOf(shards: number): readonly Pick<ExportChunk, "from" | "to">[] {
  const count = Math.ceil(shards / CHUNK_SHARDS);
  return Array.from({ length: count }, (_, chunk) => ({
    from: chunk * CHUNK_SHARDS,
    to: Math.min((chunk + 1) * CHUNK_SHARDS, shards),
  }));
}

export function progressOf(job: Job): ChunkProgress {
  return (job.progress ?? { shard: (job.params as unknown as ExportChunk).from, sent: 0 }) as unknown as ChunkProgress;
}

/** A target that may take it later is asked again for a quarter of an hour; a refusal fails the job at once. */
export function exportChunk(deps: ExportChunkDeps): JobHandler {
  return async (job, work) => {
    const { signal } = work;
    const chunk = job.params as unknown as ExportChunk;
    let at = progressOf(job);
    let movedMs = deps.clock.monotonicMs();
    for (let attempts = 0; at.shard < chunk.to;) {
      const outcome = await sendSome(deps, chunk, at, signal);
      if ("shard" in outcome) {
        at = outcome;
        [attempts, movedMs] = [0, deps.clock.monotonicMs()];
        if (!(await work.progress({ ...at }))) return;
        continue;
      }
      if (!outcome.later || deps.clock.monotonicMs() - movedMs > STUCK_MAX_MS) {
        await work.progress({ ...at, error: outcome.error });
        throw new TypeError(outcome.error.message);
      }
      await deps.clock.sleep(Math.min(PAUSE_FIRST_MS * 2 ** attempts, PAUSE_MAX_MS), signal);
      attempts += 1;
    }
  };
}

/** Something that has ended an attempt: for good, or until later. */
export interface Halt {
  readonly later: boolean;
  readonly error: ErrorBody;
}

export class Halted extends TypeError {
  override readonly name = "Halted";
  readonly outcome: Extract<TargetOutcome, { kind: "refused" | "try_later" }>;

  constructor(outcome: Halted["outcome"]) {
    super(outcome.error.message);
    this.outcome = outcome;
  }
}

export async function must(outcome: Promise<TargetOutcome>): Promise<void> {
  const got = await outcome;
  if (got.kind === "refused" || got.kind === "try_later") throw new Halted(got);
}

/** What a failure means for an export; what is none of a target's or a node's is thrown on. */
export function haltOf(error: unknown): Halt {
  if (error instanceof Halted) return { later: error.outcome.kind === "try_later", error: error.outcome.error };
  if (error instanceof ApiError) return { later: error.status >= 500, error: error.body };
  throw error;
}

async function sendSome(
  deps: ExportChunkDeps,
  chunk: ExportChunk,
  at: ChunkProgress,
  signal: AbortSignal,
): Promise<ChunkProgress | Halt> {
  const { url, apiKey } = chunk.request;
  try {
    return await sendShards(deps, createExportTarget(deps.outgoing, url, apiKey), chunk, at, signal);
  } catch (error) {
    signal.throwIfAborted();
    return haltOf(error);
  }
}

/** As many shards as fit into a while; a payload never holds more than the limit, unless one document does. */
async function sendShards(
  deps: ExportChunkDeps,
  target: ExportTarget,
  { request, index: { uid, pattern }, to }: ExportChunk,
  at: ChunkProgress,
  signal: AbortSignal,
): Promise<ChunkProgress> {
  const entry = deps.catalog.get(uid);
  // Deleted meanwhile: there is nothing left to export.
  if (entry === undefined) return { ...at, shard: to };
  const [filter] = await exactFilters(deps.knownFields, entry, [request.indexes[pattern]?.filter], signal);
  const limit = Math.min(request.payloadBytes ?? PAYLOAD_BYTES_DEFAULT, deps.payloadBytesMax);
  const startedMs = deps.clock.monotonicMs();
  let { sent, shard } = at;
  let buffer: string[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (buffer.length === 0) return;
    await must(target.send("POST", `/indexes/${uid}/documents`, { documents: buffer }, signal));
    sent += buffer.length;
    [buffer, bytes] = [[], 0];
  };
  while (shard < to && deps.clock.monotonicMs() - startedMs < STEP_MS) {
    for await (const document of readShard(deps, { entry, shard, filter }, signal)) {
      const size = Buffer.byteLength(document) + 1;
      if (bytes + size > limit) await flush();
      buffer.push(document);
      bytes += size;
    }
    shard += 1;
  }
  await flush();
  return { shard, sent };
}

const CHUNK_SHARDS = 8;
const PAYLOAD_BYTES_DEFAULT = 16_777_216;
const STEP_MS = 500;
const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 60_000;
/** An export that gets no further for so long has failed. */
export const STUCK_MAX_MS = 900_000;
