/** Statistics over real nodes: every document once, whatever the number of copies, and nothing of Miroir's. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { encodeSequence, encodeShard } from "../../../src/core/markers/codec.ts";
import { shardOf } from "../../../src/core/routing/shard-of.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { getIndex } from "../../../src/services/indexes/list-indexes.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { fleetStats } from "../../../src/services/stats/fleet-stats.ts";
import { indexStats } from "../../../src/services/stats/index-stats.ts";
import { listFields } from "../../../src/services/stats/list-fields.ts";
import { showIndexStats } from "../../../src/services/stats/show-stats.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../../support/nodes.ts";
import { createSmallFleet, type SmallFleet } from "../indexes/small-fleet.ts";

setDefaultTimeout(60_000);

const DOCUMENTS = 60;
const SHARDS = 16;
let nodes: TestNode[];
let single: TestNode;

beforeAll(async () => {
  const started = await startNodes(4);
  nodes = started.slice(0, 3);
  single = started[3] as TestNode;
  await runTask(single, "POST", "/indexes/plain/documents?primaryKey=id", documents());
}, 60_000);
afterAll(() => Promise.all([...nodes, single].map((node) => node.stop())));

function documents(): { id: number; [field: string]: unknown }[] {
  return Array.from({ length: DOCUMENTS }, (_, id) => ({
    id,
    title: `title ${id}`,
    ...(id % 3 === 0 ? { price: id } : {}),
    ...(id % 20 === 0 ? { nested: { inner: id } } : {}),
  }));
}

async function filled(uid: string, replicationFactor: number): Promise<SmallFleet> {
  const clients = clientsOf(nodes);
  const fleet = createSmallFleet({ clients, replicationFactor, shards: SHARDS });
  await fleet.end(await createIndex(fleet.deps, { uid, primaryKey: "id" }));
  const map = fleet.deps.fleet.shardMap(SHARDS);
  const fill = async (node: TestNode, place: number): Promise<void> => {
    const own = documents()
      .map((document) => ({ document, shard: shardOf(String(document.id), SHARDS) }))
      .filter(({ shard }) => map.shardsOf.get(`n${place}`)?.includes(shard) === true)
      .map(({ document, shard }) => ({
        ...document,
        _miroir_shard: encodeShard(shard),
        _miroir_seq: encodeSequence(BigInt(document.id)),
      }));
    if (own.length > 0) await runTask(node, "POST", `/indexes/${uid}/documents`, own);
  };
  await Promise.all(nodes.map(fill));
  return fleet;
}

for (const replicationFactor of [1, 2, 3]) {
  test(`with ${replicationFactor} copies every document, field and nothing else is counted once`, async () => {
    const uid = `counted_${replicationFactor}`;
    const fleet = await filled(uid, replicationFactor);
    const plain = (await nodeRequest(single, "GET", "/indexes/plain/stats")).body;
    const { stats, missingShards } = await indexStats(fleet.deps, uid);
    expect(missingShards).toEqual([]);
    expect(stats.numberOfDocuments).toBe(DOCUMENTS);
    expect(stats.fieldDistribution).toEqual(plain.fieldDistribution);
    expect(stats.avgDocumentSize).toBeGreaterThan(0);
    expect(Object.keys(showIndexStats(stats, { human: false, internalSizes: false }))).toEqual(Object.keys(plain));
    const all = await fleetStats(fleet.deps, (one) => one === uid);
    expect(all.stats.indexes[uid]?.numberOfDocuments).toBe(DOCUMENTS);
    expect(Object.keys(all.stats.indexes)).toEqual([uid]);
    expect(Date.parse(all.stats.lastUpdate ?? "")).toBeGreaterThan(0);
    await fleet.close();
  });
}

test("sizes are those of one copy, with a node away as well, and the newest update is that of what the caller sees", async () => {
  const once = await filled("sized_once", 1);
  const thrice = await filled("sized_thrice", 3);
  const none = (): boolean => false;
  const sizes = await Promise.all([once, thrice].map((fleet) => fleetStats(fleet.deps, none)));
  const sums = await Promise.all(nodes.map((node) => nodeRequest(node, "GET", "/stats")));
  const sum = sums.reduce((total, { body }) => total + body.databaseSize, 0);
  expect(sizes.map(({ stats }) => stats.databaseSize)).toEqual([sum, Math.round(sum / 3)]);
  expect(sizes.map(({ stats }) => [stats.lastUpdate, stats.indexes])).toEqual([
    [null, {}],
    [null, {}],
  ]);
  thrice.away.add("n1");
  const rest = sum - (sums[1]?.body.databaseSize as number);
  expect((await fleetStats(thrice.deps, none)).stats.databaseSize).toBe(Math.round(rest / 2));
  await runTask(nodes[2] as TestNode, "POST", "/indexes/sized_once/documents", [{ id: 1 }]);
  const seen = (await fleetStats(once.deps, (uid) => uid === "sized_once")).stats.lastUpdate;
  expect(seen).toBe((await nodeRequest(nodes[2] as TestNode, "GET", "/indexes/sized_once")).body.updatedAt);
  expect((await getIndex(once.deps, "sized_once")).updatedAt).toBe(seen ?? "");
  await Promise.all([once.close(), thrice.close()]);
});

test("with a node away the documents are still all counted when they have another copy, and missed otherwise", async () => {
  const two = await filled("copies", 2);
  two.away.add("n1");
  const counted = await indexStats(two.deps, "copies");
  expect(counted).toMatchObject({ missingShards: [], stats: { numberOfDocuments: DOCUMENTS } });
  await two.close();
  const one = await filled("alone", 1);
  one.away.add("n1");
  const partial = await indexStats(one.deps, "alone");
  expect(partial.missingShards).toEqual([...(one.deps.fleet.shardMap(SHARDS).shardsOf.get("n1") ?? [])]);
  expect(partial.stats.numberOfDocuments).toBeLessThan(DOCUMENTS);
  await one.close();
});

test("fields are the union of the nodes', without Miroir's, and with the client's view of what is displayed", async () => {
  const uid = "fields";
  const fleet = await filled(uid, 1);
  const settings = { displayedAttributes: ["title", "nested"], filterableAttributes: ["price"] };
  await fleet.end(await changeSettings(fleet.deps, { uid, patch: settings, single: null, mayCreate: false }));
  await runTask(single, "PATCH", "/indexes/plain/settings", settings);
  for (const body of [
    {},
    { offset: 1, limit: 2 },
    { filter: { displayed: true } },
    { filter: { displayed: false, filterable: true } },
    { filter: { attributePatterns: ["n*"] } },
  ]) {
    const plain = await nodeRequest(single, "POST", "/indexes/plain/fields", body);
    expect(await listFields(fleet.deps, uid, JSON.stringify(body), body)).toEqual(plain.body);
  }
  const refused: unknown = await listFields(fleet.deps, uid, '{"limit":"x"}', { limit: "x" }).catch((e: unknown) => e);
  expect(refused).toMatchObject({ status: 400, code: "invalid_index_limit" });
  await fleet.close();
});

test("sizes for people are written as the engine writes them", () => {
  const stats = { numberOfDocuments: 1, isIndexing: false, fieldDistribution: {} };
  const shown = (bytes: number): unknown =>
    showIndexStats({ ...stats, rawDocumentDbSize: bytes, avgDocumentSize: 0 }, { human: true, internalSizes: false })[
      "rawDocumentDbSize"
    ];
  expect([0, 1023, 1357, 4096, 319_488, 1_610_612_736].map(shown)).toEqual([
    "0 B",
    "1023 B",
    "1.33 KiB",
    "4 KiB",
    "312 KiB",
    "1.5 GiB",
  ]);
});
