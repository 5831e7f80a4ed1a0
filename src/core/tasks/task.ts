/**
 * A task is ours, a node task is Meilisearch's. One client write makes one task and as many node tasks as requests
 * were needed to carry it out.
 */
import type { ErrorBody } from "../errors/api-error.ts";

export type TaskStatus = "enqueued" | "processing" | "succeeded" | "failed" | "canceled";

/** The engine's own type names, plus nothing: clients know only these. */
export type TaskType =
  | "documentAdditionOrUpdate"
  | "documentDeletion"
  | "documentEdition"
  | "settingsUpdate"
  | "indexCreation"
  | "indexUpdate"
  | "indexDeletion"
  | "indexSwap"
  | "taskCancelation"
  | "taskDeletion"
  | "dumpCreation"
  | "snapshotCreation"
  | "export"
  | "upgradeDatabase"
  | "indexCompaction"
  | "networkTopologyChange"
  | "dsrUpdate"
  | "dsrClear";

/**
 * Why a node has this node task. Only `main` counts for details; the others prepare (`prepare`: creating a missing
 * index, its markers, its primary key) or take back (`undo`) and must merely succeed. A failure of a `prepare` task
 * whose error code is in `tolerated` counts as success.
 */
export type NodeTaskRole = "main" | "prepare" | "undo";

export interface NodeTask {
  readonly nodeId: string;
  /** null while the node has not been told: the write is kept as a hint. */
  readonly taskUid: number | null;
  readonly role: NodeTaskRole;
  /** `hinted`: the node missed it and gets it later. `lost`: the node no longer knows the task. */
  readonly status: TaskStatus | "hinted" | "lost";
  /** Engine error codes that count as success for this one, e.g. `index_already_exists`. */
  readonly tolerated?: readonly string[];
  readonly details?: Readonly<Record<string, unknown>>;
  readonly error?: ErrorBody;
  /** Milliseconds since the epoch. */
  readonly enqueuedAt?: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

/** Work that goes on after the node tasks have ended: named by `kind`, driven by the flow of that name. */
export interface TaskFlowState {
  readonly kind: string;
  readonly step: string;
  /** Plain JSON; everything that is needed to continue after a crash of the router. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Task {
  /** Public, strictly increasing from 0. */
  readonly uid: number;
  /** `mtask-<uuid>`. */
  readonly miroirId: string;
  readonly type: TaskType;
  readonly indexUid: string | null;
  readonly status: TaskStatus;
  readonly nodeTasks: readonly NodeTask[];
  /** In the engine's shape for one logical copy, without anything of Miroir's. */
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly error: ErrorBody | null;
  readonly canceledBy: number | null;
  readonly customMetadata: string | null;
  readonly flow: TaskFlowState | null;
  /** False until the router has finished handing the write to the nodes; such a task is not polled to an end. */
  readonly dispatched: boolean;
  /** Milliseconds since the epoch. */
  readonly enqueuedAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}
