import { describe, expect, test } from "bun:test";

import { encodeSequence } from "../../../src/core/markers/codec.ts";
import type { NodeRequest } from "../../../src/nodes/node-client.ts";
import type { NodeOutcome } from "../../../src/nodes/node-outcome.ts";
import { answered, refused, unavailable } from "../../support/fake-node-client.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createFleet, sentText, type Fleet, type FleetOptions } from "./fake-fleet.ts";

/** a holds shards 0 and 2, b holds 1 and 3. */
const owners: FleetOptions["owners"] = [[["a"], ["b"], ["a"], ["b"]]];
const settings = { embedders: { own: { source: "rest" } } };
const REQUEST = { q: "red", hybrid: { embedder: "own", semanticRatio: 0.5 }, limit: 3 };

interface Setup {
  readonly fleet: Fleet;
  /** What the relay was asked: the queries to embed. */
  readonly embedded: string[];
}

/** Documents 1 and 2 have the words, with this score; 3 and 4 are near. */
function setUp(score: number, options: Partial<FleetOptions> = {}, embedding?: NodeOutcome): Setup {
  const embedded: string[] = [];
  const fleet = createFleet({
    owners,
    settings,
    relay: (request) => {
      embedded.push(String(request.body));
      const made = { hits: [], query: "red", queryVector: [0.5, 1], processingTimeMs: 1, estimatedTotalHits: 0 };
      const outcome = embedding ?? answered("relay", made);
      if (outcome.kind === "unavailable") throw new TypeError("a relay answers or refuses");
      return Promise.resolve(outcome);
    },
    ...options,
  });
  for (const node of Object.values(fleet.nodes)) {
    const first = node.nodeId === "a" ? 1 : 2;
    node.answerWith((request) =>
      isMeaning(request)
        ? answered(node.nodeId, list([{ id: first + 2, score: 0.9 }], "vectorSort"))
        : answered(node.nodeId, list([{ id: first, score }], "proximity")),
    );
  }
  return { fleet, embedded };
}

const isMeaning = (request: NodeRequest): boolean => sentText(request).includes('"vector":');

function list(found: readonly { readonly id: number; readonly score: number }[], rule: string): object {
  const hits = found.map(({ id, score }) => ({
    id,
    _miroir_seq: encodeSequence(BigInt(id)),
    _rankingScore: score,
    _rankingScoreDetails: { [rule]: { order: 0, score, similarity: score } },
  }));
  return { hits, query: "red", processingTimeMs: 1, limit: 3, offset: 0, estimatedTotalHits: hits.length };
}

async function answerOf(
  fleet: Fleet,
  parameters: object,
): Promise<Record<string, unknown> & { readonly ids: unknown }> {
  const body = JSON.parse((await fleet.search(parameters)).text) as {
    readonly hits: readonly { readonly id: number }[];
  };
  return { ...body, ids: body.hits.map(({ id }) => id) };
}

test("an excluded word is excluded from the list by meaning as well", async () => {
  const asked: unknown[] = [];
  for (const q of ["red", "red -blue", '-"dark blue"']) {
    const { fleet } = setUp(0.3);
    await fleet.search({ ...REQUEST, q, vector: [0.5, 1] });
    asked.push(...fleet.nodes["a"]!.sent.filter(isMeaning).map((request) => JSON.parse(sentText(request)) as unknown));
  }
  expect(asked).toMatchObject([
    { q: "red", hybrid: { semanticRatio: 1 } },
    { q: "red -blue", hybrid: { semanticRatio: 0.999999 } },
    { q: '-"dark blue"', hybrid: { semanticRatio: 0.999999 } },
  ]);
});

test("the query is embedded once, and every shard is asked for both lists with the same vector", async () => {
  const { fleet, embedded } = setUp(0.7);
  expect(await answerOf(fleet, REQUEST)).toMatchObject({ ids: [3, 4, 1], semanticHitCount: 2 });
  expect(embedded).toHaveLength(1);
  for (const node of Object.values(fleet.nodes)) {
    expect(node.sent).toHaveLength(2);
    const near = node.sent.filter(isMeaning).map((request) => JSON.parse(sentText(request)) as Record<string, unknown>);
    expect(near).toMatchObject([{ vector: [0.5, 1], hybrid: { embedder: "own", semanticRatio: 1 } }]);
  }
});

test("trap 18: words that settle the search over all shards leave the embedder alone", async () => {
  const { fleet, embedded } = setUp(0.95);
  expect(await answerOf(fleet, { ...REQUEST, limit: 2 })).toMatchObject({ ids: [1, 2], semanticHitCount: 0 });
  expect(embedded).toEqual([]);
  // Each shard alone would have enough of them, all together have not.
  expect(await answerOf(fleet, REQUEST)).toMatchObject({ semanticHitCount: 1 });
});

test("a vector that comes along is not made again", async () => {
  const { fleet, embedded } = setUp(0.7);
  await fleet.search({ ...REQUEST, vector: [1, 2] });
  expect(embedded).toEqual([]);
  expect(fleet.nodes["a"]!.sent.filter(isMeaning).map(sentText)[0]).toContain('"vector":[1,2]');
});

describe("an embedder that fails", () => {
  const failure = refused("relay", 400, "vector_embedding_error", "no vector today");

  test("leaves the words, as in the engine", async () => {
    const { fleet, embedded } = setUp(0.3, {}, failure);
    expect(await answerOf(fleet, REQUEST)).toMatchObject({ ids: [1, 2], semanticHitCount: 0 });
    expect(embedded).toHaveLength(1);
  });

  test("is an error where there are no words to fall back on", async () => {
    const { fleet } = setUp(0.3, {}, failure);
    const meaning = { ...REQUEST, hybrid: { embedder: "own", semanticRatio: 1 } };
    expect(await rejectionOf(fleet.search(meaning))).toMatchObject({
      code: "vector_embedding_error",
      message: "no vector today",
    });
  });
});

test("what else is wrong with the vectors is the client's error", async () => {
  const { fleet } = setUp(0.3, {}, refused("relay", 400, "feature_not_enabled"));
  expect(await rejectionOf(fleet.search(REQUEST))).toMatchObject({ code: "feature_not_enabled" });
});

test("shards that are missing from either list are named once", async () => {
  const { fleet } = setUp(0.7, { policy: { unavailableShards: "partial" } });
  fleet.nodes["b"]!.answerWith((request) =>
    isMeaning(request) ? unavailable("b", "timeout") : answered("b", list([{ id: 2, score: 0.7 }], "proximity")),
  );
  const { missingShards } = await fleet.search(REQUEST);
  expect(missingShards).toEqual([1, 3]);
  expect(fleet.events).toContain("read.degraded");
});

test("garbage in the list by meaning is asked from another owner", async () => {
  const { fleet } = setUp(0.7, { owners: [[["a"], ["b", "c"], ["a"], ["b", "c"]]] });
  const broken = '{"hits":[{"id":9}],"query":"","processingTimeMs":1,"estimatedTotalHits":1}';
  fleet.nodes["b"]!.answerWith((request) =>
    isMeaning(request) ? answered("b", broken) : answered("b", list([{ id: 2, score: 0.7 }], "proximity")),
  );
  expect((await answerOf(fleet, REQUEST)).ids).toContain(4);
});
