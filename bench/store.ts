/**
 * What the SQLite store costs: inserts and updates per second for one writer and for many at once, how long the event
 * loop stands still meanwhile, and one page out of a million tasks. Run with `bun bench/store.ts [--tasks=N]`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "bun:sqlite";
import type { TaskStatus, TaskType } from "../src/core/tasks/task.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { Store } from "../src/store/store.ts";
import type { NewTask, TaskFilter } from "../src/store/task-store.ts";

export type StoreBench = Readonly<Record<string, number>>;

export async function benchStore(taskCount: number): Promise<StoreBench> {
  const directory = await mkdtemp(join(tmpdir(), "miroir-bench-"));
  const path = join(directory, "miroir.db");
  const open = (): Store => openSqliteStore({ path, clock: { nowMs: () => Date.now() }, emit: () => {} });
  try {
    const store = open();
    const writes = { ...(await benchWrites(store, 1, 2_000)), ...(await benchWrites(store, 64, 30_000)) };
    await store.close();
    fill(path, taskCount);
    const startedAt = performance.now();
    const large = open();
    const openedMs = performance.now() - startedAt;
    const pages = await benchPages(large);
    await large.close();
    return { ...writes, store_open_ms: round(openedMs), ...pages };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export async function benchWrites({ tasks }: Store, writers: number, count: number): Promise<StoreBench> {
  const each = async (work: (n: number) => Promise<unknown>): Promise<{ perSecond: number; p50: number }> => {
    const latencies: number[] = [];
    let next = 0;
    const startedAt = performance.now();
    const writer = async (): Promise<void> => {
      while (next < count) {
        next += 1;
        const before = performance.now();
        await work(next);
        latencies.push(performance.now() - before);
      }
    };
    await Promise.all(Array.from({ length: writers }, writer));
    return { perSecond: (count / (performance.now() - startedAt)) * 1000, p50: percentile(latencies, 0.5) };
  };
  const uids: number[] = [];
  const insert = await each(async () => uids.push((await tasks.insert(sample(uids.length))).uid));
  const update = await each((n) =>
    tasks.update(uids[n - 1] as number, {
      status: "succeeded",
      startedAt: n,
      finishedAt: n + 1,
      nodeTasks: NODE_TASKS,
    }),
  );
  return {
    [`store_insert_per_s_${writers}`]: Math.round(insert.perSecond),
    [`store_insert_p50_ms_${writers}`]: round(insert.p50),
    [`store_update_per_s_${writers}`]: Math.round(update.perSecond),
    [`store_update_p50_ms_${writers}`]: round(update.p50),
  };
}

export async function benchPages({ tasks }: Store): Promise<StoreBench> {
  const total = await tasks.count();
  const pages: Readonly<Record<string, [TaskFilter, { from?: number; reverse?: boolean }]>> = {
    all: [{}, {}],
    all_deep: [{}, { from: Math.floor(total / 2) }],
    reverse: [{}, { reverse: true }],
    failed: [{ statuses: ["failed"] }, {}],
    enqueued: [{ statuses: ["enqueued", "processing"] }, {}],
    one_index: [{ indexUids: ["index-7"] }, {}],
    index_and_type: [{ indexUids: ["index-7"], types: ["settingsUpdate"] }, {}],
    by_uid: [{ uids: [5, 500, 50_000] }, {}],
    before_oldest: [{ beforeEnqueuedAt: 20 * APART_MS }, {}],
    last_hour: [{ afterEnqueuedAt: total * APART_MS - 3_600_000 }, {}],
    after_half: [{ afterEnqueuedAt: (total / 2) * APART_MS }, {}],
    ended_before_half: [{ beforeFinishedAt: (total / 2) * APART_MS }, {}],
    failed_after_half: [{ afterEnqueuedAt: (total / 2) * APART_MS, statuses: ["failed"] }, {}],
  };
  const result: Record<string, number> = { store_tasks: total };
  for (const [name, [filter, page]] of Object.entries(pages)) {
    const times: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const before = performance.now();
      await tasks.list(filter, { limit: 21, ...page });
      times.push(performance.now() - before);
    }
    result[`store_page_ms_${name}`] = round(percentile(times, 0.5));
  }
  return result;
}

/** Fills the table with SQL itself: going through the port would measure the port. */
function fill(path: string, count: number): void {
  const database = new Database(path);
  database.run("PRAGMA synchronous = OFF");
  database.run("DELETE FROM tasks");
  database
    .query(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
       INSERT INTO tasks (uid, miroir_id, type, index_uid, status, node_tasks, details, error, created_at, started_at,
                          finished_at, canceled_by, custom_metadata, flow, dispatched)
       SELECT i, 'mtask-' || i, CASE i % 50 WHEN 0 THEN 'settingsUpdate' ELSE 'documentAdditionOrUpdate' END,
              'index-' || (i % 20), CASE WHEN i % 1000 = 3 THEN 'failed' WHEN i > ? - 50 THEN 'enqueued' ELSE 'succeeded' END,
              ?, '{"receivedDocuments":1000,"indexedDocuments":1000}', NULL, i * ?4, i * ?4 + 1, i * ?4 + 2,
              NULL, NULL, NULL, 1
       FROM n`,
    )
    .run(count, count, JSON.stringify(NODE_TASKS), APART_MS);
  database.close();
}

/** A million tasks are those of a week. */
export const APART_MS = 605;

export function sample(n: number): NewTask {
  const type: TaskType = "documentAdditionOrUpdate";
  const status: TaskStatus = "enqueued";
  return {
    miroirId: `mtask-${Bun.randomUUIDv7()}`,
    type,
    indexUid: `index-${n % 20}`,
    status,
    nodeTasks: NODE_TASKS,
    details: { receivedDocuments: 1000, indexedDocuments: null },
    error: null,
    canceledBy: null,
    customMetadata: null,
    flow: null,
    dispatched: true,
    enqueuedAt: Date.now(),
    startedAt: null,
    finishedAt: null,
  };
}

const NODE_TASKS = [0, 1, 2].map((n) => ({
  nodeId: `node-${n}`,
  taskUid: 1000 + n,
  role: "main" as const,
  status: "enqueued" as const,
}));

function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

if (import.meta.main) {
  const count = Number(process.argv.find((one) => one.startsWith("--tasks="))?.slice("--tasks=".length) ?? 1_000_000);
  process.stdout.write(`${JSON.stringify(await benchStore(count), null, 2)}\n`);
}
