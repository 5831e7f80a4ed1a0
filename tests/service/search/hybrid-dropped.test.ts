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

interface Ends {
  readonly semanticFull?: boolean;
  readonly keywordFull?: boolean;
}

async function dropped(
  fleet: Fleet,
  keyword: readonly Hit[],
  { semanticFull = true, keywordFull = false }: Ends = {},
): Promise<readonly string[]> {
  const kept = { field: "sku", semantic, keyword, taken: semantic, rejected: [], semanticFull, keywordFull };
  const list = { plan, parts };
  const words = { plan: { ...plan, query: { ...plan.query, base: WORDS } }, parts };
  const dropping = { indexUid: "films", kept, semantic: list, keyword: words, mayExclude: false, facets: false };
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
  // Of words and meaning together a node would show documents without a vector as found by their words.
  expect(body).toMatchObject({ hybrid: { semanticRatio: 1 } });
  expect(body).not.toHaveProperty("rankingScoreThreshold");
  expect(body).not.toHaveProperty("facets");
});

const WORDS = JSON.stringify({ q: "red", rankingScoreThreshold: 0.5, offset: 0, limit: 3 });

/** The list by words is of these documents, in this order. */
function fleetWithWords(...worded: readonly object[]): Fleet {
  const fleet = fleetOf();
  for (const [nodeId, hits] of Object.entries(stored)) {
    fleet.nodes[nodeId]!.answerWith((request) => {
      const own = sentText(request).includes('"vector":') ? hits : nodeId === "a" ? worded : [];
      const answer = { hits: own, query: "red", processingTimeMs: 1, offset: 0, limit: 9, estimatedTotalHits: 9 };
      return answered(nodeId, answer);
    });
  }
  return fleet;
}

function worded(id: number, price: number, score: number, sku?: string): object {
  const words = { order: 1, matchingWords: score * 10, maxMatchingWords: 10, score };
  const { _rankingScoreDetails: details, ...rest } = document(id, price, score, sku) as Record<string, unknown>;
  const { "price:desc": first, "_miroir_seq:asc": last } = details as Record<string, unknown>;
  return { ...rest, _rankingScoreDetails: { "price:desc": first, words, "_miroir_seq:asc": last } };
}

test("of what the words bring, only that is not gone which is good enough or stands behind the page by its words", async () => {
  // Document 1 is no better by its words, 5 stands behind the last hit by words; 7 is not among the documents by meaning.
  const last = worded(8, 50, 0.9, "y");
  const found = [worded(1, 60, 0.3), worded(7, 52, 0.1, "x"), last, worded(5, 45, 0.2)];
  const both = { keywordFull: true };
  expect(await dropped(fleetWithWords(...found), hitsOf(last), both)).toEqual(["1", "4", "7"]);
  // Where the list by meaning has ended, all that has the words counts for them, and is gone if these are not good enough.
  const ended = { semanticFull: false, keywordFull: true };
  expect(await dropped(fleetWithWords(...found), hitsOf(last), ended)).toEqual(["1", "7"]);
});

test("nothing is gone of a list that has ended before the page, and nothing can be said without a node", async () => {
  const fleet = fleetOf();
  expect(await dropped(fleet, [], { semanticFull: false })).toEqual([]);
  expect(fleet.nodes["a"]!.sent).toEqual([]);
  fleet.nodes["b"]!.answerWith(() => unavailable("b", "timeout"));
  expect(await dropped(fleet, [])).toEqual([]);
});
