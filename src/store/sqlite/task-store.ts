/** `TaskStore` on the table `tasks`. */
import type { Database } from "bun:sqlite";
import type { Task } from "../../core/tasks/task.ts";
import type { NewTask, TaskChange, TaskStore } from "../task-store.ts";
import type { Connection } from "./connection.ts";
import { writeUnderFence } from "./lease-store.ts";
import { listTasks } from "./list-tasks.ts";
import { changedColumns, jsonOrNull, toTask, type ColumnValue, type TaskRow } from "./task-row.ts";
import { takeNumber } from "./take-number.ts";

export function sqliteTaskStore({ database, nowMs, read, write }: Connection): TaskStore {
  /** Tasks of earlier runs have lower uids; they are handed out once. */
  let adoptBelow = nextUid(database);
  return {
    insert: (task) => write((database) => insertTask(database, task)),
    update: (uid, change) => write((database) => updateTask(database, uid, change)),
    get: (uid) => read((database) => one(database, "SELECT * FROM tasks WHERE uid = ?", uid)),
    getByMiroirId: (miroirId) => read((database) => one(database, "SELECT * FROM tasks WHERE miroir_id = ?", miroirId)),
    list: (filter, page) => read((database) => listTasks(database, filter, page)),
    unfinished: () => read((database) => database.query<TaskRow, []>(UNFINISHED).all().map(toTask)),
    adopt: () =>
      read((opened) => {
        const former = opened.query<TaskRow, [number]>(UNFINISHED_BELOW).all(adoptBelow).map(toTask);
        adoptBelow = 0;
        return former;
      }),
    takeOver: (uid) =>
      read((opened) => one(opened, "SELECT * FROM tasks WHERE uid = ? AND status IN ('enqueued', 'processing')", uid)),
    async deleteEnded(uids) {
      let removed = 0;
      for (let start = 0; start < uids.length; start += DELETED_AT_ONCE) {
        const some = JSON.stringify(uids.slice(start, start + DELETED_AT_ONCE));
        removed += await write((opened) => deleted(opened.query(DELETE_ENDED).run(some), opened));
      }
      return removed;
    },
    async prune(finishedBefore, limit, fence) {
      let removed = 0;
      while (removed < limit) {
        const most = Math.min(DELETED_AT_ONCE, limit - removed);
        const now = await writeUnderFence({ nowMs, write }, fence, (opened) =>
          deleted(opened.query(PRUNE).run(finishedBefore, most), opened),
        );
        removed += now;
        if (now < most) break;
      }
      return removed;
    },
    reserve: (below) =>
      write((opened) => {
        opened.query("UPDATE counters SET next = max(next, ?) WHERE name = 'task_uid'").run(below);
      }),
    count: () =>
      read((database) => {
        const row = database.query<{ n: number }, []>("SELECT coalesce(sum(n), 0) AS n FROM task_counts").get();
        return row?.n ?? 0;
      }),
  };
}

/** Everything else waits while so many are deleted: a few milliseconds. */
const DELETED_AT_ONCE = 250;
const UNFINISHED = "SELECT * FROM tasks WHERE status IN ('enqueued', 'processing') ORDER BY uid";
const UNFINISHED_BELOW = "SELECT * FROM tasks WHERE status IN ('enqueued', 'processing') AND uid < ? ORDER BY uid";
const ENDED = "status IN ('succeeded', 'failed', 'canceled')";
const DELETE_ENDED = `DELETE FROM tasks WHERE uid IN (SELECT value FROM json_each(?)) AND ${ENDED}`;
const PRUNE = `DELETE FROM tasks WHERE uid IN
  (SELECT uid FROM tasks WHERE finished_at IS NOT NULL AND finished_at < ? AND ${ENDED} ORDER BY finished_at LIMIT ?)`;

/** How many there were; what was counted of them goes as well where nothing is left to count. */
function deleted({ changes }: { readonly changes: number }, database: Database): number {
  database.run("DELETE FROM task_times WHERE n = 0");
  return changes;
}

function nextUid(database: Database): number {
  return database.query<{ next: number }, []>("SELECT next FROM counters WHERE name = 'task_uid'").get()?.next ?? 0;
}

function insertTask(database: Database, task: NewTask): Task {
  const uid = takeNumber(database, "task_uid");
  database
    .query(
      `INSERT INTO tasks
         (uid, miroir_id, type, index_uid, status, node_tasks, details, error, created_at, started_at, finished_at,
          canceled_by, custom_metadata, flow, dispatched)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      uid,
      task.miroirId,
      task.type,
      task.indexUid,
      task.status,
      JSON.stringify(task.nodeTasks),
      jsonOrNull(task.details),
      jsonOrNull(task.error),
      task.enqueuedAt,
      task.startedAt,
      task.finishedAt,
      task.canceledBy,
      task.customMetadata,
      jsonOrNull(task.flow),
      task.dispatched ? 1 : 0,
    );
  return { ...task, uid };
}

function updateTask(database: Database, uid: number, change: TaskChange): void {
  const columns = changedColumns(change);
  if (columns.length === 0) return;
  const assignments = columns.map(([name]) => `${name} = ?`).join(", ");
  const values: ColumnValue[] = columns.map(([, value]) => value);
  database.query(`UPDATE tasks SET ${assignments} WHERE uid = ?`).run(...values, uid);
}

function one(database: Database, sql: string, key: number | string): Task | undefined {
  const row = database.query<TaskRow, [number | string]>(sql).get(key);
  return row === null ? undefined : toTask(row);
}
