/**
 * Brings the indexes of a node to what the catalog says before its documents are compared: those it lacks, their
 * settings, and those that were deleted while it was away and nobody told it. Past the lanes, which are closed to the
 * node meanwhile; what changes in that time is found when the node is looked at before it serves.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import type { NodeForm } from "../../core/settings/node-form.ts";
import { RESET_ALL } from "../../core/settings/settings-keys.ts";
import { toNodePatch } from "../../core/settings/to-node-patch.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { DEFAULT_LANES_OPTIONS } from "../../scatter/create-lanes.ts";
import { sendOnce } from "../../scatter/lane-send.ts";
import { nodeTasksEnded } from "../admission/node-tasks-ended.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import type { ReplicaDeps } from "./replica-deps.ts";

export interface AlignDeps extends Pick<ReplicaDeps, "fleet" | "clock"> {
  /** Every index, whatever its state. */
  readonly indexes: () => readonly IndexEntry[];
  /** The client's settings with all changes that are under way. */
  readonly wantedSettings: (uid: string) => JsonObject;
  readonly form: NodeForm;
  readonly nodeVersions: Pick<NodeVersions, "get" | "doubt">;
  /** Told of a node that may still read what it was given. */
  readonly strayed: (nodeId: string) => void;
}

/** The node's tasks that set the settings. null: it has not taken everything. */
export async function alignIndexes(
  deps: AlignDeps,
  nodeId: string,
  entries: readonly IndexEntry[] = deps.indexes(),
): Promise<readonly number[] | null> {
  const taskUids: number[] = [];
  for (const entry of entries) {
    if (entry.state === "deleting") continue;
    await doubt(deps, entry, nodeId);
    for (const request of ordersOf(deps, entry)) {
      const taskUid = await give(deps, nodeId, entry.uid, request);
      if (taskUid === null) return null;
      if (request.operation === SETTINGS) taskUids.push(taskUid);
    }
  }
  return taskUids;
}

/**
 * What was proven of the node was proven of what it had before, also by the name that the index may get meanwhile. One that
 * has never had the index must not seem to have lost it before it gets it.
 */
async function doubt({ nodeVersions }: AlignDeps, entry: IndexEntry, nodeId: string): Promise<void> {
  if (nodeVersions.get(entry.uid, nodeId) !== undefined) await nodeVersions.doubt(entry, nodeId);
}

/**
 * One index that has got its name since the node was aligned, where a change of names had reached the disk that the node
 * has lost, or may have: by then the node is told like the others, in order with all else. The node's task that sets the
 * settings; null: it has not taken it.
 */
export async function alignOne(
  deps: AlignDeps & Pick<ReplicaDeps, "lanes" | "turns">,
  nodeId: string,
  entry: IndexEntry,
): Promise<number | null> {
  await doubt(deps, entry, nodeId);
  const outcomes = await deps.turns.run([entry.uid], () =>
    deps.lanes.submit(
      entry.uid,
      ordersOf(deps, entry).map((request) => ({ nodeId, request })),
    ),
  );
  const last = outcomes.at(-1);
  return outcomes.every(({ kind }) => kind === "enqueued") && last?.kind === "enqueued" ? last.taskUid : null;
}

/**
 * Has the node carried out what sets its settings? Without them its documents can neither be found nor compared, however
 * often that is tried.
 */
export async function hasSettings(
  { fleet }: Pick<AlignDeps, "fleet">,
  nodeId: string,
  taskUids: readonly number[],
  signal: AbortSignal,
): Promise<boolean> {
  for (let from = 0; from < taskUids.length; from += TASKS_AT_ONCE) {
    const some = taskUids.slice(from, from + TASKS_AT_ONCE);
    if ((await nodeTasksEnded(fleet.client(nodeId), some, LIST_TIMEOUT_MS, signal)) !== "succeeded") return false;
  }
  return true;
}

function ordersOf(deps: AlignDeps, { uid, primaryKey }: IndexEntry): readonly NodeRequest[] {
  const settings = toNodePatch({ ...RESET_ALL, ...deps.wantedSettings(uid) }, {}, deps.form);
  return [
    // One that exists already fails its task, which harms nothing.
    once("POST", "/indexes", "indexes.create", { uid, primaryKey }),
    ...(primaryKey === null ? [] : [once("PATCH", `/indexes/${uid}`, "indexes.update", { primaryKey })]),
    once("PATCH", `/indexes/${uid}/settings`, SETTINGS, settings),
  ];
}

/**
 * Only what a node that is right does not have either. Once the node has carried out what it had: documents that it was
 * given before make an index that was deleted since. False: it has not taken everything, or does not answer.
 */
export async function removeForgotten(
  deps: Pick<AlignDeps, "fleet" | "clock" | "indexes" | "strayed">,
  nodeId: string,
): Promise<boolean> {
  const right = deps.fleet.nodeIds().find((id) => id !== nodeId && deps.fleet.readable(id));
  if (right === undefined) return true;
  const [mine, theirs] = await Promise.all([indexesOn(deps, nodeId), indexesOn(deps, right)]);
  if (mine === null || theirs === null) return false;
  for (const uid of mine) {
    if (theirs.has(uid) || deps.indexes().some((entry) => entry.uid === uid)) continue;
    const taskUid = await give(deps, nodeId, uid, once("DELETE", `/indexes/${uid}`, "indexes.delete"));
    if (taskUid === null) return false;
  }
  return true;
}

async function give(
  deps: Pick<AlignDeps, "fleet" | "clock" | "strayed">,
  nodeId: string,
  uid: string,
  request: NodeRequest,
): Promise<number | null> {
  const entry = { nodeId, request };
  const outcome = await sendOnce(deps.fleet.client(nodeId), uid, entry, deps, DEFAULT_LANES_OPTIONS);
  return outcome.kind === "enqueued" ? outcome.taskUid : null;
}

/** null: the node does not answer. */
export async function indexesOn(deps: Pick<AlignDeps, "fleet">, nodeId: string): Promise<ReadonlySet<string> | null> {
  const uids = new Set<string>();
  for (let offset = 0; ; offset += PAGE) {
    const outcome = await deps.fleet.client(nodeId).send({
      method: "GET",
      path: `/indexes?limit=${PAGE}&offset=${offset}`,
      operation: "indexes.list",
      timeoutMs: LIST_TIMEOUT_MS,
      repeat: "safe",
    });
    if (outcome.kind !== "answered") return null;
    const { results } = JSON.parse(outcome.text) as { results: readonly { readonly uid: string }[] };
    for (const { uid } of results) uids.add(uid);
    if (results.length < PAGE) return uids;
  }
}

function once(method: NodeRequest["method"], path: string, operation: string, body?: unknown): NodeRequest {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return { method, path, operation, timeoutMs: ENQUEUE_TIMEOUT_MS, repeat: "once", ...sent };
}

const SETTINGS = "settings.update";
const TASKS_AT_ONCE = 500;
const PAGE = 1_000;
const LIST_TIMEOUT_MS = 10_000;
const ENQUEUE_TIMEOUT_MS = 30_000;
