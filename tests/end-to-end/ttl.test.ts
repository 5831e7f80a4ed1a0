/** Documents that expire: what a client may say, what becomes of them on every node, and that nobody sees how. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { encodeExpiry } from "../../src/core/markers/expiry.ts";
import { idsOnNodes, shownIds, storedOn, until, untilGone } from "../support/expiring.ts";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";
import { runTask, type TestNode } from "../support/nodes.ts";

setDefaultTimeout(180_000);

const MAIN = join(import.meta.dir, "..", "..", "src", "main.ts");
const YEAR_MS = 365 * 86_400_000;
const SWEEPING = "  ttl: { enabled: true, sweep_interval_s: 1 }\n";

async function metric(miroir: TestMiroir, name: string, index: string): Promise<number> {
  const text = await (await fetch(miroir.metricsUrl)).text();
  return Number(new RegExp(`^miroir_${name}\\{index="${index}"\\} ([0-9.e+]+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

/** Seven documents that expire together, five of which get another time. */
async function writeAndRenew(miroir: TestMiroir, soon: number): Promise<void> {
  const write = (method: string, body: unknown) => miroir.write(method, "/indexes/notes/documents?primaryKey=id", body);
  const all = Array.from({ length: 7 }, (_unused, id) => ({ id, text: "x", _miroir_expires_at: soon }));
  await write("POST", all);
  await write("PUT", [{ id: 1, text: "y" }]);
  await write("PUT", [{ id: 2, _miroir_expires_at: null }]);
  await write("PUT", [{ id: 3, _miroir_expires_at: soon + YEAR_MS }]);
  await write("POST", [{ id: 4, text: "z" }]);
  await write("POST", [{ id: 5, text: "z", _miroir_expires_at: soon + YEAR_MS }]);
  // Two versions in one request: the second counts.
  await write("POST", [
    { id: 6, _miroir_expires_at: soon + YEAR_MS },
    { id: 6, text: "w", _miroir_expires_at: soon },
  ]);
}

describe("under the name of the marker", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await startMiroir({ nodes: 3, replicationFactor: 2, shards: 8, config: SWEEPING });
  });
  afterAll(() => miroir.stop());

  test("documents vanish from every node when they have expired, the others stay, and a task says why", async () => {
    const soon = Date.now() + 1_500;
    const films = Array.from({ length: 60 }, (_unused, id) => ({
      id,
      title: `film ${id}`,
      ...(id % 3 === 0 ? { _miroir_expires_at: soon } : id % 3 === 1 ? { _miroir_expires_at: soon + YEAR_MS } : {}),
    }));
    await miroir.write("POST", "/indexes/films/documents?primaryKey=id", films);
    const expired = films.flatMap(({ id }) => (id % 3 === 0 ? [id] : []));
    await untilGone(miroir, "films", expired);
    const left = films.flatMap(({ id }) => (id % 3 === 0 ? [] : [id]));
    expect(await shownIds(miroir, "films")).toEqual(left);
    // Each on its two owners.
    expect((await idsOnNodes(miroir, "films")).toSorted((a, b) => a - b)).toEqual(left.flatMap((id) => [id, id]));

    await until(
      miroir,
      "it is counted",
      async () => (await metric(miroir, "ttl_documents_expired_total", "films")) === 20,
    );
    expect(await metric(miroir, "ttl_pending_estimate", "films")).toBe(0);
    const { body } = await miroir.request("GET", "/tasks?types=documentDeletion&indexUids=films");
    const tasks = body.results as readonly {
      status: string;
      details: { originalFilter: string; deletedDocuments: number };
    }[];
    expect(
      tasks.every(
        ({ status, details }) => status === "succeeded" && /^"_miroir_expires_at <= \d+"$/.test(details.originalFilter),
      ),
    ).toBe(true);
    expect(tasks.reduce((sum, { details }) => sum + details.deletedDocuments, 0)).toBe(20);
  });

  test("a document that gets another time in time stays; one that is replaced without any never expires", async () => {
    let soon = 0;
    for (let leadMs = 3_000; Date.now() >= soon; leadMs *= 3) {
      soon = Date.now() + leadMs;
      await writeAndRenew(miroir, soon);
    }
    await untilGone(miroir, "notes", [0, 1, 6]);
    // What was to go at the same moment and has been swept with them would be gone as well.
    await Bun.sleep(1_500);
    expect(await shownIds(miroir, "notes")).toEqual([2, 3, 4, 5]);
    expect((await idsOnNodes(miroir, "notes")).toSorted((a, b) => a - b)).toEqual([2, 2, 3, 3, 4, 4, 5, 5]);
  });

  test("what has expired already when it is written is taken and swept", async () => {
    await miroir.write("POST", "/indexes/old/documents?primaryKey=id", [{ id: 1, _miroir_expires_at: 1 }, { id: 2 }]);
    await untilGone(miroir, "old", [1]);
    expect(await shownIds(miroir, "old")).toEqual([2]);
  });

  test("no client sees the marker, and no query finds it", async () => {
    const time = Date.now() + YEAR_MS;
    await miroir.write("PATCH", "/indexes/shown/settings", { filterableAttributes: ["kind"], embedders: {} });
    await miroir.write("POST", "/indexes/shown/documents?primaryKey=id", [
      { id: "a", kind: "k", _miroir_expires_at: time },
      { id: "b", kind: "k", _miroir_expires_at: null },
    ]);
    const stored = (await Promise.all(miroir.nodes.map((node) => storedOn(node, "shown")))).flat();
    expect(stored.find(({ id }) => id === "a")?.["_miroir_expires_at"]).toBe(encodeExpiry(time));

    const digits = String(time);
    const prefixes = Array.from(digits, (_unused, i) => digits.slice(0, i + 1));
    const queries = [...prefixes, ...Array.from({ length: 10 }, (_unused, digit) => `${digit}`), encodeExpiry(time)];
    for (const q of queries) {
      const { body } = await miroir.request("POST", "/indexes/shown/search", { q, matchingStrategy: "all" });
      // A query of separators alone is none.
      expect({ q, hits: body.hits.length }).toEqual({ q, hits: q === encodeExpiry(time) ? 2 : 0 });
    }
    for (const filter of [
      "_miroir_expires_at > 0",
      "_miroir_expires_at EXISTS",
      `_miroir_expires_at = "${encodeExpiry(time)}"`,
    ]) {
      const answer = await miroir.request("POST", "/indexes/shown/documents/fetch", { filter });
      expect(answer.body.code).toBe("invalid_document_filter");
      expect(answer.text).toContain("Attribute `_miroir_expires_at` is not filterable");
      const deleted = await miroir.request("POST", "/indexes/shown/documents/delete", { filter });
      expect(deleted.status).toBe(202);
    }
    const shown = [
      await miroir.request("GET", "/indexes/shown/documents"),
      await miroir.request("GET", "/indexes/shown/documents/a"),
      await miroir.request("POST", "/indexes/shown/search", {
        attributesToHighlight: ["*"],
        showMatchesPosition: true,
      }),
      await miroir.request("POST", "/indexes/shown/search", { facets: ["*"] }),
      await miroir.request("POST", "/multi-search", { federation: {}, queries: [{ indexUid: "shown" }] }),
      await miroir.request("GET", "/indexes/shown/settings"),
      await miroir.request("GET", "/indexes/shown/settings/filterable-attributes"),
      await miroir.request("GET", "/indexes/shown/stats"),
      await miroir.request("GET", "/stats"),
      await miroir.request("POST", "/indexes/shown/fields", {}),
    ];
    for (const { status, text } of shown) {
      expect(status).toBe(200);
      expect(text).not.toContain("_miroir");
    }
    expect(await shownIds(miroir, "shown")).toHaveLength(2);
  });

  test("what says no time is refused as a whole, with place, field and value", async () => {
    for (const value of ['"tomorrow"', "-5", "1.5", "[1]", "true", "1e99"]) {
      const answer = await miroir.request(
        "POST",
        "/indexes/refused/documents?primaryKey=id",
        `[{"id":1},{"id":2,"_miroir_expires_at":${value}}]`,
      );
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe("miroir_invalid_expiry");
      expect(answer.body.message).toContain(`\`_miroir_expires_at\``);
      expect(answer.body.message).toContain(`is \`${value}\``);
      expect(answer.body.message).toContain("position 1");
    }
    expect((await miroir.request("GET", "/indexes/refused")).status).toBe(404);
    const lines = await fetch(`${miroir.url}/indexes/refused/documents?primaryKey=id`, {
      method: "POST",
      headers: { authorization: `Bearer ${miroir.masterKey}`, "content-type": "text/csv" },
      body: `id:number,_miroir_expires_at:number\n1,1\n2,${Date.now() + YEAR_MS}\n3,\n`,
    });
    expect(lines.status).toBe(202);
    await until(miroir, "the lines are there", async () => (await shownIds(miroir, "refused")).includes(3));
    await untilGone(miroir, "refused", [1]);
    expect(await shownIds(miroir, "refused")).toEqual([2, 3]);
  });

  test("a node that was away gets the deletion", async () => {
    const away = miroir.nodes[1]!;
    const late = Date.now() + 4_000;
    const many = Array.from({ length: 40 }, (_unused, id) => ({ id, _miroir_expires_at: id < 20 ? late : null }));
    await miroir.write("POST", "/indexes/late/documents?primaryKey=id", many);
    await away.kill();
    // Of shards that have lost an owner nothing is deleted meanwhile: that would not reach its quorum.
    await Bun.sleep(Math.max(0, late - Date.now()) + 2_000);
    await away.restart();
    await untilGone(
      miroir,
      "late",
      many.flatMap(({ id }) => (id < 20 ? [id] : [])),
    );
    const left = (await idsOnNodes(miroir, "late")).toSorted((a, b) => a - b);
    expect(left).toEqual(many.flatMap(({ id }) => (id < 20 ? [] : [id, id])));
  });
});

describe("where no sweep runs", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    const config = "  ttl: { enabled: true, sweep_interval_s: 100000 }\n";
    miroir = await startMiroir({ nodes: 2, replicationFactor: 2, shards: 4, config });
  });
  afterAll(() => miroir.stop());

  test("an index gets numbers of its own, for good, and is swept by them", async () => {
    const headers = { "x-admin-key": miroir.adminKey };
    const path = "/_miroir/indexes/logs/ttl-policy";
    const ask = (method: string, body?: unknown) => miroir.request(method, path, body, headers);
    expect((await ask("GET")).body.code).toBe("index_not_found");
    await miroir.write("POST", "/indexes/logs/documents?primaryKey=id", [{ id: 1, _miroir_expires_at: 1 }, { id: 2 }]);
    expect((await ask("GET")).body).toMatchObject({ sweep_interval_s: 100_000, max_deletes_per_sweep: 10_000 });
    for (const wrong of [
      { sweep_interval_s: 0 },
      { sweep_interval_s: "1" },
      { other: 1 },
      [],
      { max_deletes_per_sweep: 1.5 },
    ]) {
      expect((await ask("POST", wrong)).body.code).toBe("bad_request");
    }
    expect((await miroir.request("POST", path, { sweep_interval_s: 1 })).status).toBe(401);
    const changed = await ask("POST", { sweep_interval_s: 1, max_deletes_per_sweep: 5 });
    const own = { sweep_interval_s: 1, max_deletes_per_sweep: 5 };
    expect(changed.body).toEqual({ index: "logs", enabled: true, ...own, set_here: own });
    await miroir.terminate();
    await miroir.start();
    expect((await ask("GET")).body.set_here).toEqual(own);
    await untilGone(miroir, "logs", [1]);
    const back = await ask("POST", { sweep_interval_s: null });
    expect(back.body).toMatchObject({
      sweep_interval_s: 100_000,
      set_here: { sweep_interval_s: null, max_deletes_per_sweep: 5 },
    });
    const child = Bun.spawn(
      [process.execPath, MAIN, "ctl", "ttl", "set", "logs", "--max-deletes", "default", "--json"],
      {
        env: { ...process.env, MIROIR_URL: miroir.url, MIROIR_ADMIN_API_KEY: miroir.adminKey },
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const [out, code] = await Promise.all([child.stdout.text(), child.exited]);
    expect({ code, out: JSON.parse(out) }).toMatchObject({ code: 0, out: { max_deletes_per_sweep: 10_000 } });
  });

  test("comparing replicas deletes what has expired on whichever node has it, and brings what has not", async () => {
    await miroir.write("POST", "/indexes/films/documents?primaryKey=id", [
      { id: 1, _miroir_expires_at: Date.now() + 2_000 },
      { id: 2, _miroir_expires_at: Date.now() + YEAR_MS },
    ]);
    const [left, right] = miroir.nodes as [TestNode, TestNode];
    await runTask(right, "POST", "/indexes/films/documents/delete-batch", [1, 2]);
    await Bun.sleep(2_000);
    const headers = { "x-admin-key": miroir.adminKey };
    expect((await miroir.request("POST", "/_miroir/verify", { repair: true }, headers)).status).toBe(202);
    const ids = async (node: TestNode) => (await storedOn(node, "films")).map(({ id }) => id);
    await until(miroir, "both have the one that lives", async () => {
      const both = await Promise.all([ids(left), ids(right)]);
      return both.every((held) => held.join() === "2");
    });
  });
});
