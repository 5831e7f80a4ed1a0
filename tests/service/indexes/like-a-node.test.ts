/**
 * The same requests to a plain node and to the router over three: indexes, settings, keys, statistics and features
 * answer with the same status and body, and their tasks end alike. Times, uids and sizes are a matter of their own.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";

import { startMiroir, type TestMiroir, waitForEnd } from "../../support/miroir.ts";
import { type NodeAnswer, nodeRequest, startNode, type TestNode } from "../../support/nodes.ts";

let plain: TestNode;
let miroir: TestMiroir;

beforeAll(async () => {
  [plain, miroir] = await Promise.all([startNode(), startMiroir({ nodes: 3, shards: 8 })]);
}, 60_000);
afterAll(() => Promise.all([plain?.stop(), miroir?.stop()]));

type Step = readonly [method: string, path: string, body?: unknown, contentType?: string];

/** What every run gives anew, or counts in bytes. */
const VARIES = /^(?:createdAt|updatedAt|enqueuedAt|startedAt|finishedAt|duration|taskUid|uid_|key|lastUpdate)$/;
const SIZES = /^(?:rawDocumentDbSize|avgDocumentSize|databaseSize|usedDatabaseSize|internalDatabaseSizes)$/;

function steady(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, one: unknown) => {
      if (VARIES.test(name) || SIZES.test(name)) return typeof one;
      return name === "uid" && /^[0-9a-f-]{36}$/.test(String(one)) ? "uuid" : one;
    }),
  ) as unknown;
}

async function send(target: { url: string; masterKey: string }, step: Step): Promise<NodeAnswer> {
  const [method, path, body, contentType] = step;
  return nodeRequest(target, method, path, body, contentType === undefined ? {} : { "content-type": contentType });
}

/** Both answers, and the end of both tasks if there are any. */
async function same(step: Step): Promise<void> {
  const [left, right] = await Promise.all([send(plain, step), send(miroir, step)]);
  const what = `${step[0]} ${step[1]} ${JSON.stringify(step[2])}`;
  expect([what, right.status, steady(right.body)]).toEqual([what, left.status, steady(left.body)]);
  if (left.body?.taskUid === undefined) return;
  const [a, b] = await Promise.all([waitForEnd(plain, left.body.taskUid), waitForEnd(miroir, right.body.taskUid)]);
  expect([what, outcome(b)]).toEqual([what, outcome(a)]);
}

// oxlint-disable-next-line typescript/no-explicit-any
function outcome(task: any): unknown {
  const { status, type, indexUid, details, error, canceledBy } = task;
  return steady({ status, type, indexUid, details, error, canceledBy });
}

const stories: Readonly<Record<string, readonly Step[]>> = {
  "the life of an index": [
    ["GET", "/indexes"],
    ["POST", "/indexes", { uid: "books", primaryKey: "id" }],
    ["POST", "/indexes", { uid: "books" }],
    ["GET", "/indexes/books"],
    ["GET", "/indexes?limit=1&offset=0"],
    ["PATCH", "/indexes/books", { primaryKey: "isbn" }],
    ["PATCH", "/indexes/books", {}],
    ["GET", "/indexes/books/stats"],
    ["PATCH", "/indexes/books", { uid: "novels" }],
    ["GET", "/indexes/books"],
    ["POST", "/indexes", { uid: "films" }],
    ["POST", "/swap-indexes", [{ indexes: ["novels", "films"] }]],
    ["GET", "/indexes/films"],
    ["POST", "/swap-indexes", [{ indexes: ["novels", "nobody"] }]],
    ["POST", "/swap-indexes", [{ indexes: ["novels", "poems"], rename: true }]],
    ["POST", "/swap-indexes", []],
    ["GET", "/indexes"],
    ["DELETE", "/indexes/poems"],
    ["DELETE", "/indexes/films"],
    ["DELETE", "/indexes/films"],
    ["PATCH", "/indexes/films", { primaryKey: "x" }],
    ["GET", "/stats"],
  ],
  "refused requests about indexes": [
    ["POST", "/indexes", {}],
    ["POST", "/indexes", { uid: "not ok" }],
    ["POST", "/indexes", { uid: 5 }],
    ["POST", "/indexes", { uid: "a", primaryKey: 5 }],
    ["POST", "/indexes", { uid: "a", other: 1 }],
    ["POST", "/indexes", []],
    ["POST", "/indexes", "{"],
    ["POST", "/indexes", "{}", "text/plain"],
    ["PATCH", "/indexes/a", { createdAt: "2020-01-01" }],
    ["PATCH", "/indexes/a", { uid: "not ok" }],
    ["GET", "/indexes/not%20ok"],
    ["DELETE", "/indexes/not%20ok"],
    ["GET", "/indexes/nobody"],
    ["GET", "/indexes?limit=x"],
    ["GET", "/indexes?foo=1"],
    ["POST", "/swap-indexes", [{ indexes: ["a"] }]],
    ["POST", "/swap-indexes", [{ indexes: ["a", "a"] }]],
    ["POST", "/swap-indexes", [{ indexes: ["a", "not ok"] }]],
    ["POST", "/swap-indexes", [{ rename: true }]],
    ["POST", "/swap-indexes", { indexes: ["a", "b"] }],
  ],
  "settings, whole and one by one": [
    ["PUT", "/indexes/shop/settings/filterable-attributes", ["genre", { attributePatterns: ["price"] }]],
    ["GET", "/indexes/shop/settings"],
    ["PATCH", "/indexes/shop/settings", { sortableAttributes: ["b", "a", "a"], displayedAttributes: ["a"] }],
    ["PATCH", "/indexes/shop/settings/faceting", { maxValuesPerFacet: 7 }],
    ["PATCH", "/indexes/shop/settings/typo-tolerance", { minWordSizeForTypos: { oneTypo: 4 } }],
    ["PUT", "/indexes/shop/settings/ranking-rules", ["words", "price:desc"]],
    ["PUT", "/indexes/shop/settings/distinct-attribute", "sku"],
    ["PUT", "/indexes/shop/settings/search-cutoff-ms", 150],
    ["GET", "/indexes/shop/settings"],
    ["GET", "/indexes/shop/settings/faceting"],
    ["GET", "/indexes/shop/settings/displayed-attributes"],
    ["GET", "/indexes/shop/settings/sortable-attributes"],
    ["GET", "/indexes/shop/settings/ranking-rules"],
    ["GET", "/indexes/shop/settings/filterable-attributes"],
    ["PUT", "/indexes/shop/settings/sortable-attributes", null],
    ["DELETE", "/indexes/shop/settings/ranking-rules"],
    ["DELETE", "/indexes/shop/settings/displayed-attributes"],
    ["PATCH", "/indexes/shop/settings", { typoTolerance: { minWordSizeForTypos: { oneTypo: 99 } } }],
    ["GET", "/indexes/shop/settings"],
    ["DELETE", "/indexes/shop/settings"],
    ["GET", "/indexes/shop/settings"],
    ["POST", "/indexes/shop/fields", {}],
    ["DELETE", "/indexes/nobody/settings"],
    ["DELETE", "/indexes/nobody/settings/stop-words"],
    ["GET", "/indexes/nobody/settings"],
    ["GET", "/indexes/nobody/settings/stop-words"],
  ],
  "refused settings": [
    ["PATCH", "/indexes/shop/settings", null],
    ["PATCH", "/indexes/shop/settings", []],
    ["PATCH", "/indexes/shop/settings", { stopWord: [] }],
    ["PATCH", "/indexes/shop/settings", { filterableAttributes: ["a", { attributePattern: [] }] }],
    ["PUT", "/indexes/shop/settings/filterable-attributes", ["a", 5]],
    ["PUT", "/indexes/shop/settings/displayed-attributes", "a"],
    ["PUT", "/indexes/shop/settings/ranking-rules", ["attribute", "attributeRank"]],
    ["PATCH", "/indexes/shop/settings/faceting", { maxValuesPerFacet: "5" }],
    ["PATCH", "/indexes/shop/settings/pagination", { maxTotalHits: 0 }],
    ["PATCH", "/indexes/shop/settings/embedders", { e: { source: "ollama" } }],
    ["PATCH", "/indexes/shop/settings", { foreignKeys: [] }],
    ["PATCH", "/indexes/not%20ok/settings", {}],
    ["PATCH", "/indexes/shop/settings", "{}", "text/plain"],
    ["PUT", "/indexes/shop/settings/stop-words", ""],
  ],
  "keys and features": [
    [
      "POST",
      "/keys",
      { uid: "6062abda-a5aa-4414-ac91-ecd7944c0f8d", actions: ["search"], indexes: ["*"], expiresAt: null },
    ],
    [
      "POST",
      "/keys",
      { uid: "6062abda-a5aa-4414-ac91-ecd7944c0f8d", actions: ["search"], indexes: ["*"], expiresAt: null },
    ],
    ["POST", "/keys", { name: "n", actions: ["documents.*"], indexes: ["a*"], expiresAt: "2999-01-01" }],
    ["GET", "/keys"],
    ["GET", "/keys?limit=1&offset=1"],
    ["PATCH", "/keys/6062abda-a5aa-4414-ac91-ecd7944c0f8d", { description: "d" }],
    ["PATCH", "/keys/6062abda-a5aa-4414-ac91-ecd7944c0f8d", { actions: [] }],
    ["DELETE", "/keys/6062abda-a5aa-4414-ac91-ecd7944c0f8d"],
    ["DELETE", "/keys/6062abda-a5aa-4414-ac91-ecd7944c0f8d"],
    ["GET", "/keys/nobody"],
    ["POST", "/keys", { actions: ["nothing"] }],
    ["POST", "/keys", 5],
    ["GET", "/keys?limit=x"],
    ["GET", "/experimental-features"],
    ["PATCH", "/experimental-features", { containsFilter: true }],
    ["GET", "/experimental-features"],
    ["PATCH", "/experimental-features", { nothing: true }],
    ["PATCH", "/experimental-features", { containsFilter: false }],
  ],
  "refused questions about statistics": [
    ["GET", "/stats?sizeFormat=x"],
    ["GET", "/stats?showInternalDatabaseSizes=x"],
    ["GET", "/stats?x=1"],
    ["GET", "/indexes/nobody/stats"],
    ["POST", "/indexes/nobody/fields", {}],
    ["POST", "/indexes/shop/fields", { limit: "x" }],
    ["POST", "/indexes/shop/fields", { filter: { displayed: 1 } }],
    ["POST", "/indexes/shop/fields", { offset: null }],
  ],
};

for (const [name, story] of Object.entries(stories)) {
  test(
    name,
    async () => {
      for (const step of story) await same(step);
    },
    60_000,
  );
}
