/**
 * Editing documents with a function: every node runs the same function on its own documents, so that replicas stay
 * equal. Whether the function compiles and the feature is on is judged by a node before anything is noted; what the
 * nodes are given keeps the markers, whatever the function does.
 */
import { members } from "../../core/documents/members.ts";
import { clientEditMessage, guardEdit } from "../../core/documents/guard-edit.ts";
import { nodeError } from "../../core/errors/api-error.ts";
import { hideMarkersInFilter } from "../../core/search/hide-markers.ts";
import { failureOf, flowData } from "../broadcast/advance-broadcast.ts";
import type { Relay } from "../relay/relay.ts";
import type { TaskDraft, TaskFlow } from "../tasks/task-registry.ts";
import { exactFilters } from "../search/known-fields.ts";
import { judgeFilter, type FilterDeps } from "./delete-documents.ts";
import { submitWrite, type Submitted } from "./submit-write.ts";
import { allShards, failedWrite, indexNotFound, postRequest, writableIndex, type WriteDeps } from "./write-deps.ts";

export interface EditInput {
  readonly indexUid: string;
  readonly customMetadata: string | null;
  readonly function: string;
  readonly context: unknown;
  /** undefined: the client gave none. */
  readonly filter: unknown;
  /** The client's body, passed on as it is but for the function. */
  readonly body: string;
}

export async function editDocuments(
  deps: WriteDeps & FilterDeps,
  input: EditInput,
  signal?: AbortSignal,
): Promise<Submitted> {
  await judgeFunction(deps, input, signal);
  const { evaluated } = guardEdit(input.function, keepOf(""), null, deps.expiryField);
  return deps.turns.run([input.indexUid], () => editInTurn(deps, input, evaluated, signal));
}

async function editInTurn(
  deps: WriteDeps & FilterDeps,
  input: EditInput,
  evaluated: boolean,
  signal: AbortSignal | undefined,
): Promise<Submitted> {
  const { indexUid } = input;
  const draft = draftOf(input);
  const entry = writableIndex(deps, indexUid);
  const filter = hideMarkersInFilter(input.filter, deps.expiryField !== null);
  const complaint =
    filter === undefined ? null : await judgeFilter(deps, { indexUid, exists: entry !== undefined, filter }, signal);
  if (entry === undefined) return failedWrite(deps, draft, indexNotFound(indexUid));
  if (complaint !== null) return failedWrite(deps, draft, complaint);
  const [exact] = await exactFilters(deps.knownFields, entry, [filter], signal);
  const expiry = deps.expiryField === null ? {} : { expiry: true };
  return submitWrite(deps, {
    indexUid,
    draft: { ...draft, flow: { kind: EDIT_DOCUMENTS, step: "apply", data: { evaluated, ...expiry } } },
    map: deps.fleet.shardMap(entry.shards),
    shards: allShards(entry),
    prepare: [],
    requests: (operationId, version) => {
      const { code } = guardEdit(input.function, keepOf(operationId), version, deps.expiryField);
      const body = withMembers(input.body, { function: code, ...(exact === input.filter ? {} : { filter: exact }) });
      return deps.fleet.nodeIds().map((nodeId) => ({
        nodeId,
        request: postRequest(deps, indexUid, "/edit", operationId, body, "documents.edit"),
      }));
    },
  });
}

/** What a node says of a function that failed, in terms of the client's function. */
export function editFlow(): TaskFlow {
  return {
    kind: EDIT_DOCUMENTS,
    scopes: () => [],
    advance: async (task) => {
      const failure = failureOf(task);
      if (failure === null) return { kind: "done" };
      const { evaluated, expiry } = flowData(task);
      const guarded = { evaluated: evaluated === true, expiry: expiry === true };
      const message = clientEditMessage(failure.message, keepOf(task.miroirId), guarded);
      return { kind: "done", error: { ...failure, message } };
    },
  };
}

export const EDIT_DOCUMENTS = "edit-documents";

/** Compiling comes before the filter, and an empty filter is always refused: so nothing is carried out. */
async function judgeFunction(
  deps: { readonly relay: Relay },
  input: EditInput,
  signal: AbortSignal | undefined,
): Promise<void> {
  const outcome = await deps.relay(
    {
      method: "POST",
      path: `/indexes/${input.indexUid}/documents/edit`,
      body: JSON.stringify({ function: input.function, filter: "" }),
      operation: "documents.edit",
    },
    signal,
  );
  if (outcome.kind === "refused" && outcome.error.code !== "invalid_document_filter") {
    throw nodeError(outcome.status, outcome.error);
  }
}

/** Everything else of the body stays as the client wrote it. */
function withMembers(body: string, replaced: Readonly<Record<string, unknown>>): string {
  const bytes = Buffer.from(body);
  const parts: string[] = [];
  let at = 0;
  for (const { name, valueStart, valueEnd } of members(bytes, body.length - body.trimStart().length)) {
    if (!Object.hasOwn(replaced, name)) continue;
    parts.push(bytes.toString("utf8", at, valueStart), JSON.stringify(replaced[name]));
    at = valueEnd;
  }
  return `${parts.join("")}${bytes.toString("utf8", at)}`;
}

/** The operation's id cannot be guessed by who writes the function; always of the same length. */
function keepOf(operationId: string): string {
  return `_${operationId.replaceAll("-", "")}`.padEnd(KEEP_LENGTH, "_");
}

const KEEP_LENGTH = 40;

function draftOf(input: EditInput): TaskDraft {
  return {
    type: "documentEdition",
    indexUid: input.indexUid,
    details: {
      deletedDocuments: null,
      editedDocuments: null,
      originalFilter: input.filter === undefined ? null : JSON.stringify(input.filter),
      context: input.context ?? null,
      function: input.function,
    },
    customMetadata: input.customMetadata,
  };
}
