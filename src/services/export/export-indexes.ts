/**
 * `POST /export`: indexes, settings and documents sent to another Meilisearch, as one node would send them. The export
 * is a task that goes on index by index: it prepares the index at the target, puts its shards into the queue of jobs as
 * chunks (`export-chunk.ts`) and waits for whichever routers do them. A restart resumes it.
 */
import { assert } from "../../core/assert.ts";
import { errorBody, nodeError } from "../../core/errors/api-error.ts";
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
import type { Job, JobStore } from "../../store/job-store.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Relay } from "../relay/relay.ts";
import type { FlowStep, TaskFlow, TaskRegistry } from "../tasks/task-registry.ts";
import {
  chunksOf,
  EXPORT_CHUNK,
  type ExportChunk,
  type Halt,
  Halted,
  haltOf,
  must,
  progressOf,
  STUCK_MAX_MS,
} from "./export-chunk.ts";
import { judgeFilter, type ReadShardDeps } from "./read-shard.ts";
import { createExportTarget, type ExportTarget } from "./target.ts";

export interface ExportDeps extends ReadShardDeps {
  readonly tasks: Pick<TaskRegistry, "register" | "dispatch">;
  readonly catalog: Pick<Catalog, "list" | "get">;
  readonly relay: Relay;
  readonly outgoing: Outgoing;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Fires when the router stops; what is on its way is sent again after the start. */
  readonly stopping: AbortSignal;
  readonly jobs: Pick<JobStore, "enqueue" | "get" | "remove">;
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
  /** Since when the target has not let an export prepare an index. */
  const stuck = new Map<number, { readonly sinceMs: number; readonly attempts: number }>();
  const next = (request: ExportRequest, progress: ExportProgress): FlowStep => ({
    kind: "more",
    nodeTasks: [],
    flow: { kind: EXPORT_FLOW, step: "run", data: { request, progress } },
  });

  const later = (uid: number, { later: isLater, error }: Halt): FlowStep => {
    const before = stuck.get(uid) ?? { sinceMs: deps.clock.monotonicMs(), attempts: 0 };
    if (!isLater || deps.clock.monotonicMs() - before.sinceMs > STUCK_MAX_MS) {
      stuck.delete(uid);
      return { kind: "done", error };
    }
    stuck.set(uid, { ...before, attempts: before.attempts + 1 });
    return { kind: "later", delayMs: Math.min(PAUSE_FIRST_MS * 2 ** before.attempts, PAUSE_MAX_MS) };
  };

  return {
    kind: EXPORT_FLOW,
    resumable: true,
    async advance(task) {
      assert(task.flow !== null, "a flow is called for its own tasks");
      const { request, progress } = task.flow.data as unknown as Run;
      const index = progress.indexes[progress.at];
      if (task.canceledBy !== null) {
        await removeJobs(deps, task.uid, progress.at);
        return { kind: "canceled" };
      }
      // Those of the index before, whose outcome is part of the task by now.
      if (progress.shard < 0) await removeJobs(deps, task.uid, progress.at - 1);
      if (index === undefined) return { kind: "done", details: exportDetails(request, progress) };
      const over = { ...progress, at: progress.at + 1, shard: -1 };
      // Deleted meanwhile: there is nothing left to export.
      if (deps.catalog.get(index.uid) === undefined) {
        await removeJobs(deps, task.uid, progress.at);
        return next(request, over);
      }
      if (progress.shard < 0) {
        try {
          await prepare(deps, createExportTarget(deps.outgoing, request.url, request.apiKey), request, index);
        } catch (error) {
          return later(task.uid, haltOf(error));
        }
        stuck.delete(task.uid);
        return next(request, { ...progress, shard: 0 });
      }
      const jobs = await jobsOf(deps, task.uid, { request, progress });
      const failed = jobs.find((job) => job.state === "failed");
      if (failed !== undefined) {
        await removeJobs(deps, task.uid, progress.at);
        const error = progressOf(failed).error ?? errorBody("internal", "The export failed and gave no reason.");
        return { kind: "done", error };
      }
      if (!jobs.every((job) => job.state === "completed")) return { kind: "later", delayMs: LOOK_MS };
      const sent = jobs.reduce((sum, job) => sum + progressOf(job).sent, 0);
      return next(request, { ...over, sent: { ...progress.sent, [index.uid]: sent } });
    },
  };
}

interface Run {
  readonly request: ExportRequest;
  readonly progress: ExportProgress;
}

/** The chunks of the index at hand; those that are not in the queue yet are put there. */
async function jobsOf(deps: ExportDeps, taskUid: number, { request, progress }: Run): Promise<readonly Job[]> {
  const index = progress.indexes[progress.at] as ExportProgress["indexes"][number];
  const jobs: Job[] = [];
  for (const [chunk, bounds] of chunksOf(deps.catalog.get(index.uid)?.shards ?? 0).entries()) {
    const id = jobId(taskUid, progress.at, chunk);
    const params = { request, index, ...bounds } satisfies ExportChunk;
    let job = await deps.jobs.get(id);
    if (job === undefined) {
      await deps.jobs.enqueue({ id, type: EXPORT_CHUNK, params });
      job = await deps.jobs.get(id);
    }
    if (job !== undefined) jobs.push(job);
  }
  return jobs;
}

/** Also those that a router is at work on: it is told to stop when it next says how far it has come. */
async function removeJobs(deps: ExportDeps, taskUid: number, at: number): Promise<void> {
  for (let chunk = 0; (await deps.jobs.get(jobId(taskUid, at, chunk))) !== undefined; chunk += 1) {
    await deps.jobs.remove(jobId(taskUid, at, chunk));
  }
}

function jobId(taskUid: number, at: number, chunk: number): string {
  return `export-${taskUid}-${at}-${chunk}`;
}

async function prepare(
  deps: ExportDeps,
  target: ExportTarget,
  request: ExportRequest,
  { uid, pattern }: ExportProgress["indexes"][number],
): Promise<void> {
  const signal = deps.stopping;
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

/** A name that no engine knows. */
const JUDGED = "miroirJudged";
/** How soon the chunks that other routers do are looked at again. */
const LOOK_MS = 250;
const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 60_000;
