/** What each type of task does to the indexes of the node. */
import { evaluateFilter } from "../filter/evaluate-filter.ts";
import { parseFilter } from "../filter/parse-filter.ts";
import { rawObjects } from "../exact-json.ts";
import { documentId, inferPrimaryKey } from "../index/document-id.ts";
import { SearchIndex } from "../index/search-index.ts";
import { checkWordSizes, DEFAULT_SETTINGS } from "../index/settings.ts";
import { NodeError } from "../node-error.ts";
import { timestamp, type Task, type TaskContent } from "./task.ts";
import type { TaskQueue, TaskRunner } from "./task-queue.ts";

export type Indexes = Map<string, SearchIndex>;

export function createTaskRunner(indexes: Indexes): TaskRunner {
  return (task, queue) => {
    const details = runTask(task, indexes, queue);
    const index = task.indexUid === null ? undefined : indexes.get(task.indexUid);
    if (index !== undefined) index.updatedAt = timestamp();
    return details;
  };
}

function runTask(task: Task, indexes: Indexes, queue: TaskQueue): Readonly<Record<string, unknown>> {
  const { content } = task;
  const uid = task.indexUid ?? "";
  switch (content.type) {
    case "documentAdditionOrUpdate":
      return addDocuments(uid, content, indexes);
    case "documentDeletion":
      return deleteDocuments(existing(uid, indexes), content);
    case "settingsUpdate":
      changeSettings(uid, content, indexes);
      return {};
    case "indexCreation":
      if (indexes.has(uid)) throw new NodeError("index_already_exists", `Index \`${uid}\` already exists.`);
      create(uid, content.primaryKey, indexes);
      return {};
    case "indexUpdate":
      return updateIndex(task, existing(uid, indexes), content, indexes, queue);
    case "indexDeletion": {
      const count = existing(uid, indexes).documents.size;
      indexes.delete(uid);
      return { deletedDocuments: count };
    }
    case "indexCompaction":
      existing(uid, indexes);
      return { preCompactionSize: "4 KiB", postCompactionSize: "4 KiB" };
    case "indexSwap":
      swapIndexes(task, content, indexes, queue);
      return {};
    case "taskCancelation":
      return { canceledTasks: queue.cancel(content.matched, task.uid) };
    case "taskDeletion":
      return { deletedTasks: queue.delete(content.matched) };
  }
}

type Content<T extends TaskContent["type"]> = Extract<TaskContent, { type: T }>;

/** The index is created before the payload is judged: a failing first payload leaves an empty index. */
function addDocuments(
  uid: string,
  content: Content<"documentAdditionOrUpdate">,
  indexes: Indexes,
): Record<string, unknown> {
  const index = content.allowsIndexCreation ? (indexes.get(uid) ?? create(uid, null, indexes)) : existing(uid, indexes);
  const documents = rawObjects(content.documents);
  let count = 0;
  const [first] = documents;
  if (content.primaryKey !== null && index.primaryKey !== null && content.primaryKey !== index.primaryKey) {
    throw new NodeError(
      "index_primary_key_already_exists",
      `Index already has a primary key: \`${index.primaryKey}\`.`,
    );
  }
  if (first === undefined) return { indexedDocuments: 0 };
  try {
    const primaryKey = index.primaryKey ?? content.primaryKey ?? inferPrimaryKey(first);
    const incoming = documents.map((members) => ({ id: documentId(members, primaryKey), members }));
    count = new Set(incoming.map(({ id }) => id)).size;
    index.store(incoming, content.merge, content.skipCreation);
    index.primaryKey = primaryKey;
  } catch (error) {
    throw error instanceof NodeError && isIndexError(error) ? prefixed(index, error) : error;
  }
  return { indexedDocuments: count };
}

/** Errors found in a single document speak of it alone; those about the index name it. */
function isIndexError(error: NodeError): boolean {
  return (
    !["missing_document_id", "invalid_document_id"].includes(error.code) && !error.code.startsWith("index_primary_key")
  );
}

function prefixed(index: SearchIndex, error: NodeError): NodeError {
  return new NodeError(error.code, `Index \`${index.uid}\`: ${error.message}`);
}

function deleteDocuments(index: SearchIndex, content: Content<"documentDeletion">): Record<string, unknown> {
  if (content.by === "all") return { deletedDocuments: index.clear() };
  if (content.by === "ids") {
    const ids = content.ids.flatMap((id) => index.internalId(id) ?? []);
    return { deletedDocuments: index.remove(ids) };
  }
  const filter = parseFilter(content.filter, "invalid_document_filter");
  if (filter === null) return { deletedDocuments: 0 };
  try {
    return { deletedDocuments: index.remove(evaluateFilter(filter, index, "invalid_document_filter", true)) };
  } catch (error) {
    throw error instanceof NodeError ? prefixed(index, error) : error;
  }
}

function changeSettings(uid: string, content: Content<"settingsUpdate">, indexes: Indexes): void {
  const mayCreate = content.allowsIndexCreation && !content.isDeletion;
  const index = mayCreate ? (indexes.get(uid) ?? create(uid, null, indexes)) : existing(uid, indexes);
  const all = Object.fromEntries(Object.keys(DEFAULT_SETTINGS).map((key) => [key, null]));
  const change = content.isDeletion && Object.keys(content.change).length === 0 ? all : content.change;
  try {
    checkTypos(index, change);
    index.change(change);
  } catch (error) {
    throw error instanceof NodeError ? prefixed(index, error) : error;
  }
}

/** One of the two word sizes alone can only be judged against the values that stand. */
function checkTypos(index: SearchIndex, change: Readonly<Record<string, unknown>>): void {
  const typos = change["typoTolerance"] as
    { minWordSizeForTypos?: Readonly<Record<string, number | null>> | null } | null | undefined;
  const sizes = typos?.minWordSizeForTypos ?? {};
  const current = index.settings.typoTolerance.minWordSizeForTypos;
  const byDefault = DEFAULT_SETTINGS.typoTolerance.minWordSizeForTypos;
  const size = (key: keyof typeof byDefault): number =>
    sizes[key] === null ? byDefault[key] : (sizes[key] ?? current[key]);
  checkWordSizes(size("oneTypo"), size("twoTypos"));
}

function updateIndex(
  task: Task,
  index: SearchIndex,
  content: Content<"indexUpdate">,
  indexes: Indexes,
  queue: TaskQueue,
): Record<string, unknown> {
  if (content.primaryKey !== null && content.primaryKey !== index.primaryKey) {
    if (index.documents.size > 0) {
      throw prefixed(
        index,
        new NodeError(
          "index_primary_key_already_exists",
          `Index already has a primary key: \`${index.primaryKey ?? ""}\`.`,
        ),
      );
    }
    index.primaryKey = content.primaryKey;
  }
  if (content.newUid === null || content.newUid === index.uid) return {};
  if (indexes.has(content.newUid)) {
    throw new NodeError("index_already_exists", `Index \`${content.newUid}\` already exists.`);
  }
  const oldUid = index.uid;
  indexes.delete(oldUid);
  index.uid = content.newUid;
  indexes.set(index.uid, index);
  index.updatedAt = timestamp();
  queue.followIndexes(
    new Map([
      [oldUid, index.uid],
      [index.uid, oldUid],
    ]),
    task.uid,
  );
  return {};
}

function swapIndexes(task: Task, content: Content<"indexSwap">, indexes: Indexes, queue: TaskQueue): void {
  const missing = content.swaps
    .flatMap(({ indexes: [a, b], rename }) => [a, ...(rename ? [] : [b])])
    .filter((uid) => !indexes.has(uid));
  if (missing.length > 0) {
    const names = missing.sort().map((uid) => `\`${uid}\``);
    const message =
      names.length === 1 ? `Index ${names[0] ?? ""} not found.` : `Indexes ${names.join(", ")} not found.`;
    throw new NodeError("index_not_found", message);
  }
  for (const {
    indexes: [left, right],
    rename,
  } of content.swaps) {
    if (rename && indexes.has(right)) {
      throw new NodeError(
        "index_already_exists",
        `Cannot rename \`${left}\` to \`${right}\` as the index already exists. Hint: You can remove \`${right}\` first and then do your remove.`,
      );
    }
    queue.followIndexes(
      new Map([
        [left, right],
        [right, left],
      ]),
      task.uid,
    );
    const [first, second] = [indexes.get(left), indexes.get(right)];
    indexes.delete(left);
    for (const [index, uid] of [
      [first, right],
      [second, left],
    ] as const) {
      if (index === undefined) continue;
      index.uid = uid;
      indexes.set(uid, index);
    }
  }
}

function create(uid: string, primaryKey: string | null, indexes: Indexes): SearchIndex {
  const index = new SearchIndex(uid, primaryKey, timestamp());
  indexes.set(uid, index);
  return index;
}

function existing(uid: string, indexes: Indexes): SearchIndex {
  const index = indexes.get(uid);
  if (index === undefined) throw new NodeError("index_not_found", `Index \`${uid}\` not found.`);
  return index;
}
