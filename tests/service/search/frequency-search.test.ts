/** `matchingStrategy: frequency` over several nodes: which words may be missing is decided once, for all of them. */
import { expect, test } from "bun:test";

import { encodeSequence } from "../../../src/core/markers/codec.ts";
import type { NodeRequest } from "../../../src/nodes/node-client.ts";
import { answered, refused } from "../../support/fake-node-client.ts";
import { createFleet, ids, sentText, type Fleet } from "./fake-fleet.ts";

/** Each node holds everything of its shards, so nothing is filtered. */
const apart = [[["a"], ["a"], ["b"], ["b"]]];
const QUERY = { q: "the house", matchingStrategy: "frequency" };

interface Node {
  /** How many of its documents contain each word, or each of several neighbours. */
  readonly counts: Readonly<Record<string, number>>;
  /** By word, where more documents count for it than contain it. */
  readonly countedFor?: Readonly<Record<string, number>>;
  /** By query text: the documents it finds, best first. */
  readonly finds: Readonly<Record<string, readonly number[]>>;
  /** The document that is near to the vector. */
  readonly near?: number;
}

interface Asked {
  readonly q: string;
  readonly limit: number;
  readonly matchingStrategy: string;
  readonly queries?: readonly { readonly q: string }[];
  readonly federation?: object;
  readonly vector?: readonly number[];
}

function answer(node: Node, request: NodeRequest): object {
  const body = JSON.parse(sentText(request)) as Asked;
  if (body.federation !== undefined) {
    return { hits: [], estimatedTotalHits: node.countedFor?.[body.queries![0]!.q.trim()] };
  }
  if (body.queries !== undefined) {
    return { results: body.queries.map(({ q }) => ({ estimatedTotalHits: node.counts[q.trim()] ?? 0 })) };
  }
  const byMeaning = body.vector !== undefined;
  const found = byMeaning ? [node.near ?? []].flat() : (node.finds[body.q] ?? []);
  // Where all words are demanded the engine has no rule about them.
  const words = { words: { order: 0, matchingWords: 2, maxMatchingWords: 2, score: 1 } };
  const rules = body.matchingStrategy === "all" || byMeaning ? {} : words;
  const first = Object.keys(rules).length;
  const last = byMeaning
    ? { vectorSort: { order: 0, similarity: NEARNESS } }
    : { typo: { order: first, typoCount: 0, maxTypoCount: 1, score: 1 } };
  const hits = found.map((id) => ({
    id,
    _miroir_seq: encodeSequence(BigInt(id)),
    _rankingScore: byMeaning ? NEARNESS : 1,
    _rankingScoreDetails: {
      ...rules,
      ...last,
      "_miroir_seq:asc": { order: first + 1, value: encodeSequence(BigInt(id)) },
    },
  }));
  return { hits, query: body.q, processingTimeMs: 1, limit: body.limit, offset: 0, estimatedTotalHits: hits.length };
}

const NEARNESS = 0.8;

function fleetOf(nodes: Readonly<Record<string, Node>>): Fleet {
  const fleet = createFleet({ owners: apart, settings: { embedders: { own: { source: "userProvided" } } } });
  for (const [nodeId, node] of Object.entries(nodes)) {
    fleet.nodes[nodeId]!.answerWith((request) => answered(nodeId, answer(node, request)));
  }
  return fleet;
}

/** Queries of the searches a node was sent, with their strategy. */
function searches(fleet: Fleet, nodeId: string): readonly string[] {
  return fleet.nodes[nodeId]!.sent.filter(({ path }) => path.endsWith("/search") && path !== "/multi-search").map(
    (request) => {
      const { q, matchingStrategy } = JSON.parse(sentText(request)) as { q: string; matchingStrategy: string };
      return `${matchingStrategy}: ${q}`;
    },
  );
}

const common: Node = { counts: { the: 9, house: 1 }, finds: { "the house": [5, 9], "-qzxmiroirxzq house": [5, 9] } };
/** Here the house is the more frequent word, so this node would drop it and keep `the`. */
const odd: Node = {
  counts: { the: 1, house: 3 },
  finds: { "the house": [1], "-qzxmiroirxzq house": [1, 2, 3] },
};

test("a node whose own frequencies say otherwise is asked for the words that all shards together leave it", async () => {
  const fleet = fleetOf({ a: odd, b: common });
  const result = await fleet.search({ ...QUERY, showRankingScoreDetails: true });
  expect(searches(fleet, "a")).toEqual(["frequency: the house", "all: the house", "all: -qzxmiroirxzq house"]);
  expect(searches(fleet, "b")).toEqual(["frequency: the house"]);
  // 1, 5 and 9 have both words; 2 and 3 lack the one that is dropped first.
  expect(ids(result)).toEqual([1, 5, 9, 2, 3]);
  const read = JSON.parse(result.text) as {
    query: string;
    estimatedTotalHits: number;
    hits: readonly { _rankingScoreDetails: { words: object } }[];
  };
  expect(read).toMatchObject({ query: "the house", estimatedTotalHits: 5 });
  expect(read.hits[3]!._rankingScoreDetails.words).toMatchObject({ order: 0, matchingWords: 1, maxMatchingWords: 2 });
});

test("the words of a hybrid search are dropped in one order as well, and their scores compared with those by meaning", async () => {
  const fleet = fleetOf({ a: odd, b: { ...common, near: 7 } });
  const result = await fleet.search({ ...QUERY, vector: [1, 0], hybrid: { embedder: "own", semanticRatio: 0.5 } });
  expect(searches(fleet, "a").filter((asked) => asked.startsWith("all"))).toEqual([
    "all: the house",
    "all: -qzxmiroirxzq house",
  ]);
  // 7 is nearer than what lacks a word is good.
  expect(ids(result)).toEqual([1, 5, 9, 7, 2, 3]);
  expect(JSON.parse(result.text)).toMatchObject({ semanticHitCount: 1 });
});

test("a federation counts the words that are never dropped, a single one as it was searched for", async () => {
  const widest = async (q: string): Promise<unknown> =>
    (await fleetOf({ a: odd, b: common }).search({ ...QUERY, q })).widest;
  expect(await widest("the house")).toEqual({ q: "-qzxmiroirxzq house", matchingStrategy: "frequency" });
  // Neither is rarer.
  expect(await widest("house house")).toEqual({ q: "house house", matchingStrategy: "all" });
});

test("nodes that agree with the sum of all shards are asked nothing more", async () => {
  const fleet = fleetOf({ a: { ...odd, counts: { the: 4, house: 3 } }, b: common });
  await fleet.search(QUERY);
  expect(searches(fleet, "a")).toEqual(["frequency: the house"]);
  expect(searches(fleet, "b")).toEqual(["frequency: the house"]);
});

test("neighbours that are one word in some documents count for each of them, where a node has such documents", async () => {
  // As words of their own fewer than eleven of its documents have `foot`, and fewer than ten have `ball`.
  const a: Node = {
    counts: { old: 6, foot: 3, ball: 2, "foot ball": 8 },
    countedFor: { foot: 11, ball: 10 },
    finds: { "old foot ball": [1] },
  };
  const b: Node = { counts: { old: 3, foot: 2, ball: 1 }, finds: { "old ": [5] } };
  const fleet = fleetOf({ a, b });
  const result = await fleet.search({ ...QUERY, q: "old foot ball" });
  // Node b would keep `ball`; of all documents `old` is the rarest.
  expect(searches(fleet, "a")).toEqual(["frequency: old foot ball"]);
  expect(searches(fleet, "b")).toContain("all: old ");
  expect(ids(result)).toEqual([1, 5]);
  const unions = fleet.nodes["a"]!.sent.filter((request) => sentText(request).includes('"federation"'));
  const asked = unions.map((request) => (JSON.parse(sentText(request)) as Asked).queries!.map(({ q }) => q));
  expect(asked).toEqual([
    ["foot ", "old foot ", "foot ball", "old foot ball"],
    ["ball", "foot ball", "old foot ball"],
  ]);
  expect(fleet.nodes["b"]!.sent.filter((request) => sentText(request).includes('"federation"'))).toEqual([]);
});

test("where the frequencies cannot be had each node keeps its own order", async () => {
  const fleet = fleetOf({ a: odd, b: common });
  fleet.nodes["b"]!.answerWith((request) =>
    request.path === "/multi-search" ? refused("b", 400, "bad_request") : answered("b", answer(common, request)),
  );
  expect(ids(await fleet.search(QUERY))).toEqual([1, 5, 9]);
  expect(searches(fleet, "a")).toEqual(["frequency: the house"]);
});

test("where a node refuses one of the forms its own answer stands", async () => {
  const fleet = fleetOf({ a: odd, b: common });
  fleet.nodes["a"]!.answerWith((request) =>
    sentText(request).includes("-qzxmiroirxzq")
      ? refused("a", 400, "bad_request")
      : answered("a", answer(odd, request)),
  );
  expect(ids(await fleet.search(QUERY))).toEqual([1, 5, 9]);
});

test("a filter that names the documents leaves no shard out: all of them count the words", async () => {
  const fleet = fleetOf({ a: odd, b: common });
  await fleet.search({ ...QUERY, filter: "id = 1" });
  for (const { sent } of Object.values(fleet.nodes)) {
    expect(sent.map(({ path }) => path)).toContain("/multi-search");
  }
});

test("one word or another strategy need no frequencies", async () => {
  for (const parameters of [
    { ...QUERY, q: "house" },
    { ...QUERY, matchingStrategy: "last" },
  ]) {
    const fleet = fleetOf({ a: odd, b: common });
    await fleet.search(parameters);
    const sent = Object.values(fleet.nodes).flatMap((node) => node.sent);
    expect(sent.filter(({ path }) => path === "/multi-search")).toEqual([]);
  }
});
