/**
 * Deleting documents. What is named by key goes to the owners of its shard; what is chosen by a filter, or everything,
 * goes to every node of every shard. An index that does not exist fails the task, not the request, as on a single node.
 */
import { apiError, type ErrorBody, nodeError } from "../../core/errors/api-error.ts";
import { hideMarkersInFilter, showMarkers } from "../../core/search/hide-markers.ts";
import { cleanNodeError } from "../../core/search/clean-node-error.ts";
import { shardOf } from "../../core/routing/shard-of.ts";
import { writeTargets } from "../../core/routing/write-targets.ts";
import type { Relay } from "../relay/relay.ts";
import { exactFilters, type KnownFields } from "../search/known-fields.ts";
import type { TaskDraft } from "../tasks/task-registry.ts";
import { submitWrite, type Submitted } from "./submit-write.ts";
import { allShards, documentsPath, enqueuedView, failedWrite, indexNotFound } from "./write-deps.ts";
import { postRequest, writableIndex, type WriteDeps } from "./write-deps.ts";

export interface DeleteInput {
  readonly indexUid: string;
  readonly customMetadata: string | null;
}

export interface DeleteByIdsInput extends DeleteInput {
  readonly ids: readonly string[];
}

/** Keys as texts, as the client listed them; a text that cannot be a key deletes nothing. */
export function deleteByIds(deps: WriteDeps, input: DeleteByIdsInput): Promise<Submitted> {
  return deps.turns.run([input.indexUid], () => deleteIdsInTurn(deps, input));
}

/** Only now it is sure which index has the name: what is remembered of the deletion is remembered of that one. */
async function deleteIdsInTurn(deps: WriteDeps, input: DeleteByIdsInput): Promise<Submitted> {
  const { indexUid, ids } = input;
  const draft = draftOf(input, { providedIds: ids.length, deletedDocuments: null, originalFilter: null });
  const entry = writableIndex(deps, indexUid);
  if (entry === undefined) return failedWrite(deps, draft, indexNotFound(indexUid));
  if (ids.length === 0) return nothingToDelete(deps, draft);
  const map = deps.fleet.shardMap(entry.shards);
  const shards = new Set<number>();
  const idsOfNode = new Map<string, string[]>();
  for (const id of ids) {
    const shard = shardOf(id, entry.shards);
    shards.add(shard);
    for (const nodeId of writeTargets(map, shard)) {
      const known = idsOfNode.get(nodeId);
      if (known === undefined) idsOfNode.set(nodeId, [id]);
      else known.push(id);
    }
  }
  deps.sequences.forget(indexUid, ids);
  return submitWrite(deps, {
    indexUid,
    draft,
    map,
    shards: [...shards].toSorted((a, b) => a - b),
    prepare: [],
    keys: ids,
    deletion: { born: entry.createdAt, kind: "keys", payload: JSON.stringify(ids) },
    requests: (operationId) =>
      [...idsOfNode].map(([nodeId, mine]) => ({
        nodeId,
        request: postRequest(deps, indexUid, "/delete-batch", operationId, JSON.stringify(mine), "documents.delete"),
      })),
  });
}

export function deleteAllDocuments(deps: WriteDeps, input: DeleteInput): Promise<Submitted> {
  return deps.turns.run([input.indexUid], () => deleteAllInTurn(deps, input));
}

async function deleteAllInTurn(deps: WriteDeps, input: DeleteInput): Promise<Submitted> {
  const { indexUid } = input;
  const draft = draftOf(input, { deletedDocuments: null });
  const entry = writableIndex(deps, indexUid);
  if (entry === undefined) return failedWrite(deps, draft, indexNotFound(indexUid));
  deps.sequences.forgetAll(indexUid);
  return submitWrite(deps, {
    indexUid,
    draft,
    map: deps.fleet.shardMap(entry.shards),
    shards: allShards(entry),
    prepare: [],
    deletion: { born: entry.createdAt, kind: "all", payload: "" },
    requests: (operationId) =>
      deps.fleet.nodeIds().map((nodeId) => ({
        nodeId,
        request: {
          method: "DELETE",
          path: documentsPath(indexUid, "", operationId),
          operation: "documents.delete",
          timeoutMs: deps.enqueueTimeoutMs,
          repeat: "once",
        },
      })),
  });
}

export interface DeleteByFilterInput extends DeleteInput {
  readonly filter: unknown;
  /** The client's body, passed on as it is. */
  readonly body: string;
}

/** What a write to the documents of a filter needs beyond other writes. */
export interface FilterDeps {
  readonly relay: Relay;
  readonly knownFields: KnownFields;
}

/** A filter with a wrong syntax is refused; one that the settings do not allow fails the task. */
export function deleteByFilter(
  deps: WriteDeps & FilterDeps,
  input: DeleteByFilterInput,
  signal?: AbortSignal,
): Promise<Submitted> {
  return deps.turns.run([input.indexUid], () => deleteFilteredInTurn(deps, input, signal));
}

async function deleteFilteredInTurn(
  deps: WriteDeps & FilterDeps,
  input: DeleteByFilterInput,
  signal: AbortSignal | undefined,
): Promise<Submitted> {
  const { indexUid } = input;
  const draft = draftOf(input, {
    providedIds: 0,
    deletedDocuments: null,
    originalFilter: JSON.stringify(input.filter),
  });
  const filter = hideMarkersInFilter(input.filter, deps.expiryField !== null);
  const entry = writableIndex(deps, indexUid);
  const complaint = await judgeFilter(deps, { indexUid, exists: entry !== undefined, filter }, signal);
  if (entry === undefined) return failedWrite(deps, draft, indexNotFound(indexUid));
  if (complaint !== null) return failedWrite(deps, draft, complaint);
  const [exact] = await exactFilters(deps.knownFields, entry, [filter], signal);
  const body = exact === input.filter ? input.body : JSON.stringify({ filter: exact });
  return submitWrite(deps, {
    indexUid,
    draft,
    map: deps.fleet.shardMap(entry.shards),
    shards: allShards(entry),
    prepare: [],
    deletion: { born: entry.createdAt, kind: "filter", payload: JSON.stringify(exact) },
    requests: (operationId) =>
      deps.fleet.nodeIds().map((nodeId) => ({
        nodeId,
        request: postRequest(deps, indexUid, "/delete", operationId, body, "documents.delete"),
      })),
  });
}

/**
 * Throws what a node says against the filter's syntax; gives what it says of the settings, which only the task would
 * find, or null. Asked with a fetch of nothing, since a delete would be carried out; for
 * an index that does not exist, with a delete in one that never does, since a fetch would look for the index first.
 */
export async function judgeFilter(
  deps: Pick<WriteDeps, "catalog"> & { readonly relay: Relay },
  { indexUid, exists, filter }: { readonly indexUid: string; readonly exists: boolean; readonly filter: unknown },
  signal: AbortSignal | undefined,
): Promise<ErrorBody | null> {
  if (isEmptyFilter(filter)) throw apiError("invalid_document_filter", "Sending an empty filter is forbidden.");
  if (filter === null || !(typeof filter === "string" || Array.isArray(filter))) {
    throw apiError(
      "invalid_document_filter",
      `Invalid syntax for the filter parameter: \`expected String, Array, found: ${JSON.stringify(filter)}\`.`,
    );
  }
  if (!exists && deps.catalog.get(NO_INDEX) !== undefined) return null;
  const outcome = await deps.relay(
    {
      method: "POST",
      path: exists ? `/indexes/${indexUid}/documents/fetch` : `/indexes/${NO_INDEX}/documents/delete`,
      body: JSON.stringify(exists ? { filter, limit: 0 } : { filter }),
      operation: exists ? "documents.fetch" : "documents.delete",
    },
    signal,
  );
  if (outcome.kind === "answered" || outcome.error.code === "index_not_found") return null;
  const said = cleanNodeError(outcome.error);
  const complaint = { ...said, message: showMarkers(said.message) };
  if (isSettingsComplaint(complaint)) return { ...complaint, message: `Index \`${indexUid}\`: ${complaint.message}` };
  throw nodeError(400, { ...complaint, message: complaint.message.replace(NO_INDEX, indexUid) });
}

/** Nobody has an index of this name; if somebody makes one all the same, no filter is tried on it. */
const NO_INDEX = "_miroir_no_index_has_this_name";

/** The engine finds these only when it carries the task out. */
function isSettingsComplaint(error: ErrorBody): boolean {
  return /\bnot filterable\b|filter rule/.test(error.message);
}

/** White space alone, and lists of nothing, are no filter. */
function isEmptyFilter(filter: unknown): boolean {
  if (typeof filter === "string") return filter.trim() === "";
  return Array.isArray(filter) && filter.every(isEmptyFilter);
}

async function nothingToDelete(deps: WriteDeps, draft: TaskDraft): Promise<Submitted> {
  const task = await deps.tasks.register(draft);
  await deps.tasks.succeed(task.uid, { ...draft.details, deletedDocuments: 0 });
  return { task: enqueuedView(task), degraded: null };
}

function draftOf(input: DeleteInput, details: Readonly<Record<string, unknown>>): TaskDraft {
  return { type: "documentDeletion", indexUid: input.indexUid, details, customMetadata: input.customMetadata };
}
