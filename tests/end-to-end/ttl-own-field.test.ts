/** A fleet that was without expiry and gets it: what changes on the nodes, and documents that say it in a field of their own. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { encodeExpiry } from "../../src/core/markers/expiry.ts";
import { restEmbedder, startEmbeddingServer } from "../support/embedding-server.ts";
import { shownIds, storedOn, until, untilGone, type Fields } from "../support/expiring.ts";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";
import { nodeRequest, realEnginePath, startNodes } from "../support/nodes.ts";

setDefaultTimeout(180_000);

const YEAR_MS = 365 * 86_400_000;

describe.skipIf(realEnginePath() === null)("in a field of the documents' own, on a fleet that has been without", () => {
  let miroir: TestMiroir;
  beforeAll(async () => {
    miroir = await startMiroir({ nodes: 2, replicationFactor: 2, shards: 4 });
  });
  afterAll(() => miroir.stop());

  test("indexes get what they need, the field stays the client's, and functions may change it", async () => {
    const write = (method: string, body: unknown) =>
      miroir.write(method, "/indexes/films/documents?primaryKey=id", body);
    await miroir.write("PATCH", "/indexes/films/settings", { filterableAttributes: ["ends"] });
    await miroir.request("PATCH", "/experimental-features", { editDocumentsByFunction: true });
    // Nothing is special about either field so far.
    await write("POST", [{ id: 1, ends: "never", _miroir_expires_at: "plain" }]);
    const plain = await miroir.request("GET", "/indexes/films/documents/1");
    expect(plain.body).toEqual({ id: 1, ends: "never", _miroir_expires_at: "plain" });

    await miroir.terminate();
    const file = `${miroir.directory}/miroir.yaml`;
    const config = await Bun.file(file).text();
    await Bun.write(file, `${config}\n  ttl: { enabled: true, sweep_interval_s: 1, expires_at_field: ends }\n`);
    await miroir.start();

    const later = Date.now() + YEAR_MS;
    await write(
      "POST",
      Array.from({ length: 8 }, (_unused, i) => ({ id: i + 2, n: i + 2, ends: later })),
    );
    const reserved = await miroir.request("POST", "/indexes/films/documents", [{ id: 20, _miroir_expires_at: 5 }]);
    expect(reserved.body.code).toBe("miroir_reserved_field");
    const wrong = await miroir.request("POST", "/indexes/films/documents", [{ id: 20, ends: "never" }]);
    expect(wrong.body.code).toBe("miroir_invalid_expiry");

    const edit = (body: Fields) => miroir.write("POST", "/indexes/films/documents/edit", body);
    const [second, third, fourth, fifth] = await Promise.all([
      edit({ function: `if doc.id == 2 { doc.ends = ${later + YEAR_MS}; }` }),
      edit({ function: "if doc.id == 3 { doc.ends = (); }" }),
      edit({ function: 'if doc.id == 4 { return; } if doc.id == 5 { doc.remove("ends"); }' }),
      edit({ function: 'if doc.id == 6 { doc.ends = "tomorrow"; }' }),
    ]);
    expect([second.status, third.status, fourth.status, fifth.status]).toEqual([
      "succeeded",
      "succeeded",
      "succeeded",
      "failed",
    ]);
    expect(fifth.error.message).toContain("The field `ends` says when a document expires");
    await edit({ function: "doc.seen = true; if doc.id > 6 { doc.ends = doc.id; return; }" });

    await untilGone(miroir, "films", [7, 8, 9]);
    expect(await shownIds(miroir, "films")).toEqual([1, 2, 3, 4, 5, 6]);
    const marker = async (id: number) =>
      (await nodeRequest(miroir.nodes[0]!, "GET", `/indexes/films/documents/${id}`)).body._miroir_expires_at;
    expect(await Promise.all([2, 3, 4, 5, 6].map(marker))).toEqual([
      encodeExpiry(later + YEAR_MS),
      undefined,
      encodeExpiry(later),
      undefined,
      encodeExpiry(later),
    ]);
    expect((await miroir.request("GET", "/indexes/films/documents/2")).body).toEqual({
      id: 2,
      n: 2,
      ends: later + YEAR_MS,
      seen: true,
    });
    const found = await miroir.request("POST", "/indexes/films/search", { filter: `ends = ${later + YEAR_MS}` });
    expect(found.body.hits).toHaveLength(1);
    expect((await miroir.request("GET", "/indexes/films/settings/filterable-attributes")).body).toEqual(["ends"]);
    const { body } = await miroir.request("GET", "/tasks?types=documentDeletion");
    expect(body.results[0].details.originalFilter).toMatch(/^"ends <= \d+"$/);

    // Switched off it leaves nothing that a client would see, and nothing goes any more.
    await miroir.terminate();
    await Bun.write(file, config);
    await miroir.start();
    const first = async () => {
      const settings = await Promise.all(
        miroir.nodes.map((node) => nodeRequest(node, "GET", "/indexes/films/settings")),
      );
      return settings.map(({ body: of }) => of.filterableAttributes[0].attributePatterns);
    };
    await until(miroir, "the attribute is gone", async () =>
      (await first()).every((patterns) => !patterns.includes("_miroir_expires_at")),
    );
    await write("POST", [{ id: 10, ends: 1, _miroir_expires_at: 1 }]);
    await Bun.sleep(2_000);
    expect(await shownIds(miroir, "films")).toEqual([1, 2, 3, 4, 5, 6, 10]);
    const all = await miroir.request("GET", "/indexes/films/documents");
    expect(all.body.results.filter((one: Fields) => "_miroir_expires_at" in one).map(({ id }: Fields) => id)).toEqual([
      1, 10,
    ]);
  });
});

describe.skipIf(realEnginePath() === null)("what is embedded", () => {
  test("does not contain the marker, also of an index from before", async () => {
    const server = startEmbeddingServer();
    const nodes = await startNodes(2, { extraArgs: ["--experimental-allowed-ip-networks", "127.0.0.0/8"] });
    const miroir = await startMiroir({ use: nodes, replicationFactor: 2, shards: 4 });
    try {
      await miroir.write("POST", "/indexes", { uid: "films", primaryKey: "id" });
      await miroir.write("PATCH", "/indexes/films/settings", { embedders: { own: restEmbedder(server) } });
      await miroir.terminate();
      const file = `${miroir.directory}/miroir.yaml`;
      await Bun.write(file, `${await Bun.file(file).text()}\n  ttl: { enabled: true }\n`);
      await miroir.start();
      const templates = async () => {
        const shown = await Promise.all(nodes.map((node) => nodeRequest(node, "GET", "/indexes/films/settings")));
        return shown.map(({ body }) => String(body.embedders.own.documentTemplate));
      };
      await until(miroir, "nodes leave the marker out", async () =>
        (await templates()).every((template) => template.includes("_miroir_expires_at")),
      );
      const expires = Date.now() + YEAR_MS;
      await miroir.write("POST", "/indexes/films/documents", [
        { id: 1, title: "embedded", _miroir_expires_at: expires },
      ]);
      expect(server.texts.length).toBeGreaterThan(0);
      expect(new Set(server.texts)).toEqual(new Set(["id: 1\ntitle: embedded\n"]));
      const settings = await miroir.request("GET", "/indexes/films/settings");
      expect(settings.text).not.toContain("_miroir");
    } finally {
      await miroir.stop();
      await server.stop();
    }
  });
});

describe.skipIf(realEnginePath() === null)("a function, under the name of the marker,", () => {
  test("does not see when a document expires, and may say it", async () => {
    const miroir = await startMiroir({
      nodes: 2,
      replicationFactor: 2,
      shards: 4,
      config: "  ttl: { enabled: true }\n",
    });
    try {
      const time = Date.now() + YEAR_MS;
      await miroir.request("PATCH", "/experimental-features", { editDocumentsByFunction: true });
      const all = [1, 2, 3, 4].map((id) => ({ id, _miroir_expires_at: time }));
      await miroir.write("POST", "/indexes/films/documents?primaryKey=id", all);
      const code = [
        'doc.seen = "_miroir_expires_at" in doc;',
        `if doc.id == 2 { doc._miroir_expires_at = ${time + 1}; }`,
        "if doc.id == 3 { doc._miroir_expires_at = (); }",
        "if doc.id == 4 { return; }",
      ];
      const edit = (text: string) => miroir.write("POST", "/indexes/films/documents/edit", { function: text });
      expect((await edit(code.join(" "))).status).toBe("succeeded");
      const wrong = await edit('if doc.id == 1 { doc["_miroir_expires_at"] = -1; }');
      expect(wrong.status).toBe("failed");
      const stored = await Promise.all(miroir.nodes.map((node) => storedOn(node, "films")));
      const marker = (id: number) => stored.map((held) => held.find((one) => one["id"] === id)?.["_miroir_expires_at"]);
      expect([1, 2, 3, 4].flatMap(marker)).toEqual(
        [encodeExpiry(time), encodeExpiry(time + 1), undefined, encodeExpiry(time)].flatMap((one) => [one, one]),
      );
      expect(stored.flat().every(({ seen }) => seen === false)).toBe(true);
    } finally {
      await miroir.stop();
    }
  });
});
