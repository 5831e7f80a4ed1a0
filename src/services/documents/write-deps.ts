/** What all writes of documents need, and the small things they share. */
import { errorBody, type ErrorBody } from "../../core/errors/api-error.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { TaskDraft } from "../tasks/task-registry.ts";
import type { Sequences } from "./sequences.ts";
import type { SubmitDeps, Submitted } from "./submit-write.ts";

export interface WriteDeps extends SubmitDeps {
  readonly fleet: Pick<Fleet, "writable" | "shardMap" | "nodeIds">;
  readonly sequences: Sequences;
  /** The field in which documents bring when they expire; null: they do not. */
  readonly expiryField: string | null;
  /** Time a node has to take a write into its queue, beside the time its body takes. */
  readonly enqueueTimeoutMs: number;
}

/** The index as a writer sees it: one that is being deleted is gone already. */
export function writableIndex(deps: Pick<WriteDeps, "catalog">, uid: string): IndexEntry | undefined {
  const entry = deps.catalog.get(uid);
  return entry === undefined || entry.state === "deleting" ? undefined : entry;
}

/** A write that is accepted and fails: the client sees it enqueued, as from a single node. */
export async function failedWrite(
  deps: Pick<WriteDeps, "tasks">,
  draft: TaskDraft,
  error: ErrorBody,
): Promise<Submitted> {
  const task = await deps.tasks.register(draft);
  await deps.tasks.fail(task.uid, error);
  return { task: enqueuedView(task), degraded: null };
}

export function indexNotFound(uid: string): ErrorBody {
  return errorBody("index_not_found", `Index \`${uid}\` not found.`);
}

export function enqueuedView(task: Task): Task {
  return { ...task, status: "enqueued" };
}

/** A large body on a slow line gets the time it needs: at least 1 MB a second is expected. */
export function writeTimeoutMs(deps: Pick<WriteDeps, "enqueueTimeoutMs">, bytes: number): number {
  return deps.enqueueTimeoutMs + Math.ceil(bytes / BYTES_PER_MS_MIN);
}

/** The path of a document route with the parameters that are given, and the operation id. */
export function documentsPath(
  indexUid: string,
  rest: string,
  operationId: string,
  parameters: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({ ...parameters, customMetadata: operationId });
  return `/indexes/${indexUid}/documents${rest}?${query.toString()}`;
}

/** A POST on a document route with a body that the router has whole. */
export function postRequest(
  deps: Pick<WriteDeps, "enqueueTimeoutMs">,
  indexUid: string,
  route: string,
  operationId: string,
  body: string,
  operation: string,
): NodeRequest {
  return {
    method: "POST",
    path: documentsPath(indexUid, route, operationId),
    body,
    operation,
    timeoutMs: writeTimeoutMs(deps, body.length),
    repeat: "once",
  };
}

/** All shards of an index: what a write to every document touches. */
export function allShards(entry: IndexEntry): readonly number[] {
  return Array.from({ length: entry.shards }, (_, shard) => shard);
}

const BYTES_PER_MS_MIN = 1_000;
