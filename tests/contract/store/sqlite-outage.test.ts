/** A SQLite store whose disk is full or whose file is locked: refused in time, told, and back without a restart. */
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../../src/store/store.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { newTask } from "./new-task.ts";

const unavailable = { code: "miroir_store_unavailable", status: 503, retryAfterSeconds: 10 };
const open = (directory: string): Store =>
  openSqliteStore({ path: join(directory, "miroir.db"), clock: { nowMs: () => Date.now() }, emit: () => {} });

async function untilWorking(store: Store): Promise<void> {
  const until = performance.now() + 5_000;
  while (performance.now() < until) {
    const failure = await store.check().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return;
    await Bun.sleep(20);
  }
  throw new TypeError("the store did not come back within 5 s");
}

describe("a file that somebody else has locked", () => {
  let directory: string;
  let store: Store;
  let other: Database;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "miroir-locked-"));
    store = open(directory);
    other = new Database(join(directory, "miroir.db"));
  });
  afterEach(async () => {
    other.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test("is waited for without standing still, and the writes then hold", async () => {
    const before = await store.tasks.insert(newTask());
    other.run("BEGIN IMMEDIATE");
    const writes = [1, 2, 3].map(() => store.tasks.insert(newTask()));
    let turns = 0;
    for (; turns < 20; turns += 1) {
      await Bun.sleep(5);
      // Reads are answered meanwhile.
      expect(await store.tasks.get(before.uid)).toEqual(before);
    }
    expect(await rejectionOf(store.check())).toMatchObject(unavailable);
    other.run("COMMIT");
    expect((await Promise.all(writes)).map(({ uid }) => uid)).toEqual([1, 2, 3]);
    await untilWorking(store);
  });

  test("is given up after five seconds, and the next writes hold when it is free", async () => {
    other.run("BEGIN IMMEDIATE");
    expect(await rejectionOf(store.tasks.insert(newTask()))).toMatchObject(unavailable);
    expect(await rejectionOf(store.check())).toMatchObject(unavailable);
    other.run("ROLLBACK");
    await untilWorking(store);
    expect((await store.tasks.insert(newTask())).uid).toBe(0);
  }, 20_000);
});

test("a lease is renewed also when more writes wait than are taken", async () => {
  const directory = mkdtempSync(join(tmpdir(), "miroir-vital-"));
  const store = open(directory);
  const lease = await store.leases.acquire("prune", "a", 60_000);
  if (lease === undefined) throw new TypeError("the lease was free");
  await store.routers.join({ name: "a", run: "a/1", version: "1", epoch: 1, startedAt: 1 }, 60_000);
  const writes = Array.from({ length: 50_100 }, () => store.sessions.remove("none"));
  const settled = Promise.allSettled(writes);
  expect(await store.leases.renew(lease, 60_000)).toBe(true);
  expect(
    await store.routers.beat({ name: "a", run: "a/1", version: "1", epoch: 1, startedAt: 1 }, 60_000),
  ).toBeDefined();
  const refused = (await settled).filter((one) => one.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]).toMatchObject({ reason: { code: "miroir_overloaded" } });
  await store.close();
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

/** A disk of two megabytes, where this process may make one. */
function smallDisk(): string | null {
  const directory = mkdtempSync(join(tmpdir(), "miroir-full-"));
  const made = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", directory], { stderr: "ignore" });
  if (made.exitCode === 0) return directory;
  rmSync(directory, { recursive: true, force: true });
  return null;
}

const disk = smallDisk();
test.skipIf(disk === null)(
  `a full disk refuses writes, keeps what was promised, and takes writes again when there is space${disk === null ? " (skipped: no small disk can be made here)" : ""}`,
  async () => {
    const directory = disk as string;
    try {
      const store = open(directory);
      const kept = await store.tasks.insert(newTask());
      const ballast = join(directory, "ballast");
      for (let size = 2_000_000; size > 1_000; size = Math.floor(size / 2)) {
        try {
          writeFileSync(ballast, Buffer.alloc(size), { flag: "a" });
        } catch {
          // Less fits.
        }
      }
      const details = { text: "x".repeat(20_000) };
      let failure: unknown;
      for (let n = 0; n < 200; n += 1) {
        failure = await store.tasks.insert(newTask({ details })).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failure !== undefined) break;
      }
      expect(failure).toMatchObject(unavailable);
      expect(await rejectionOf(store.check())).toMatchObject(unavailable);
      expect(await store.tasks.get(kept.uid)).toEqual(kept);
      rmSync(ballast);
      await untilWorking(store);
      expect((await store.tasks.insert(newTask({ details }))).uid).toBeGreaterThan(kept.uid);
      await store.close();
      const again = open(directory);
      expect(await again.tasks.get(kept.uid)).toEqual(kept);
      await again.close();
    } finally {
      Bun.spawnSync(["umount", "-l", directory]);
      rmSync(directory, { recursive: true, force: true });
    }
  },
  30_000,
);

const readOnlyDisk = smallDisk();
test.skipIf(readOnlyDisk === null)(
  `a disk that takes no writes is refused at the start, with the reason${readOnlyDisk === null ? " (skipped: no small disk can be made here)" : ""}`,
  async () => {
    const directory = readOnlyDisk as string;
    const remount = (mode: string) => Bun.spawnSync(["mount", "-o", `remount,${mode}`, directory]).exitCode;
    try {
      const store = open(directory);
      const kept = await store.tasks.insert(newTask());
      await store.close();
      expect(remount("ro")).toBe(0);
      expect(() => open(directory)).toThrow(/cannot be created or written.*read-only/);
      expect(remount("rw")).toBe(0);
      const again = open(directory);
      expect(await again.tasks.get(kept.uid)).toEqual(kept);
      await again.close();
    } finally {
      Bun.spawnSync(["umount", "-l", directory]);
      rmSync(directory, { recursive: true, force: true });
    }
  },
);
