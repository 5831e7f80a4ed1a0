/** One page of tasks or of batches, with the engine's filters, its paging and its quirks. */
import { batchView } from "../../core/tasks/batch-view.ts";
import type { Task } from "../../core/tasks/task.ts";
import { publicId, taskView, type JsonObject, type TaskIdFormat } from "../../core/tasks/task-view.ts";
import type { TaskFilter, TaskStore } from "../../store/task-store.ts";
import {
  begun,
  common,
  isVisible,
  resolveRef,
  resolveSearch,
  type TaskRef,
  type TaskSearch,
  type Visibility,
} from "./task-query.ts";

export interface ListTasksDeps {
  readonly store: Pick<TaskStore, "list" | "get" | "getByMiroirId">;
  readonly idFormat: TaskIdFormat;
  /** A client asks: what the nodes know is fetched soon. */
  readonly nudge: () => void;
}

export interface TaskPageRequest {
  readonly search: TaskSearch;
  readonly limit: number;
  readonly from?: TaskRef;
  readonly reverse?: boolean;
}

export interface TaskListView {
  readonly results: readonly JsonObject[];
  readonly total: number;
  readonly limit: number;
  readonly from: number | string | null;
  readonly next: number | string | null;
}

export async function listTasks(
  deps: ListTasksDeps,
  request: TaskPageRequest,
  visibility: Visibility,
): Promise<TaskListView> {
  deps.nudge();
  const filter = await resolveSearch(deps.store, request.search);
  const page = await readPage(deps, filter, request, visibility);
  const results = await Promise.all(page.shown.map((task) => viewOf(deps, task)));
  const idOf = (task: Task | undefined): number | string | null =>
    task === undefined ? null : publicId(task, deps.idFormat);
  return { results, total: page.total, limit: page.limit, from: idOf(page.shown[0]), next: idOf(page.next) };
}

export async function listBatches(
  deps: ListTasksDeps,
  request: TaskPageRequest,
  visibility: Visibility,
): Promise<TaskListView> {
  deps.nudge();
  const filter = batchFilter(await resolveSearch(deps.store, request.search));
  const page = await readPage(deps, filter, request, visibility);
  return {
    results: page.shown.map(batchView),
    total: page.total,
    limit: page.limit,
    from: page.shown[0]?.uid ?? null,
    next: page.next?.uid ?? null,
  };
}

/** A task in the form its client knows; also of one that is asked for alone. */
export async function viewOf(deps: Pick<ListTasksDeps, "store" | "idFormat">, task: Task): Promise<JsonObject> {
  const { canceledBy: uid } = task;
  const canceledBy = deps.idFormat === "mtask" && uid !== null ? await deps.store.get(uid) : undefined;
  return taskView(task, deps.idFormat, canceledBy);
}

/** Batches of canceled tasks are found through the cancelation that made them, as in the engine. */
function batchFilter(filter: TaskFilter): TaskFilter {
  const { canceledBy, ...rest } = filter;
  if (canceledBy === undefined) return { ...rest, statuses: begun(rest.statuses) };
  return {
    ...rest,
    uids: rest.uids === undefined ? canceledBy : common(rest.uids, canceledBy),
    types: (rest.types ?? ["taskCancelation"]).filter((type) => type === "taskCancelation"),
    statuses: begun(rest.statuses).filter((status) => status === "succeeded"),
  };
}

/**
 * The engine reads one task more than asked, then hides what the credential may not see, and knows of a next page only
 * if none was hidden; `total` is counted before. A limited credential gets the same here.
 */
async function readPage(
  deps: ListTasksDeps,
  filter: TaskFilter,
  request: TaskPageRequest,
  visibility: Visibility,
): Promise<{ shown: readonly Task[]; next: Task | undefined; total: number; limit: number }> {
  const limit = Math.min(request.limit, LIMIT_MAX);
  const size = Math.min(limit, PAGE_SIZE_MAX) + 1;
  const from = request.from === undefined ? undefined : await resolveRef(deps.store, request.from);
  const { tasks, total } = await deps.store.list(filter, {
    limit: size,
    ...(from === undefined ? {} : { from }),
    ...(request.reverse === undefined ? {} : { reverse: request.reverse }),
  });
  const visible = tasks.filter((task) => isVisible(task, request.search, visibility));
  const next = visible.length === size ? visible.at(-1) : undefined;
  return { shown: next === undefined ? visible : visible.slice(0, -1), next, total, limit };
}

/** The largest limit that the engine shows. */
const LIMIT_MAX = 4_294_967_294;
/** More tasks than this are not put on one page; `next` leads on. */
const PAGE_SIZE_MAX = 10_000;
