import { describe, expect, test } from "bun:test";

import type { IndexEntry } from "../../../../src/core/catalog/index-entry.ts";
import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import { mergeDocuments, readDocumentsAnswer, renderDocument } from "../../../../src/core/merge/merge-documents.ts";
import type { ShardMap } from "../../../../src/core/routing/shard-map.ts";
import { readDocumentsRequest } from "../../../../src/core/search/documents-request.ts";
import { planDocuments, type DocumentsPlan } from "../../../../src/core/search/plan-documents.ts";
import { planSearch } from "../../../../src/core/search/plan-search.ts";
import { nodeBody } from "../../../../src/core/search/search-plan.ts";
import { readSearchRequest, type SearchRequest } from "../../../../src/core/search/search-request.ts";

const map: ShardMap = {
  epoch: 1,
  shards: 2,
  owners: [[["a"], ["b"]]],
  shardsOf: new Map([
    ["a", [0]],
    ["b", [1]],
  ]),
};
const sequence: IndexEntry = {
  uid: "i",
  primaryKey: "id",
  shards: 2,
  state: "ready",
  settingsVersion: 1,
  settings: {},
  createdAt: 0,
  updatedAt: 0,
};
const node: IndexEntry = { ...sequence, tieBreak: "node" };
const common = { map, group: 0, permitted: () => true, pinnedKeysMax: 0 };

function searchBody(entry: IndexEntry, body: object): Record<string, unknown> {
  const { request } = readSearchRequest(body) as { readonly request: SearchRequest };
  const planned = planSearch({ request, entry, forced: [], ...common });
  if (planned.kind !== "plan") throw new TypeError(planned.message);
  const { plan } = planned;
  return JSON.parse(nodeBody(plan.query, plan.cover.parts[0]!)) as Record<string, unknown>;
}

function documentsPlan(entry: IndexEntry, body: object): DocumentsPlan {
  return planDocuments({ request: readDocumentsRequest(body)!, entry, ...common });
}

function documentsBody(entry: IndexEntry, body: object): Record<string, unknown> {
  const plan = documentsPlan(entry, body);
  const asked = { keysOnly: false, knowsPoints: true, paging: { offset: 0, limit: 5 } };
  return JSON.parse(plan.body(plan.cover.parts[0]!, asked)) as Record<string, unknown>;
}

describe("while nodes may be without the hidden rule", () => {
  test("a search reads the place of every hit, whatever the client retrieves", () => {
    const body = { q: "x", attributesToRetrieve: ["title"] };
    expect(searchBody(sequence, body)["attributesToRetrieve"]).toEqual(["title"]);
    expect(searchBody(node, body)["attributesToRetrieve"]).toEqual(["title", "_miroir_seq"]);
    expect(searchBody(node, { q: "x" })).not.toHaveProperty("attributesToRetrieve");
  });

  test("a list of documents is not sorted by it, and reads it", () => {
    expect(documentsBody(sequence, { fields: ["title"] })).toMatchObject({ sort: ["_miroir_seq:asc"] });
    expect(documentsBody(node, { fields: ["title"] })).toEqual({
      fields: ["title", "_miroir_seq"],
      offset: 0,
      limit: 5,
    });
    expect(documentsBody(node, { fields: ["title"], sort: ["price:desc"] })).toMatchObject({
      sort: ["price:desc"],
      fields: ["title", "_miroir_seq", "price"],
    });
    expect(documentsBody(node, {})).toEqual({ offset: 0, limit: 5 });
  });

  test("documents that sort equal stand in the order of insertion between nodes", () => {
    const answerOf = (...ids: readonly number[]) =>
      readDocumentsAnswer(
        JSON.stringify({
          results: ids.map((id) => ({
            id,
            _miroir_seq: encodeSequence(BigInt(id)),
            _federation: { weightedScoreValues: [{ sort: { asc: true, value: 7 } }] },
          })),
          offset: 0,
          limit: 9,
          total: ids.length,
        }),
      )!;
    const { order } = documentsPlan(node, { sort: ["price:asc"] });
    const merged = mergeDocuments([answerOf(2, 3, 9), answerOf(1, 4)], order, 0, 9);
    if (merged.kind !== "merged") throw new TypeError("these are answers");
    expect(merged.page.map(({ hit }) => renderDocument(hit, order))).toEqual(
      [1, 2, 3, 4, 9].map((id) => `{"id":${id}}`),
    );
  });
});
