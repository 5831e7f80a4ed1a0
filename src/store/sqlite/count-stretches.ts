/**
 * Counts tasks in a range of one time by the sums of whole stretches (`task_times`), and looks only at what the range cuts
 * off the first and the last stretch, and at what has not ended. So a range of half a million tasks costs the event loop
 * a few milliseconds.
 */
import type { Database } from "bun:sqlite";
import type { TaskFilter } from "../task-store.ts";
import { type Bounds, boundsOf, type Condition, countedKinds } from "./count-tasks.ts";

interface TimeRange {
  readonly time: 0 | 1 | 2;
  readonly column: "created_at" | "started_at" | "finished_at";
  /** Exclusive. */
  readonly after: number | undefined;
  readonly before: number | undefined;
}

const SUM = `SELECT coalesce(sum(n), 0) AS total, min(lowest) AS lowest, max(highest) AS highest FROM task_times
  WHERE time = ? AND index_uid = ? AND type = ? AND status = ? AND stretch BETWEEN ? AND ? AND n > 0`;
const OPEN_TASKS = "tasks INDEXED BY tasks_unfinished WHERE status IN ('enqueued', 'processing')";

/** undefined: the filter asks for something else besides kinds and one range of times. `kinds`: its conditions on those. */
export function boundsByStretches(
  database: Database,
  filter: TaskFilter,
  kinds: readonly Condition[],
): Bounds | undefined {
  const ranges = rangesOf(filter);
  const [range] = ranges;
  if (range === undefined || ranges.length > 1) return undefined;
  if (filter.uids !== undefined || filter.canceledBy !== undefined) return undefined;
  const first = range.after === undefined ? MIN_STRETCH : Math.floor(range.after / STRETCH_MS) + 1;
  const last = range.before === undefined ? MAX_STRETCH : Math.floor(range.before / STRETCH_MS) - 1;
  const counted = countedKinds(database, kinds);
  if (last < first || counted.length > KINDS_SUMMED_MAX) return undefined;

  const { column, time } = range;
  const at = (sql: string, value: number): Condition => ({ sql: `${column} ${sql} ?`, value });
  const whole = [at(">=", first * STRETCH_MS), at("<", (last + 1) * STRETCH_MS)];
  const parts = [
    ...counted.map(({ index_uid, type, status }) => {
      const sum = database.query<Bounds, (string | number)[]>(SUM).get(time, index_uid, type, status, first, last);
      return sum ?? NONE;
    }),
    boundsOf(database, [...whole, ...kinds], OPEN_TASKS),
  ];
  if (range.after !== undefined) {
    parts.push(boundsOf(database, [at(">", range.after), at("<", first * STRETCH_MS), ...kinds]));
  }
  if (range.before !== undefined) {
    parts.push(boundsOf(database, [at(">=", (last + 1) * STRETCH_MS), at("<", range.before), ...kinds]));
  }
  return joined(parts.filter(({ total }) => total > 0));
}

function rangesOf(filter: TaskFilter): readonly TimeRange[] {
  const ranges: readonly TimeRange[] = [
    { time: 0, column: "created_at", after: filter.afterEnqueuedAt, before: filter.beforeEnqueuedAt },
    { time: 1, column: "started_at", after: filter.afterStartedAt, before: filter.beforeStartedAt },
    { time: 2, column: "finished_at", after: filter.afterFinishedAt, before: filter.beforeFinishedAt },
  ];
  return ranges.filter(({ after, before }) => after !== undefined || before !== undefined);
}

function joined(parts: readonly Bounds[]): Bounds {
  if (parts.length === 0) return NONE;
  return {
    total: parts.reduce((sum, { total }) => sum + total, 0),
    lowest: Math.min(...parts.map(({ lowest }) => lowest)),
    highest: Math.max(...parts.map(({ highest }) => highest)),
  };
}

/** Each costs a few microseconds. */
const KINDS_SUMMED_MAX = 2_000;
const NONE: Bounds = { total: 0, lowest: 0, highest: 0 };
/** As in `011_task_times.sql`. */
const STRETCH_MS = 1_048_576;
const MIN_STRETCH = 0;
/** Beyond any moment of a clock. */
const MAX_STRETCH = 2 ** 32;
