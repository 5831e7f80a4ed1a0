/** The official JavaScript SDK as the client: nothing but the URL is changed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Meilisearch } from "meilisearch";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";

interface Film {
  id: number;
  title: string;
  genre: string;
  year: number;
}

const GENRES = ["Drama", "Comedy", "Crime"];
const films: Film[] = Array.from({ length: 1_000 }, (_unused, id) => ({
  id,
  title: `Film number ${id} about ${id % 2 === 0 ? "harbours" : "mountains"}`,
  genre: GENRES[id % 3] as string,
  year: 1950 + (id % 70),
}));

let miroir: TestMiroir;
let client: Meilisearch;

beforeAll(async () => {
  miroir = await startMiroir({ nodes: 3, replicationFactor: 2 });
  client = new Meilisearch({ host: miroir.url, apiKey: miroir.masterKey, defaultWaitOptions: { timeout: 60_000 } });
});
afterAll(() => miroir.stop());

test("a client's whole life with an index: create, add, search, facets, settings, delete", async () => {
  expect((await client.health()).status).toBe("available");
  expect(await client.isHealthy()).toBe(true);
  expect((await client.getVersion()).pkgVersion).toMatch(/^\d+\.\d+\.\d+$/);

  const created = await client.createIndex("films", { primaryKey: "id" }).waitTask();
  expect(created).toMatchObject({ status: "succeeded", type: "indexCreation", indexUid: "films" });
  expect(created.details).toEqual({ primaryKey: "id" });
  const index = client.index<Film>("films");
  expect(await index.fetchPrimaryKey()).toBe("id");

  const settings = await index
    .updateSettings({ filterableAttributes: ["genre", "year"], sortableAttributes: ["year"] })
    .waitTask();
  expect(settings).toMatchObject({ status: "succeeded", type: "settingsUpdate" });
  expect(await index.getFilterableAttributes()).toEqual(["genre", "year"]);
  expect(await index.getSortableAttributes()).toEqual(["year"]);
  expect(JSON.stringify(await index.getSettings())).not.toContain("_miroir");

  const added = await index.addDocuments(films).waitTask();
  expect(added).toMatchObject({ status: "succeeded", type: "documentAdditionOrUpdate", error: null });
  expect(added.details).toEqual({ receivedDocuments: 1_000, indexedDocuments: 1_000 });
  expect((await index.getStats()).numberOfDocuments).toBe(1_000);
  expect((await client.getStats()).indexes["films"]?.numberOfDocuments).toBe(1_000);

  const found = await index.search("harbours", { facets: ["genre"], limit: 7 });
  expect(found.hits.map((hit) => hit.id)).toEqual([0, 2, 4, 6, 8, 10, 12]);
  expect(found.estimatedTotalHits).toBe(500);
  expect(found.facetDistribution).toEqual({ genre: { Comedy: 166, Crime: 167, Drama: 167 } });
  expect(Object.keys(found.hits[0] ?? {}).sort()).toEqual(["genre", "id", "title", "year"]);

  const paged = await index.search("", {
    filter: "year > 2000 AND genre = Drama",
    sort: ["year:desc"],
    page: 2,
    hitsPerPage: 10,
  });
  const expected = films
    .filter((film) => film.year > 2000 && film.genre === "Drama")
    .sort((a, b) => b.year - a.year || a.id - b.id);
  expect(paged.totalHits).toBe(expected.length);
  expect(paged.hits.map((hit) => hit.id)).toEqual(expected.slice(10, 20).map((film) => film.id));

  expect(await index.getDocument(17)).toEqual(films[17] as Film);
  const listed = await index.getDocuments({ offset: 10, limit: 5 });
  expect(listed).toMatchObject({ total: 1_000, offset: 10, limit: 5 });
  expect(listed.results.map((film) => film.id)).toEqual([10, 11, 12, 13, 14]);

  await index.updateDocuments([{ id: 17, title: "Renamed" }]).waitTask();
  expect(await index.getDocument(17)).toEqual({ ...(films[17] as Film), title: "Renamed" });

  const deleted = await index.deleteDocument(17).waitTask();
  expect(deleted.details).toMatchObject({ deletedDocuments: 1 });
  expect(index.getDocument(17)).rejects.toThrow("not found");
  const many = await index.deleteDocuments({ filter: "genre = Crime" }).waitTask();
  expect(many.details).toMatchObject({ deletedDocuments: 332 });
  expect((await index.getStats()).numberOfDocuments).toBe(667);
  await index.deleteAllDocuments().waitTask();
  expect((await index.search("")).hits).toEqual([]);

  const listOfTasks = await client.tasks.getTasks({ indexUids: ["films"], limit: 3 });
  expect(listOfTasks.results).toHaveLength(3);
  expect(listOfTasks.results[0]?.type).toBe("documentDeletion");

  await client.deleteIndex("films").waitTask();
  expect(client.getIndex("films")).rejects.toThrow("not found");
  expect((await client.getIndexes()).results).toEqual([]);
});

test("an API key made through Miroir can do through Miroir what it could do on a node, and no more", async () => {
  await client.createIndex("open").waitTask();
  await client.createIndex("closed").waitTask();
  const key = await client.createKey({ actions: ["search"], indexes: ["open"], expiresAt: null });
  const limited = new Meilisearch({ host: miroir.url, apiKey: key.key });
  expect((await limited.index("open").search("")).hits).toEqual([]);
  expect(limited.index("closed").search("")).rejects.toThrow();
  expect(limited.createIndex("other")).rejects.toThrow();
  await client.deleteKey(key.uid);
  expect(limited.index("open").search("")).rejects.toThrow();
});
