/**
 * `kill -9` at random instants. A child process writes and reports each promise as it resolves; afterwards everything
 * it reported is there, nothing it deleted is back, no uid was given out twice, and the kept totals are right.
 */
import { afterAll, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";

const ROUNDS = Number(process.env["CRASH_ROUNDS"] ?? 6);
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
const directory = await mkdtemp(join(tmpdir(), "miroir-crash-"));
const path = join(directory, "miroir.db");
afterAll(() => rm(directory, { recursive: true, force: true }));

test(
  `what was promised before kill -9 is there afterwards (CRASH_SEED=${SEED})`,
  async () => {
    const next = generator(SEED);
    const inserted = new Map<number, string>();
    const ended = new Set<number>();
    const deleted = new Set<number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const line of await runAndKill(1 + Math.floor(next() * 400))) {
        const [what, uidText, name] = line.split(" ");
        const uid = Number(uidText);
        if (what === "inserted") {
          expect(inserted.has(uid), `uid ${uid} was given out twice`).toBe(false);
          inserted.set(uid, name as string);
        } else if (what === "ended") ended.add(uid);
        else if (what === "deleted") deleted.add(uid);
      }
      await examine(inserted, ended, deleted);
    }
    expect(inserted.size).toBeGreaterThan(ROUNDS);
  },
  ROUNDS * 20_000,
);

/** Lets the child report this many lines, kills it, and returns the whole lines that it had written by then. */
async function runAndKill(lines: number): Promise<readonly string[]> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "store-child.ts"), path], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (text.split("\n").length > lines) child.kill("SIGKILL");
  }
  await child.exited;
  return text.split("\n").slice(0, -1);
}

async function examine(
  inserted: ReadonlyMap<number, string>,
  ended: ReadonlySet<number>,
  deleted: ReadonlySet<number>,
): Promise<void> {
  const store = openSqliteStore({ path, clock: { nowMs: () => 1 }, emit: () => {} });
  for (const [uid, name] of inserted) {
    const task = await store.tasks.get(uid);
    // The deletion of the last ones may have happened without its promise having been reported.
    if (deleted.has(uid) || (task === undefined && name.match(/[49]$/) !== null)) expect(task).toBeUndefined();
    else expect(task?.miroirId).toBe(name);
    if (task !== undefined && ended.has(uid)) expect(task.status).toBe("succeeded");
  }
  await store.close();
  const database = new Database(path, { readonly: true });
  const counted = "SELECT coalesce(index_uid, '') AS i, type, status, count(*) AS n FROM tasks GROUP BY 1, 2, 3";
  const kept = "SELECT index_uid AS i, type, status, n FROM task_counts WHERE n > 0 ORDER BY 1, 2, 3";
  expect(database.query(kept).all()).toEqual(database.query(`${counted} ORDER BY 1, 2, 3`).all());
  database.close();
}

/** A small repeatable generator (mulberry32), so that the printed seed repeats the choice of instants. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
