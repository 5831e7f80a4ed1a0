/** Reads what a node says about its tasks. Trusts nothing: what is not in the engine's shape is left out. */
import type { ErrorBody } from "../errors/api-error.ts";
import { parseDateTime } from "./time-text.ts";
import type { NodeTask, TaskStatus } from "./task.ts";

/** One task as its node reports it. */
export interface NodeTaskReport {
  readonly taskUid: number;
  readonly indexUid: string | null;
  readonly type: string;
  readonly status: TaskStatus;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly error?: ErrorBody;
  readonly customMetadata: string | null;
  readonly enqueuedAt?: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

export interface NodeTaskPage {
  readonly reports: readonly NodeTaskReport[];
  /** uid of the first task of the next page, or null. */
  readonly next: number | null;
}

/** The answer of `GET /tasks`, or undefined when it is not one. */
export function parseNodeTaskPage(text: string): NodeTaskPage | undefined {
  const page = parseJson(text);
  if (!isRecord(page) || !Array.isArray(page["results"])) return undefined;
  const reports = page["results"].map(nodeTaskReport);
  if (reports.includes(undefined)) return undefined;
  const next = page["next"];
  return { reports: reports as NodeTaskReport[], next: typeof next === "number" ? next : null };
}

/** The answer of one task, complete or summarized, or undefined when it is not one. */
export function parseNodeTask(text: string): NodeTaskReport | undefined {
  return nodeTaskReport(parseJson(text));
}

/** What the record of a node task becomes when its node reports this. */
export function withReport(nodeTask: NodeTask, report: NodeTaskReport): NodeTask {
  const next: Writable<NodeTask> = {
    nodeId: nodeTask.nodeId,
    taskUid: report.taskUid,
    role: nodeTask.role,
    status: report.status,
  };
  if (nodeTask.tolerated !== undefined) next.tolerated = nodeTask.tolerated;
  if (report.details !== undefined) next.details = report.details;
  if (report.error !== undefined) next.error = report.error;
  for (const name of TIMES) {
    const timeMs = report[name] ?? (name === "enqueuedAt" ? nodeTask.enqueuedAt : undefined);
    if (timeMs !== undefined) next[name] = timeMs;
  }
  return next;
}

function nodeTaskReport(value: unknown): NodeTaskReport | undefined {
  if (!isRecord(value)) return undefined;
  const uid = value["uid"] ?? value["taskUid"];
  const { status, type } = value as { status?: unknown; type?: unknown };
  if (typeof uid !== "number" || typeof type !== "string" || !isStatus(status)) return undefined;
  const report: Writable<NodeTaskReport> = {
    taskUid: uid,
    indexUid: textOrNull(value["indexUid"]),
    type,
    status,
    customMetadata: textOrNull(value["customMetadata"]),
  };
  const { details } = value;
  if (isRecord(details)) report.details = details;
  const error = errorOf(value["error"]);
  if (error !== undefined) report.error = error;
  for (const name of TIMES) {
    const timeMs = timeOf(value[name]);
    if (timeMs !== undefined) report[name] = timeMs;
  }
  return report;
}

/** An absent property is absent, not undefined; this is read for every task of every poll. */
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

const TIMES = ["enqueuedAt", "startedAt", "finishedAt"] as const;

function errorOf(value: unknown): ErrorBody | undefined {
  if (!isRecord(value)) return undefined;
  const { message, code, type, link } = value as { message?: unknown; code?: unknown; type?: unknown; link?: unknown };
  if (typeof message !== "string" || typeof code !== "string") return undefined;
  return {
    message,
    code,
    type: typeof type === "string" ? type : "internal",
    link: typeof link === "string" ? link : "",
  };
}

function timeOf(value: unknown): number | undefined {
  const timeMs = typeof value === "string" ? parseDateTime(value) : undefined;
  return timeMs === undefined ? undefined : Math.floor(timeMs);
}

const STATUSES: ReadonlySet<unknown> = new Set(["enqueued", "processing", "succeeded", "failed", "canceled"]);

function isStatus(value: unknown): value is TaskStatus {
  return STATUSES.has(value);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
