/** A store that is lost for good is rebuilt from the nodes: the same indexes, documents and settings, nothing guessed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";
import { rejectionOf } from "../support/rejection-of.ts";
import { noRedisReason, startRedis } from "../support/redis.ts";

const ROOT = join(import.meta.dir, "..", "..");
let miroir: TestMiroir;
beforeAll(async () => {
  miroir = await startMiroir({ nodes: 3, replicationFactor: 2, shards: 24 });
});
afterAll(() => miroir.stop());

async function recoverIn(directory: string, words: readonly string[]): Promise<Recovered> {
  const child = Bun.spawn(
    [process.execPath, join(ROOT, "src", "main.ts"), "ctl", "recover", "-c", "miroir.yaml", ...words],
    { cwd: directory, stdout: "pipe", stderr: "pipe" },
  );
  const [text, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, text, errors };
}

const recover = (...words: string[]): Promise<Recovered> => recoverIn(miroir.directory, words);

interface Recovered {
  readonly code: number;
  readonly text: string;
  readonly errors: string;
}

function loseStore(): void {
  for (const end of ["", "-wal", "-shm", ".lock"]) rmSync(join(miroir.directory, `miroir.db${end}`), { force: true });
}

async function expectRefusedStart(router: TestMiroir): Promise<void> {
  const failure = await rejectionOf(router.start());
  expect(String(failure)).toContain("did not answer");
  expect(await router.told()).toContain("which a router has made");
}

test("the store is deleted, recovered, and the router goes on with all indexes, documents and settings", async () => {
  const films = Array.from({ length: 300 }, (_, id) => ({ id, title: `film ${id}`, genre: `g${id % 5}` }));
  await miroir.write("POST", "/indexes/films/documents?primaryKey=id", films);
  await miroir.write("PATCH", "/indexes/films/settings", {
    filterableAttributes: ["genre"],
    stopWords: ["the"],
    faceting: { maxValuesPerFacet: 300 },
  });
  await miroir.write("POST", "/indexes", { uid: "empty", primaryKey: "sku" });
  const before = {
    settings: (await miroir.request("GET", "/indexes/films/settings")).body,
    search: (await miroir.request("POST", "/indexes/films/search", { q: "film", facets: ["genre"], limit: 300 })).body,
    lastUid: (await miroir.request("GET", "/tasks?limit=1")).body.results[0].uid as number,
  };
  await miroir.terminate();

  const refused = await recover();
  expect(refused.code).toBe(1);
  expect(refused.errors).toContain("has a catalog already");

  loseStore();
  // However often a supervisor tries: a router that began anew would overwrite what is left to recover.
  for (let attempt = 0; attempt < 2; attempt += 1) await expectRefusedStart(miroir);
  const dry = await recover("--dry-run", "--json");
  expect(dry.code).toBe(0);
  const seen = JSON.parse(dry.text);
  expect(seen.written).toBe(false);
  expect(seen.indexes.map((one: { entry: { uid: string } }) => one.entry.uid)).toEqual(["empty", "films"]);
  expect(seen.indexes[1]).toMatchObject({
    entry: { primaryKey: "id", shards: 24 },
    proof: { kind: "proven", shards: 24 },
    problems: [],
  });

  const done = await recover();
  expect(done.errors).toBe("");
  expect(done.text).toContain("has been rebuilt with 2 indexes");
  expect(done.code).toBe(0);
  await miroir.start();
  expect((await miroir.request("GET", "/indexes/films/settings")).body).toEqual(before.settings);
  const after = (await miroir.request("POST", "/indexes/films/search", { q: "film", facets: ["genre"], limit: 300 }))
    .body;
  expect(after.hits).toEqual(before.search.hits);
  expect(after.facetDistribution).toEqual(before.search.facetDistribution);
  expect((await miroir.request("GET", "/indexes/empty")).body).toMatchObject({ primaryKey: "sku" });
  const task = await miroir.write("POST", "/indexes/films/documents", [{ id: 5, title: "film 5 again" }]);
  expect(task.status).toBe("succeeded");
  expect(task.uid).toBeGreaterThan(before.lastUid);
  expect((await miroir.request("GET", "/indexes/films/documents?limit=1")).body.total).toBe(300);
}, 90_000);

test("a configuration that would look for the documents elsewhere is refused, with the reason", async () => {
  await miroir.terminate();
  loseStore();
  const wrong = await recover("--set", "replication_factor=1");
  expect(wrong.code).toBe(7);
  expect(wrong.text).toContain("belong to other nodes by this configuration");
  expect(wrong.text).toContain("Nothing was written");
  expect((await recover("--index-shards", "films=32")).text).toContain("its documents prove 24");
  await miroir.nodes[2]?.kill();
  const away = await recover();
  expect(away.code).toBe(1);
  expect(away.errors).toContain("node-2");
}, 60_000);

test.skipIf(noRedisReason() !== null)(
  "a Redis server that has lost everything is noticed, and rebuilt from the nodes like a file",
  async () => {
    const redis = await startRedis();
    const router = await startMiroir({ nodes: 2, shards: 16, store: `{ backend: redis, url: "${redis.url()}" }` });
    try {
      const books = Array.from({ length: 100 }, (_, id) => ({ id, title: `book ${id}` }));
      await router.write("POST", "/indexes/books/documents?primaryKey=id", books);
      const before = (await router.request("POST", "/indexes/books/search", { q: "book", limit: 100 })).body.hits;
      await redis.command("FLUSHALL");
      const refused = await router.request("POST", "/indexes/books/documents", [{ id: 1, title: "lost" }]);
      expect([refused.status, refused.body.code]).toEqual([503, "miroir_store_unavailable"]);
      expect((await router.request("POST", "/indexes/books/search", { q: "book" })).status).toBe(200);
      await router.kill();
      await expectRefusedStart(router);
      const done = await recoverIn(router.directory, []);
      expect(done).toMatchObject({ code: 0, errors: "" });
      expect(done.text).toContain("has been rebuilt with 1 index");
      await router.start();
      expect((await router.request("POST", "/indexes/books/search", { q: "book", limit: 100 })).body.hits).toEqual(
        before,
      );
      const task = await router.write("POST", "/indexes/books/documents", [{ id: 1, title: "book 1 again" }]);
      expect(task.status).toBe("succeeded");
    } finally {
      await router.stop();
      await redis.stop();
    }
  },
  120_000,
);
