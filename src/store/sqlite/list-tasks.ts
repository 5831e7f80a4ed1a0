/**
 * One page of tasks and how many match in all, fast among a million. What a filter on index, type and status matches
 * is known from `task_counts`, and each such kind is one range of an index in uid order; other filters are counted
 * once, which also bounds the range of uids that a page has to look at.
 */
import type { Database } from "bun:sqlite";
import type { Task } from "../../core/tasks/task.ts";
import type { TaskFilter, TaskPage } from "../task-store.ts";
import {
  andAll,
  type Bounds,
  boundsOf,
  type Condition,
  type CountedKind,
  countedKinds,
  KINDS_MAX,
  values,
} from "./count-tasks.ts";
import { boundsByStretches } from "./count-stretches.ts";
import { toTask, type TaskRow } from "./task-row.ts";

interface Page {
  readonly limit: number;
  readonly from?: number;
  readonly reverse?: boolean;
}

/** So few matches are fetched whole and sorted. */
const FEW = 2000;
/** Where fewer match than one in so many, each kind is walked for itself instead of all tasks. */
const WALKED_PER_MATCH_MAX = 50;

export function listTasks(database: Database, filter: TaskFilter, page: Page): TaskPage {
  const { total, uids } = matching(database, filter, page);
  const shown = uids.slice(0, page.limit);
  return { total, tasks: fetchTasks(database, shown), next: uids[page.limit] ?? null };
}

/** uids in page order, one more than the page holds if there is one. */
function matching(database: Database, filter: TaskFilter, page: Page): { total: number; uids: readonly number[] } {
  const others = otherConditions(filter);
  const kinds = kindConditions(filter);
  if (others.length === 0) {
    const counted = countedKinds(database, kinds);
    const total = counted.reduce((sum, { n }) => sum + n, 0);
    if (total === 0) return { total, uids: [] };
    if (kinds.length > 0 && counted.length <= KINDS_MAX) return { total, uids: uidsOfKinds(database, counted, page) };
    return { total, uids: uidsInOrder(database, kinds, page) };
  }
  const conditions = [...others, ...kinds];
  const found = boundsByStretches(database, filter, kinds) ?? boundsOf(database, conditions);
  if (found.total === 0) return { total: 0, uids: [] };
  // Of two bounds on one side SQLite begins at the first, so the page begins where the matches do.
  const within = { ...page, from: fromWithin(page, found) };
  const end: Condition =
    page.reverse === true ? { sql: "uid <= ?", value: found.highest } : { sql: "uid >= ?", value: found.lowest };
  const isRare = (found.highest - found.lowest) / found.total > WALKED_PER_MATCH_MAX;
  const counted = isRare && kinds.length > 0 ? countedKinds(database, kinds) : [];
  if (counted.length > 0 && counted.length <= KINDS_MAX) {
    return { total: found.total, uids: uidsOfKinds(database, counted, within, [end, ...others]) };
  }
  if (found.total <= FEW) return { total: found.total, uids: fewUids(database, conditions, page) };
  return { total: found.total, uids: uidsInOrder(database, [end, ...conditions], within) };
}

function kindConditions(filter: TaskFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (filter.statuses !== undefined) conditions.push(among("status", filter.statuses));
  if (filter.types !== undefined) conditions.push(among("type", filter.types));
  if (filter.indexUids !== undefined) conditions.push(among("index_uid", filter.indexUids));
  return conditions;
}

function otherConditions(filter: TaskFilter): readonly Condition[] {
  const conditions: Condition[] = [];
  if (filter.uids !== undefined) conditions.push(among("uid", filter.uids));
  if (filter.canceledBy !== undefined) conditions.push(among("canceled_by", filter.canceledBy));
  const bound = (sql: string, value: number | undefined): void => {
    if (value !== undefined) conditions.push({ sql, value });
  };
  bound("created_at < ?", filter.beforeEnqueuedAt);
  bound("created_at > ?", filter.afterEnqueuedAt);
  bound("started_at < ?", filter.beforeStartedAt);
  bound("started_at > ?", filter.afterStartedAt);
  bound("finished_at < ?", filter.beforeFinishedAt);
  bound("finished_at > ?", filter.afterFinishedAt);
  return conditions;
}

/** A list travels as one JSON parameter: no limit on its length, and the text of the statement stays the same. */
function among(column: string, values: readonly (string | number)[]): Condition {
  return { sql: `${column} IN (SELECT value FROM json_each(?))`, value: JSON.stringify(values) };
}

function uidsOfKinds(
  database: Database,
  kinds: readonly CountedKind[],
  page: Page,
  conditions: readonly Condition[] = [],
): readonly number[] {
  const statement = database.query<{ uid: number }, (string | number | null)[]>(
    `SELECT uid FROM tasks INDEXED BY tasks_by_kind
     WHERE index_uid IS ? AND type = ? AND status = ? AND ${fromOn(page)}${andAll(conditions)}
     ORDER BY uid ${direction(page)} LIMIT ?`,
  );
  const uids = kinds.flatMap(({ index_uid, type, status }) =>
    statement
      .all(index_uid === "" ? null : index_uid, type, status, fromOf(page), ...values(conditions), page.limit + 1)
      .map(({ uid }) => uid),
  );
  return inPageOrder(uids, page).slice(0, page.limit + 1);
}

/** Walks the tasks themselves, newest or oldest first: right when a fair part of those in reach matches. */
function uidsInOrder(database: Database, conditions: readonly Condition[], page: Page): readonly number[] {
  const sql = `SELECT uid FROM tasks NOT INDEXED
    WHERE ${fromOn(page)}${andAll(conditions)} ORDER BY uid ${direction(page)} LIMIT ?`;
  return database
    .query<{ uid: number }, (string | number)[]>(sql)
    .all(fromOf(page), ...values(conditions), page.limit + 1)
    .map(({ uid }) => uid);
}

function fewUids(database: Database, conditions: readonly Condition[], page: Page): readonly number[] {
  const sql = `SELECT uid FROM tasks WHERE ${fromOn(page)}${andAll(conditions)}`;
  const rows = database.query<{ uid: number }, (string | number)[]>(sql).all(fromOf(page), ...values(conditions));
  return inPageOrder(
    rows.map(({ uid }) => uid),
    page,
  ).slice(0, page.limit + 1);
}

function fetchTasks(database: Database, uids: readonly number[]): readonly Task[] {
  const statement = database.query<TaskRow, [number]>("SELECT * FROM tasks WHERE uid = ?");
  return uids.map((uid) => statement.get(uid)).flatMap((row) => (row === null ? [] : [toTask(row)]));
}

function direction(page: Page): "ASC" | "DESC" {
  return page.reverse === true ? "ASC" : "DESC";
}

function fromOn(page: Page): string {
  return page.reverse === true ? "uid >= ?" : "uid <= ?";
}

function fromOf(page: Page): number {
  return page.from ?? (page.reverse === true ? 0 : Number.MAX_SAFE_INTEGER);
}

function fromWithin(page: Page, { lowest, highest }: Bounds): number {
  return page.reverse === true ? Math.max(fromOf(page), lowest) : Math.min(fromOf(page), highest);
}

function inPageOrder(uids: readonly number[], page: Page): readonly number[] {
  return uids.toSorted((a, b) => (page.reverse === true ? a - b : b - a));
}
