/**
 * Brings one write to one node, at most once. A failure that leaves open whether the node took it is settled by looking
 * for a task with the write's operation id; only a write that is proven absent is sent again. The lanes and the replay
 * of hints both send through here.
 */
import { namedAtMs } from "../core/tasks/task-name.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import type { NodeAnswered } from "../nodes/node-outcome.ts";
import type { Clock } from "../platform/clock.ts";
import { CLOCK_SKEW_MS, indexesRenamed } from "./indexes-renamed.ts";
import { type EnqueueOutcome, type LaneEntry, overtaken } from "./lane.ts";

export interface LaneSendOptions {
  /** How often one write is sent at most. */
  readonly sendsMax: number;
  /** How often a node is asked for a task before the write counts as missed. */
  readonly lookupsMax: number;
  /** Pause before a node is asked, doubled each time: what was on its way gets time to arrive. */
  readonly lookupPauseMs: number;
  readonly lookupTimeoutMs: number;
}

export interface LaneSendDeps {
  readonly clock: Clock;
  /** Told of every write that was given up without knowing whether it came, before anything else is sent to its node. */
  readonly strayed?: (nodeId: string) => void;
}

export async function sendOnce(
  client: NodeClient,
  indexUid: string,
  entry: LaneEntry,
  { clock, strayed }: LaneSendDeps,
  options: LaneSendOptions,
): Promise<EnqueueOutcome> {
  const outcome = await sendUntilKnown(client, indexUid, entry, clock, options);
  if (outcome.kind === "missed" && outcome.unsent !== true) strayed?.(entry.nodeId);
  return outcome;
}

async function sendUntilKnown(
  client: NodeClient,
  indexUid: string,
  entry: LaneEntry,
  clock: Clock,
  options: LaneSendOptions,
): Promise<EnqueueOutcome> {
  const { nodeId } = entry;
  const request = entry.mayGo === undefined ? entry.request : { ...entry.request, mayGo: entry.mayGo };
  let message = "it was not sent";
  for (let send = 0; send < options.sendsMax; send += 1) {
    if (entry.mayGo?.() === false) return overtaken(nodeId);
    const outcome = await client.send(request);
    if (outcome.kind === "refused") return { kind: "refused", nodeId, status: outcome.status, error: outcome.error };
    const taken = outcome.kind === "answered" ? enqueued(outcome) : null;
    if (taken !== null) return taken;
    message = outcome.kind === "answered" ? "the node answered something that is no task" : outcome.message;
    // Proven not to have arrived: trying again at once would only hold up the answer to the client.
    if (outcome.kind === "unavailable" && !outcome.ambiguous) {
      return { kind: "missed", nodeId, message, ...(send === 0 ? { unsent: true } : {}) };
    }
    if (entry.operationId === undefined) return { kind: "missed", nodeId, message };
    const found = await findOperation(client, indexUid, entry.operationId, clock, options);
    if (found === "unknown") return { kind: "missed", nodeId, message };
    if (found !== null) return found;
  }
  return { kind: "missed", nodeId, message };
}

/**
 * The task that carries `operationId`; null when the node surely has none; `unknown` when it does not answer. Absence
 * counts only when it is seen twice, since a request may still be on its way when its connection is gone.
 */
export async function findOperation(
  client: NodeClient,
  indexUid: string,
  operationId: string,
  clock: Clock,
  options: LaneSendOptions,
): Promise<EnqueueOutcome | null | "unknown"> {
  let absences = 0;
  let pauseMs = options.lookupPauseMs;
  for (let lookup = 0; lookup < options.lookupsMax; lookup += 1) {
    await clock.sleep(pauseMs);
    pauseMs *= 2;
    const found = await taskWithOperation(client, indexUid, operationId, options.lookupTimeoutMs);
    if (found === "unknown") continue;
    if (found !== null) return found;
    absences += 1;
    if (absences === ABSENCES_NEEDED) return null;
  }
  return "unknown";
}

/**
 * Looks through the tasks of the index, and through all tasks where indexes have changed their names since. `unknown` when
 * the node does not answer or has had more than can be looked at.
 */
export async function taskWithOperation(
  client: NodeClient,
  indexUid: string,
  operationId: string,
  timeoutMs: number,
): Promise<EnqueueOutcome | null | "unknown"> {
  const sinceMs = namedAtMs(operationId) - CLOCK_SKEW_MS;
  const found = await lookThrough(client, indexUid, { operationId, sinceMs, timeoutMs });
  if (found !== null || !Number.isFinite(sinceMs)) return found;
  const renamed = await indexesRenamed(client, sinceMs, timeoutMs);
  if (renamed === undefined) return "unknown";
  return renamed ? lookThrough(client, null, { operationId, sinceMs, timeoutMs }) : null;
}

interface Sought {
  readonly operationId: string;
  /** When it got its name, at the earliest; NaN: that is not known. */
  readonly sinceMs: number;
  readonly timeoutMs: number;
}

/**
 * The newest first, back to the moment in which the operation got its name: other routers may have written a lot since.
 * `indexUid` null: the tasks of all indexes.
 */
async function lookThrough(
  client: NodeClient,
  indexUid: string | null,
  { operationId, sinceMs, timeoutMs }: Sought,
): Promise<EnqueueOutcome | null | "unknown"> {
  const ofIndex = indexUid === null ? "" : `indexUids=${encodeURIComponent(indexUid)}&`;
  let from = "";
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const limit = page === 0 ? LOOKUP_TASKS : LOOKUP_TASKS_FURTHER;
    const outcome = await client.send({
      method: "GET",
      path: `/tasks?${ofIndex}limit=${limit}${from}`,
      operation: "tasks.list",
      timeoutMs,
      repeat: "safe",
    });
    if (outcome.kind !== "answered") return "unknown";
    const { tasks, next } = pageOf(outcome.text);
    const task = tasks.find((one) => one.customMetadata === operationId);
    if (task?.uid !== undefined) {
      return { kind: "enqueued", nodeId: client.nodeId, taskUid: task.uid, enqueuedAt: task.enqueuedAt ?? "" };
    }
    const oldestMs = Date.parse(tasks.at(-1)?.enqueuedAt ?? "");
    if (next === null || !(oldestMs > sinceMs)) return null;
    from = `&from=${next}`;
  }
  return "unknown";
}

function enqueued(outcome: NodeAnswered): EnqueueOutcome | null {
  const task = parsed(outcome.text) as { taskUid?: unknown; enqueuedAt?: unknown } | null;
  if (typeof task?.taskUid !== "number") return null;
  const enqueuedAt = typeof task.enqueuedAt === "string" ? task.enqueuedAt : "";
  return { kind: "enqueued", nodeId: outcome.nodeId, taskUid: task.taskUid, enqueuedAt };
}

interface FoundTask {
  readonly uid?: number;
  readonly enqueuedAt?: string;
  readonly customMetadata?: string;
}

function pageOf(text: string): { readonly tasks: readonly FoundTask[]; readonly next: number | null } {
  const page = parsed(text) as { results?: unknown; next?: unknown } | null;
  const tasks = Array.isArray(page?.results) ? (page.results as readonly FoundTask[]) : [];
  return { tasks, next: typeof page?.next === "number" ? page.next : null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A lane has one write under way at a time, so its task is nearly always among the newest of the index. */
const LOOKUP_TASKS = 100;
const LOOKUP_TASKS_FURTHER = 1_000;
const PAGES_MAX = 200;
const ABSENCES_NEEDED = 2;
