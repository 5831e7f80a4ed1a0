/** Opening, migrating and holding the file: what is particular to the SQLite store. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { migrations, type Migration } from "../../../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { SCHEMA_VERSION } from "../../../src/store/schema-version.ts";
import { StoreRefused } from "../../../src/store/store-refused.ts";
import type { Store } from "../../../src/store/store.ts";
import { newTask } from "./new-task.ts";
import { rejectionOf } from "../../support/rejection-of.ts";

let directory = "";
let path = "";
const opened: Store[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "miroir-store-"));
  path = join(directory, "deeper", "miroir.db");
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await rm(directory, { recursive: true, force: true });
});

function open(options: { at?: string; migrations?: readonly Migration[] } = {}): Store {
  const store = openSqliteStore({
    path: options.at ?? path,
    clock: { nowMs: () => 1 },
    emit: () => {},
    ...(options.migrations === undefined ? {} : { migrations: options.migrations }),
  });
  opened.push(store);
  return store;
}

function refusal(action: () => unknown): StoreRefused {
  try {
    action();
  } catch (cause) {
    if (cause instanceof StoreRefused) return cause;
    throw cause;
  }
  throw new Error("the store was opened");
}

test("the first start makes the directory, the tables and a file that only its owner can read", async () => {
  const store = open();
  await store.tasks.insert(newTask());
  for (const file of [path, `${path}-wal`]) expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("what was written is there at the next start, and uids go on from where they were", async () => {
  const first = open();
  const task = await first.tasks.insert(newTask({ status: "succeeded" }));
  await first.tasks.deleteEnded([task.uid]);
  await first.close();
  const second = open();
  expect((await second.tasks.insert(newTask())).uid).toBe(task.uid + 1);
});

test("a second start only looks which migrations are applied", async () => {
  await open().close();
  const database = new Database(path);
  const before = database.query("SELECT total_changes() AS n").get();
  expect(migrate(database, migrations, 99)).toEqual({ version: migrations.length, applied: 0 });
  expect(database.query("SELECT total_changes() AS n").get()).toEqual(before as object);
  expect(database.query("SELECT max(applied_at) AS at FROM schema_versions").get()).toEqual({ at: 1 });
  database.close();
});

test("both backends go by the number of the newest migration", () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, place) => place + 1));
  expect(migrations).toHaveLength(SCHEMA_VERSION);
});

test("a new migration is applied to an existing store and keeps what is in it", async () => {
  const old = open({ migrations: migrations.slice(0, 2) });
  await old.tasks.insert(newTask());
  await old.close();
  const store = open();
  expect(await store.tasks.count()).toBe(1);
  expect(await store.catalog.all()).toEqual([]);
});

test("a store that a newer program has written is refused, saying what was found and what is known", async () => {
  const more = [...migrations, { version: migrations.length + 1, name: "next", sql: "CREATE TABLE more (a INTEGER)" }];
  await open({ migrations: more }).close();
  const { reason, message } = refusal(() => open());
  expect(reason).toBe("schema_version_ahead");
  expect(message).toContain(`SchemaVersionAhead: found ${more.length}, know ${migrations.length}`);
});

test("an applied migration whose text has changed is refused", async () => {
  await open().close();
  const changed = migrations.map((one) => (one.version === 2 ? { ...one, sql: `${one.sql}\n-- changed` } : one));
  expect(refusal(() => open({ migrations: changed })).reason).toBe("checksum_changed");
});

test("a migration that fails leaves nothing behind and can be tried again", async () => {
  const broken = [
    ...migrations,
    { version: migrations.length + 1, name: "broken", sql: "CREATE TABLE half (a INTEGER); CREATE TABLE;" },
  ];
  expect(refusal(() => open({ migrations: broken })).reason).toBe("unusable");
  const repaired = [
    ...migrations,
    { version: migrations.length + 1, name: "broken", sql: "CREATE TABLE half (a INTEGER);" },
  ];
  await open({ migrations: repaired }).close();
});

test("a file that is no database and a directory that cannot be made are refused, not overwritten", async () => {
  const file = join(directory, "text.db");
  await writeFile(file, "this is a letter, long enough to be taken for the header of a database file, or so it seems");
  expect(refusal(() => open({ at: file })).reason).toBe("unusable");
  expect(await Bun.file(file).text()).toStartWith("this is a letter");
  expect(refusal(() => open({ at: join(file, "below", "miroir.db") })).reason).toBe("unusable");
});

test("a second router on the same file is refused until the first one has closed it", async () => {
  const first = open();
  const { reason, message } = refusal(() => open());
  expect(reason).toBe("in_use");
  expect(message).toContain(`process ${process.pid}`);
  await first.tasks.insert(newTask());
  await first.close();
  expect(await open().tasks.count()).toBe(1);
});

test("a router that was killed does not keep the store from the next one", async () => {
  const holder = Bun.spawn([process.execPath, join(import.meta.dir, "store-child.ts"), path], {
    stdout: "pipe",
    stderr: "inherit",
  });
  for await (const chunk of holder.stdout) if (chunk.length > 0) break;
  const { reason, message } = refusal(() => open());
  expect(reason).toBe("in_use");
  expect(message).toContain(`process ${holder.pid}`);
  holder.kill("SIGKILL");
  await holder.exited;
  expect(await open().tasks.count()).toBeGreaterThan(0);
});

test("a lease that a killed router held for hours is free at the next start, and its fence is not", async () => {
  const holder = Bun.spawn([process.execPath, join(import.meta.dir, "store-child.ts"), path, "prune"], {
    stdout: "pipe",
    stderr: "inherit",
  });
  for await (const chunk of holder.stdout) if (chunk.length > 0) break;
  holder.kill("SIGKILL");
  await holder.exited;
  const { leases, tasks } = open();
  const former = { scope: "prune", holder: "child", number: 1 };
  expect(await leases.current("prune")).toBeUndefined();
  const lease = await leases.acquire("prune", "next", 60_000);
  expect(lease?.number).toBe(2);
  expect(await leases.renew(former, 60_000)).toBe(false);
  expect(await rejectionOf(tasks.prune(1, 1, former))).toMatchObject({ code: "miroir_taken_over" });
});

test("a write that fails does not take the writes of its group with it", async () => {
  const { tasks } = open();
  const twice = newTask();
  const outcomes = await Promise.allSettled([
    tasks.insert(newTask()),
    tasks.insert(twice),
    tasks.insert(twice),
    tasks.insert(newTask()),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect((outcomes[2] as PromiseRejectedResult).reason).toMatchObject({
    code: "miroir_store_unavailable",
    status: 503,
  });
  expect(await tasks.count()).toBe(3);
});

test("a closed store refuses writes and reads with errors of the router", async () => {
  const store = open();
  await store.close();
  expect(await rejectionOf(store.tasks.insert(newTask()))).toMatchObject({ code: "miroir_shutting_down" });
  expect(await rejectionOf(store.tasks.get(0))).toMatchObject({ code: "miroir_store_unavailable" });
  expect(await rejectionOf(store.check())).toMatchObject({ code: "miroir_store_unavailable" });
});
