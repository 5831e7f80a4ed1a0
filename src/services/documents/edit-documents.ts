/**
 * Editing documents with a function: every node runs the same function on its own documents, so that replicas stay
 * equal. Whether the function compiles and the feature is on is judged by the nodes, all alike.
 */
import { nodeError } from "../../core/errors/api-error.ts";
import type { Relay } from "../relay/relay.ts";
import type { TaskDraft } from "../tasks/task-registry.ts";
import { judgeFilter } from "./delete-documents.ts";
import { submitWrite, type Submitted } from "./submit-write.ts";
import { allShards, documentsPath, failedWrite, indexNotFound, writableIndex } from "./write-deps.ts";
import { writeTimeoutMs, type WriteDeps } from "./write-deps.ts";

export interface EditInput {
  readonly indexUid: string;
  readonly customMetadata: string | null;
  readonly function: unknown;
  readonly context: unknown;
  /** undefined: the client gave none. */
  readonly filter: unknown;
  /** The client's body, passed on as it is. */
  readonly body: string;
}

export async function editDocuments(
  deps: WriteDeps & { readonly relay: Relay },
  input: EditInput,
  signal?: AbortSignal,
): Promise<Submitted> {
  const { indexUid } = input;
  const draft: TaskDraft = {
    type: "documentEdition",
    indexUid,
    details: {
      deletedDocuments: null,
      editedDocuments: null,
      originalFilter: input.filter === undefined ? null : JSON.stringify(input.filter),
      context: input.context ?? null,
      function: input.function,
    },
    customMetadata: input.customMetadata,
  };
  const entry = writableIndex(deps, indexUid);
  if (entry === undefined) return failedWrite(deps, draft, indexNotFound(indexUid));
  if (input.filter !== undefined && input.filter !== null) {
    const complaint = await judgeFilter(deps, indexUid, input.filter, signal);
    if (complaint !== null) throw nodeError(400, complaint);
  }
  return submitWrite(deps, {
    indexUid,
    draft,
    map: deps.fleet.shardMap(entry.shards),
    shards: allShards(entry),
    prepare: [],
    requests: (operationId) =>
      deps.fleet.nodeIds().map((nodeId) => ({
        nodeId,
        request: {
          method: "POST",
          path: documentsPath(indexUid, "/edit", operationId),
          body: input.body,
          operation: "documents.edit",
          timeoutMs: writeTimeoutMs(deps, input.body.length),
          repeat: "once",
        },
      })),
  });
}
