/** How many tasks meet some conditions, and between which numbers they lie; kinds are counted already. */
import type { Database } from "bun:sqlite";

export interface Condition {
  readonly sql: string;
  readonly value: string | number;
}

export interface CountedKind {
  /** Empty: no index. */
  readonly index_uid: string;
  readonly type: string;
  readonly status: string;
  readonly n: number;
}

export interface Bounds {
  readonly total: number;
  /** No task that was counted has a number outside; there may be none at the bounds themselves. */
  readonly lowest: number;
  readonly highest: number;
}

/** A filter on kinds that matches more of them than this is answered by looking at the tasks themselves. */
export const KINDS_MAX = 256;

export function countedKinds(database: Database, conditions: readonly Condition[]): readonly CountedKind[] {
  const sql = `SELECT index_uid, type, status, n FROM task_counts WHERE n > 0${andAll(conditions)}`;
  return database.query<CountedKind, (string | number)[]>(sql).all(...values(conditions));
}

/** Looks at every task that meets one of the conditions, by an index on it. `from`: table and first condition. */
export function boundsOf(database: Database, conditions: readonly Condition[], from = "tasks WHERE true"): Bounds {
  const sql = `SELECT count(*) AS total, min(+uid) AS lowest, max(+uid) AS highest FROM ${from}${andAll(conditions)}`;
  const row = database
    .query<{ total: number; lowest: number | null; highest: number | null }, (string | number)[]>(sql)
    .get(...values(conditions));
  return { total: row?.total ?? 0, lowest: row?.lowest ?? 0, highest: row?.highest ?? 0 };
}

export function andAll(conditions: readonly Condition[]): string {
  return conditions.map(({ sql }) => ` AND ${sql}`).join("");
}

export function values(conditions: readonly Condition[]): readonly (string | number)[] {
  return conditions.map(({ value }) => value);
}
