/** A task: what is to be done, how it stands, and how it is shown. */
import { DEFAULT_SETTINGS, type SettingsChange } from "../index/settings.ts";

export const TASK_STATUSES = ["enqueued", "processing", "succeeded", "failed", "canceled"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const TASK_TYPES = [
  "documentAdditionOrUpdate",
  "documentEdition",
  "documentDeletion",
  "settingsUpdate",
  "indexCreation",
  "indexDeletion",
  "indexUpdate",
  "indexSwap",
  "taskCancelation",
  "taskDeletion",
  "dumpCreation",
  "snapshotCreation",
  "export",
  "upgradeDatabase",
  "indexCompaction",
  "networkTopologyChange",
  "dsrUpdate",
  "dsrClear",
];

export interface Swap {
  readonly indexes: readonly [string, string];
  readonly rename: boolean;
}

/** Plain data, so that it can be written to the journal as it is. */
export type TaskContent =
  | {
      readonly type: "documentAdditionOrUpdate";
      /** A JSON array of the documents, numbers as the client wrote them. */
      readonly documents: string;
      readonly primaryKey: string | null;
      readonly merge: boolean;
      readonly skipCreation: boolean;
      readonly allowsIndexCreation: boolean;
      readonly received: number;
    }
  | { readonly type: "documentDeletion"; readonly by: "ids"; readonly ids: readonly string[] }
  | { readonly type: "documentDeletion"; readonly by: "filter"; readonly filter: unknown }
  | { readonly type: "documentDeletion"; readonly by: "all" }
  | {
      readonly type: "settingsUpdate";
      readonly change: SettingsChange;
      readonly isDeletion: boolean;
      readonly allowsIndexCreation: boolean;
    }
  | { readonly type: "indexCreation"; readonly primaryKey: string | null }
  | { readonly type: "indexUpdate"; readonly primaryKey: string | null; readonly newUid: string | null }
  | { readonly type: "indexDeletion" | "indexCompaction" }
  | { readonly type: "indexSwap"; readonly swaps: readonly Swap[] }
  | { readonly type: "taskCancelation" | "taskDeletion"; readonly query: string; readonly matched: readonly number[] };

export interface TaskErrorView {
  readonly message: string;
  readonly code: string;
  readonly type: string;
  readonly link: string;
}

export interface Task {
  readonly uid: number;
  batchUid: number | null;
  /** Follows its index when that is renamed or swapped. */
  indexUid: string | null;
  status: TaskStatus;
  readonly content: TaskContent;
  canceledBy: number | null;
  details: Readonly<Record<string, unknown>>;
  error: TaskErrorView | null;
  readonly enqueuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  readonly customMetadata: string | null;
}

/** What a reset of these two shows. */
const WILDCARDS = { displayedAttributes: ["*"], searchableAttributes: ["*"] };

/** What a reset of all settings shows. */
const RESET_DETAILS: Record<string, unknown> = {
  ...Object.fromEntries(Object.keys(DEFAULT_SETTINGS).map((key) => [key, null])),
  ...WILDCARDS,
};

/** What a task shows before it has run. */
export function initialDetails(content: TaskContent, indexUid: string | null): Record<string, unknown> {
  switch (content.type) {
    case "documentAdditionOrUpdate":
      return { receivedDocuments: content.received, indexedDocuments: null };
    case "documentDeletion":
      if (content.by === "all") return { deletedDocuments: null };
      return {
        providedIds: content.by === "ids" ? content.ids.length : 0,
        deletedDocuments: null,
        originalFilter: content.by === "filter" ? JSON.stringify(content.filter) : null,
      };
    case "settingsUpdate":
      return content.isDeletion && Object.keys(content.change).length === 0
        ? RESET_DETAILS
        : shownChange(content.change);
    case "indexCreation":
      return { primaryKey: content.primaryKey };
    case "indexUpdate":
      return {
        primaryKey: content.primaryKey,
        ...(content.newUid === null ? {} : { oldIndexUid: indexUid, newIndexUid: content.newUid }),
      };
    case "indexDeletion":
      return { deletedDocuments: null };
    case "indexCompaction":
      return {};
    case "indexSwap":
      return { swaps: content.swaps };
    case "taskCancelation":
      return { matchedTasks: content.matched.length, canceledTasks: null, originalFilter: content.query };
    case "taskDeletion":
      return { matchedTasks: content.matched.length, deletedTasks: null, originalFilter: content.query };
  }
}

function shownChange(change: SettingsChange): Record<string, unknown> {
  const resets = Object.entries(WILDCARDS).filter(([key]) => change[key] === null);
  return { ...change, ...Object.fromEntries(resets) };
}

/** What a task shows when it failed or was canceled: counters of work stand at zero. */
export function fruitlessDetails(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const counters = ["indexedDocuments", "deletedDocuments", "canceledTasks", "deletedTasks"];
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [key, counters.includes(key) && value === null ? 0 : value]),
  );
}

export function summary(task: Task): Record<string, unknown> {
  return {
    taskUid: task.uid,
    indexUid: task.indexUid,
    status: task.status,
    type: task.content.type,
    enqueuedAt: task.enqueuedAt,
    ...(task.customMetadata === null ? {} : { customMetadata: task.customMetadata }),
  };
}

export function taskView(task: Task): Record<string, unknown> {
  return {
    uid: task.uid,
    batchUid: task.batchUid,
    indexUid: task.indexUid,
    status: task.status,
    type: task.content.type,
    canceledBy: task.canceledBy,
    details: task.details,
    error: task.error,
    duration: durationBetween(task.startedAt, task.finishedAt),
    enqueuedAt: task.enqueuedAt,
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    ...(task.customMetadata === null ? {} : { customMetadata: task.customMetadata }),
  };
}

/** A development node runs one task per batch. */
export function batchView(task: Task): Record<string, unknown> {
  const isRunning = task.status === "processing";
  const isSettings = task.content.type === "settingsUpdate";
  const details = Object.entries(task.details).filter(([, value]) => isSettings || value !== null);
  return {
    uid: task.batchUid,
    progress: isRunning ? { steps: [], percentage: 0 } : null,
    details: Object.fromEntries(details),
    stats: {
      totalNbTasks: 1,
      status: { [task.status]: 1 },
      types: { [task.content.type]: 1 },
      indexUids: task.indexUid === null ? {} : { [task.indexUid]: 1 },
    },
    duration: durationBetween(task.startedAt, task.finishedAt),
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    batchStrategy: `created batch containing only task with id ${task.uid} of type \`${task.content.type}\` that cannot be batched with any other task.`,
  };
}

/** Now, in the engine's form: nine digits after the second. */
export function timestamp(): string {
  const fraction = Math.floor((performance.now() % 1) * 1e6);
  return `${new Date().toISOString().slice(0, -1)}${String(fraction).padStart(6, "0")}Z`;
}

function durationBetween(from: string | null, to: string | null): string | null {
  if (from === null || to === null) return null;
  return `PT${Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000).toFixed(9)}S`;
}
