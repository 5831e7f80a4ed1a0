/**
 * Adding, replacing and partly updating documents. The whole batch is judged before any node is told; then every owner
 * of every shard gets its documents in one request, in the client's order.
 */
import { apiError, errorBody, type ErrorBody } from "../../core/errors/api-error.ts";
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { PayloadFormat } from "../../core/documents/payload-format.ts";
import type { PlanJob, SplitPlan } from "../../core/documents/split-plan.ts";
import type { TaskDraft } from "../tasks/task-registry.ts";
import { documentRules } from "./document-rules.ts";
import { nodeBodies, shardsOfPlan } from "./node-bodies.ts";
import { syncRefusal, taskError, type ValidationMode } from "./refuse-documents.ts";
import type { Splitter } from "./splitter.ts";
import { submitWrite, type Submitted, type Write } from "./submit-write.ts";
import {
  documentsPath,
  enqueuedView,
  failedWrite,
  indexNotFound,
  writableIndex,
  writeTimeoutMs,
  type WriteDeps,
} from "./write-deps.ts";

export interface AddDeps extends WriteDeps {
  readonly splitter: Splitter;
  /** The index for writing, made if it is missing, and what every node has to be told before its documents. */
  ensureIndex(uid: string, primaryKey: string | null): Promise<EnsuredIndex>;
  /** The same for an index whose first documents decide its key; an earlier decision stays. */
  fixPrimaryKey(uid: string, primaryKey: string): Promise<EnsuredIndex>;
  /** `miroir.shards`: what an index that is made now will have. */
  readonly shardsOfNewIndex: number;
  readonly validation: ValidationMode;
  readonly reservedFields: readonly string[];
}

export interface EnsuredIndex {
  readonly entry: IndexEntry;
  readonly prepare: Write["prepare"];
}

export interface AddInput {
  readonly indexUid: string;
  readonly method: "replace" | "update";
  /** Given away. */
  readonly body: Uint8Array;
  readonly format: PayloadFormat;
  readonly primaryKey: string | null;
  readonly skipCreation: boolean;
  readonly customMetadata: string | null;
  readonly mayCreateIndex: boolean;
}

export async function addDocuments(deps: AddDeps, input: AddInput, signal?: AbortSignal): Promise<Submitted> {
  if (input.body.byteLength === 0) {
    throw apiError("missing_payload", `A ${input.format.kind} payload is missing.`);
  }
  const known = writableIndex(deps, input.indexUid);
  const plan = await planFor(deps, input, known, input.body, input.format);
  const refused = await refuse(deps, input, known, plan);
  if (refused !== null) return refused;

  return deps.turns.run([input.indexUid], () => addInTurn(deps, input, known, plan, signal));
}

/** From here on no other router writes to the index, so what was found is what the nodes will have. */
async function addInTurn(
  deps: AddDeps,
  input: AddInput,
  known: IndexEntry | undefined,
  read: SplitPlan,
  signal: AbortSignal | undefined,
): Promise<Submitted> {
  let plan = read;
  const { entry, prepare } = await ensured(deps, input, writableIndex(deps, input.indexUid), plan);
  const isAnother = known !== undefined && known.createdAt !== entry.createdAt;
  const shards = known?.shards ?? deps.shardsOfNewIndex;
  if (isAnother || entry.primaryKey !== plan.primaryKey || entry.shards !== shards) {
    // Another writer decided the key while this batch was being read, or another index has come to the name.
    const format: PayloadFormat = input.format.kind === "csv" ? { kind: "ndjson" } : input.format;
    plan = await planFor(deps, input, entry, plan.body, format);
    const refusedNow = await refuse(deps, input, entry, plan);
    if (refusedNow !== null) return refusedNow;
  }
  if (known === undefined) deps.sequences.forgetAll(input.indexUid);
  if (plan.count === 0 && prepare.length === 0) return emptyWrite(deps, input);
  return send(deps, input, entry, prepare, plan, signal);
}

async function planFor(
  deps: AddDeps,
  input: AddInput,
  entry: IndexEntry | undefined,
  body: Uint8Array,
  format: PayloadFormat,
): Promise<SplitPlan> {
  const job: PlanJob = {
    body,
    format,
    primaryKey: entry?.primaryKey ?? input.primaryKey,
    shards: entry?.shards ?? deps.shardsOfNewIndex,
    reservedFields: deps.reservedFields,
    expiryField: deps.expiryField,
    partial: input.method === "update",
    ...documentRules(entry?.settings ?? {}),
  };
  const plan = await deps.splitter.plan(job);
  if (plan.kind === "malformed") throw apiError("malformed_payload", plan.message);
  return plan;
}

/** The failed task that answers instead, or null when the batch is good. Throws in sync mode. */
async function refuse(
  deps: AddDeps,
  input: AddInput,
  entry: IndexEntry | undefined,
  plan: SplitPlan,
): Promise<Submitted | null> {
  const draft = draftOf(input, plan.count);
  if (entry === undefined && !input.mayCreateIndex) return failedWrite(deps, draft, indexNotFound(input.indexUid));
  const current = entry?.primaryKey ?? null;
  if (current !== null && input.primaryKey !== null && input.primaryKey !== current) {
    const message = `Index already has a primary key: \`${current}\`.`;
    return failedWrite(deps, draft, errorBody("index_primary_key_already_exists", message));
  }
  if (plan.problem === null) return null;
  if (deps.validation === "sync") throw syncRefusal(plan.problem, plan.primaryKey);
  const error = taskError(plan.problem, input.indexUid);
  return entry === undefined ? failedFirstWrite(deps, input, draft, error) : failedWrite(deps, draft, error);
}

/** As on a node: the index that a first write would have filled stays behind, empty. */
async function failedFirstWrite(
  deps: AddDeps,
  input: AddInput,
  draft: TaskDraft,
  failsWith: ErrorBody,
): Promise<Submitted> {
  const { indexUid } = input;
  return deps.turns.run([indexUid], async () => {
    const { entry, prepare } = await deps.ensureIndex(indexUid, null);
    if (prepare.length === 0) return failedWrite(deps, draft, failsWith);
    const map = deps.fleet.shardMap(entry.shards);
    const preparing = { prepare, preparedFor: entry.createdAt, failsWith };
    return submitWrite(deps, { indexUid, draft, map, shards: [], requests: () => [], ...preparing });
  });
}

async function ensured(
  deps: AddDeps,
  input: AddInput,
  known: IndexEntry | undefined,
  plan: SplitPlan,
): Promise<EnsuredIndex> {
  if (known === undefined || known.state !== "ready") return deps.ensureIndex(input.indexUid, plan.primaryKey);
  if (known.primaryKey === null && plan.primaryKey !== null) {
    return deps.fixPrimaryKey(input.indexUid, plan.primaryKey);
  }
  return { entry: known, prepare: [] };
}

async function send(
  deps: AddDeps,
  input: AddInput,
  entry: IndexEntry,
  prepare: Write["prepare"],
  plan: SplitPlan,
  signal: AbortSignal | undefined,
): Promise<Submitted> {
  const { indexUid } = input;
  const primaryKey = plan.primaryKey ?? "";
  const map = deps.fleet.shardMap(entry.shards);
  const shards = shardsOfPlan(plan);
  const draft = draftOf(input, plan.count);
  const contentType = plan.needsArray ? "application/json" : "application/x-ndjson";
  const { ids, shardOfId } = plan;
  const sequences = await deps.sequences.resolve({ indexUid, primaryKey, ids, shardOfId, map }, signal);
  const parameters = { primaryKey, ...(input.skipCreation ? { skipCreation: "true" } : {}) };
  return submitWrite(deps, {
    indexUid,
    draft,
    map,
    shards,
    prepare,
    preparedFor: entry.createdAt,
    keys: ids,
    requests: (operationId, version) =>
      nodeBodies(plan, sequences, map, version).map(({ nodeId, body }) => ({
        nodeId,
        request: {
          method: input.method === "replace" ? "POST" : "PUT",
          path: documentsPath(indexUid, "", operationId, parameters),
          body,
          contentType,
          operation: input.method === "replace" ? "documents.add" : "documents.update",
          timeoutMs: writeTimeoutMs(deps, body.byteLength),
          repeat: "once",
        },
      })),
  });
}

/** Nothing to send and nothing to prepare: the task succeeds, as on a single node. */
async function emptyWrite(deps: AddDeps, input: AddInput): Promise<Submitted> {
  const task = await deps.tasks.register(draftOf(input, 0));
  await deps.tasks.succeed(task.uid, { receivedDocuments: 0, indexedDocuments: 0 });
  return { task: enqueuedView(task), degraded: null };
}

function draftOf(input: AddInput, receivedDocuments: number): TaskDraft {
  return {
    type: "documentAdditionOrUpdate",
    indexUid: input.indexUid,
    details: { receivedDocuments, indexedDocuments: null },
    customMetadata: input.customMetadata,
  };
}
