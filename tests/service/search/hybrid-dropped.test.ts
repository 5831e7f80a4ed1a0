/** A hybrid search with a distinct attribute, a threshold, and a field that decides in front of nearness. */
import { expect, test } from "bun:test";

import { splitAnswer } from "../../../src/core/merge/answer-list.ts";
import { memberText, readHits, type Hit } from "../../../src/core/merge/hit-cursor.ts";
import { encodeSequence } from "../../../src/core/markers/codec.ts";
import { findHybridDropped } from "../../../src/services/search/hybrid-dropped.ts";
import { answered, unavailable } from "../../support/fake-node-client.ts";
import { createFleet, sentText, type Fleet } from "./fake-fleet.ts";

const owners = [[["a"], ["b"], ["a"], ["b"]]];
const parts = [
  { nodeId: "a", shards: [0, 2] },
  { nodeId: "b", shards: [1, 3] },
];
const plan = {
  query: {
    base: JSON.stringify({ q: "red", vector: [1], rankingScoreThreshold: 0.5, facets: ["tags"], offset: 0, limit: 3 }),
    withoutThreshold: null,
    filter: "year > 1990",
    forced: [],
  },
  merge: { threshold: { score: 0.5, asked: 9 } },
};

function document(id: number, price: number, near: number, sku?: string): object {
  return {
    id,
    ...(sku === undefined ? {} : { sku }),
    _miroir_seq: encodeSequence(BigInt(id)),
    _rankingScore: near,
    _rankingScoreDetails: {
      "price:desc": { order: 0, value: price },
      vectorSort: { order: 1, similarity: near },
      "_miroir_seq:asc": { order: 2, value: encodeSequence(BigInt(id)) },
    },
  };
}

const stored: Readonly<Record<string, readonly object[]>> = {
  a: [document(1, 60, 0.4), document(2, 50, 0.9), document(3, 30, 0.4)],
  b: [document(4, 55, 0.3), document(5, 45, 0.2), document(6, 40, 0.8, "x")],
};

function fleetOf(): Fleet {
  const fleet = createFleet({ owners });
  for (const [nodeId, hits] of Object.entries(stored)) {
    const answer = { hits, query: "red", processingTimeMs: 1, offset: 0, limit: 9, estimatedTotalHits: hits.length };
    fleet.nodes[nodeId]!.answerWith(() => answered(nodeId, answer));
  }
  return fleet;
}

function hitsOf(...documents: readonly object[]): readonly Hit[] {
  return readHits(splitAnswer(`{"hits":${JSON.stringify(documents)},"query":""}`, "hits", "query")!)!;
}

const semantic = hitsOf(document(2, 50, 0.9), document(6, 40, 0.8, "x"));

async function dropped(fleet: Fleet, keyword: readonly Hit[], semanticFull = true): Promise<readonly string[]> {
  const kept = { field: "sku", semantic, keyword, taken: semantic, rejected: [], semanticFull, keywordFull: false };
  const dropping = { indexUid: "films", kept, plan, parts, facets: false };
  const hits = await findHybridDropped(fleet.deps, dropping, new AbortController().signal);
  return hits.map((hit) => memberText(hit, "id")!);
}

test("what is not good enough is gone as far as the page reaches, unless the words bring it", async () => {
  const fleet = fleetOf();
  expect(await dropped(fleet, [])).toEqual(["1", "4", "5"]);
  expect(await dropped(fleet, hitsOf(document(4, 55, 0.3)))).toEqual(["1", "5"]);
  const body = JSON.parse(sentText(fleet.nodes["a"]!.sent[0]!)) as Record<string, unknown>;
  expect(body).toMatchObject({ q: "red", vector: [1], offset: 0, limit: 9, showRankingScore: true });
  expect(body["filter"]).toContain('NOT "sku" IN ["x"]');
  expect(body).not.toHaveProperty("rankingScoreThreshold");
  expect(body).not.toHaveProperty("facets");
});

test("nothing is gone of a list that has ended before the page, and nothing can be said without a node", async () => {
  const fleet = fleetOf();
  expect(await dropped(fleet, [], false)).toEqual([]);
  expect(fleet.nodes["a"]!.sent).toEqual([]);
  fleet.nodes["b"]!.answerWith(() => unavailable("b", "timeout"));
  expect(await dropped(fleet, [])).toEqual([]);
});
