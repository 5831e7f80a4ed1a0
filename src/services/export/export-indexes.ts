/**
 * `POST /export`: indexes, settings and documents sent to another Meilisearch, as one node would send them. The export
 * is a task that goes on shard by shard and keeps in its record how far it has come, so a restart resumes it; what was
 * sent twice then is the same documents again.
 */
import { assert } from "../../core/assert.ts";
import { ApiError, errorBody, nodeError } from "../../core/errors/api-error.ts";
import {
  exportDetails,
  exportedIndexes,
  exportRequest,
  type ExportProgress,
  type ExportRequest,
} from "../../core/export/export-plan.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import { RESET_ALL } from "../../core/settings/settings-keys.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Outgoing } from "../../outgoing/outgoing.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Relay } from "../relay/relay.ts";
import { exactFilters, type KnownFields } from "../search/known-fields.ts";
import type { FlowStep, TaskFlow, TaskRegistry } from "../tasks/task-registry.ts";
import { judgeFilter, readShard, type ReadShardDeps } from "./read-shard.ts";
import { createExportTarget, type ExportTarget, type TargetOutcome } from "./target.ts";

export interface ExportDeps extends ReadShardDeps {
  readonly tasks: Pick<TaskRegistry, "register" | "dispatch">;
  readonly catalog: Pick<Catalog, "list" | "get">;
  readonly knownFields: KnownFields;
  readonly relay: Relay;
  readonly outgoing: Outgoing;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Fires when the router stops; what is on its way is sent again after the start. */
  readonly stopping: AbortSignal;
  /** `server.max_body_bytes`: no payload is larger. */
  readonly payloadBytesMax: number;
  /** Which features are on. */
  readonly switches: (signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>>;
}

const EXPORT_FLOW = "export";

/** `value` is the client's body. A node judges its shape; it is kept from exporting anything by a field it refuses. */
export async function exportIndexes(deps: ExportDeps, value: unknown, signal: AbortSignal): Promise<Task> {
  const judged = isObject(value) ? { ...value, [JUDGED]: true } : value;
  const body = JSON.stringify(judged);
  const answer = await deps.relay({ method: "POST", path: "/export", body, operation: "export.judge" }, signal);
  assert(answer.kind === "refused", "a node refuses an export with a field that it does not know");
  if (!answer.error.message.includes(JUDGED)) throw nodeError(answer.status, answer.error);
  const request = exportRequest(value as Readonly<Record<string, unknown>>);
  const uids = deps.catalog.list().map(({ uid }) => uid);
  const progress: ExportProgress = { indexes: exportedIndexes(request, uids), at: 0, shard: -1, sent: {} };
  const task = await deps.tasks.register({
    type: "export",
    indexUid: null,
    details: exportDetails(request),
    flow: { kind: EXPORT_FLOW, step: "run", data: { request, progress } },
  });
  return deps.tasks.dispatch(task.uid, []);
}

export function exportFlow(deps: ExportDeps): TaskFlow {
  /** Since when an export has got no further. */
  const stuck = new Map<number, { readonly sinceMs: number; readonly attempts: number }>();
  return {
    kind: EXPORT_FLOW,
    resumable: true,
    advance: async (task): Promise<FlowStep> => {
      if (task.canceledBy !== null) return { kind: "canceled" };
      assert(task.flow !== null, "a flow is called for its own tasks");
      const { request, progress } = task.flow.data as unknown as Run;
      const outcome = await advanceOnce(deps, { request, progress });
      if (outcome.kind === "moved") {
        stuck.delete(task.uid);
        if (outcome.progress.at < outcome.progress.indexes.length) {
          const flow = { kind: EXPORT_FLOW, step: "run", data: { request, progress: outcome.progress } };
          return { kind: "more", nodeTasks: [], flow };
        }
        return { kind: "done", details: exportDetails(request, outcome.progress) };
      }
      const before = stuck.get(task.uid) ?? { sinceMs: deps.clock.monotonicMs(), attempts: 0 };
      if (outcome.kind === "failed" || deps.clock.monotonicMs() - before.sinceMs > STUCK_MAX_MS) {
        stuck.delete(task.uid);
        return { kind: "done", error: outcome.error };
      }
      stuck.set(task.uid, { ...before, attempts: before.attempts + 1 });
      return { kind: "later", delayMs: Math.min(PAUSE_FIRST_MS * 2 ** before.attempts, PAUSE_MAX_MS) };
    },
  };
}

interface Run {
  readonly request: ExportRequest;
  readonly progress: ExportProgress;
}

type Advance =
  | { readonly kind: "moved"; readonly progress: ExportProgress }
  | { readonly kind: "failed" | "try_later"; readonly error: ReturnType<typeof errorBody> };

class Halted extends TypeError {
  override readonly name = "Halted";
  readonly outcome: Extract<TargetOutcome, { kind: "refused" | "try_later" }>;

  constructor(outcome: Halted["outcome"]) {
    super(outcome.error.message);
    this.outcome = outcome;
  }
}

/** One step: an index prepared at the target, or some shards of it sent. */
async function advanceOnce(deps: ExportDeps, { request, progress }: Run): Promise<Advance> {
  const index = progress.indexes[progress.at];
  if (index === undefined) return { kind: "moved", progress };
  const { url, apiKey } = request;
  const target = createExportTarget(deps.outgoing, url, apiKey);
  const signal = deps.stopping;
  try {
    const entry = deps.catalog.get(index.uid);
    // Deleted meanwhile: there is nothing left to export.
    if (entry === undefined) return { kind: "moved", progress: { ...progress, at: progress.at + 1, shard: -1 } };
    if (progress.shard < 0) {
      await prepare(deps, target, request, index, signal);
      return { kind: "moved", progress: { ...progress, shard: 0 } };
    }
    return { kind: "moved", progress: await sendShards(deps, target, { request, progress }, signal) };
  } catch (error) {
    if (error instanceof Halted) {
      return { kind: error.outcome.kind === "refused" ? "failed" : "try_later", error: error.outcome.error };
    }
    if (error instanceof ApiError) return { kind: error.status >= 500 ? "try_later" : "failed", error: error.body };
    throw error;
  }
}

async function prepare(
  deps: ExportDeps,
  target: ExportTarget,
  request: ExportRequest,
  { uid, pattern }: ExportProgress["indexes"][number],
  signal: AbortSignal,
): Promise<void> {
  const entry = deps.catalog.get(uid);
  const primaryKey = entry?.primaryKey ?? null;
  const filter = request.indexes[pattern]?.filter ?? null;
  if (entry !== undefined && filter !== null) await judgeFilter(deps, entry, filter, signal);
  const there = await target.hasIndex(uid, signal);
  if (there.kind === "refused" || there.kind === "try_later") throw new Halted(there);
  const override = request.indexes[pattern]?.overrideSettings === true;
  if (there.kind === "missing") await must(target.send("POST", "/indexes", { json: { uid, primaryKey } }, signal));
  else if (override) await must(target.send("PATCH", `/indexes/${uid}`, { json: { primaryKey } }, signal));
  if (there.kind === "done" && !override) return;
  const { chat, foreignKeys, ...resets } = RESET_ALL;
  const switches = await deps.switches(signal);
  const settings: Record<string, unknown> = {
    ...resets,
    ...(switches["chatCompletions"] === true && { chat }),
    ...(switches["foreignKeys"] === true && { foreignKeys }),
  };
  for (const name of Object.keys(settings)) settings[name] = entry?.settings[name] ?? null;
  await must(target.send("PATCH", `/indexes/${uid}/settings`, { json: settings }, signal));
}

/** As many shards as fit into a while; a payload never holds more than the limit, unless one document does. */
async function sendShards(
  deps: ExportDeps,
  target: ExportTarget,
  { request, progress }: Run,
  signal: AbortSignal,
): Promise<ExportProgress> {
  const { uid, pattern } = progress.indexes[progress.at] as ExportProgress["indexes"][number];
  const entry = deps.catalog.get(uid);
  assert(entry !== undefined, "the index was looked for just now");
  const [filter] = await exactFilters(deps.knownFields, entry, [request.indexes[pattern]?.filter], signal);
  const limit = Math.min(request.payloadBytes ?? PAYLOAD_BYTES_DEFAULT, deps.payloadBytesMax);
  const startedMs = deps.clock.monotonicMs();
  let sent = progress.sent[uid] ?? 0;
  let shard = progress.shard;
  let buffer: string[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (buffer.length === 0) return;
    await must(target.send("POST", `/indexes/${uid}/documents`, { documents: buffer }, signal));
    sent += buffer.length;
    [buffer, bytes] = [[], 0];
  };
  while (shard < entry.shards && deps.clock.monotonicMs() - startedMs < STEP_MS) {
    for await (const document of readShard(deps, { entry, shard, filter }, signal)) {
      const size = Buffer.byteLength(document) + 1;
      if (bytes + size > limit) await flush();
      buffer.push(document);
      bytes += size;
    }
    shard += 1;
  }
  await flush();
  const over = shard >= entry.shards;
  return {
    ...progress,
    at: progress.at + (over ? 1 : 0),
    shard: over ? -1 : shard,
    sent: { ...progress.sent, [uid]: sent },
  };
}

async function must(outcome: Promise<TargetOutcome>): Promise<void> {
  const got = await outcome;
  if (got.kind === "refused" || got.kind === "try_later") throw new Halted(got);
}

/** A name that no engine knows. */
const JUDGED = "miroirJudged";
const PAYLOAD_BYTES_DEFAULT = 16_777_216;
const STEP_MS = 500;
const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 60_000;
/** An export that gets no further for so long has failed. */
const STUCK_MAX_MS = 900_000;
