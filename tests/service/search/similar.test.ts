import { describe, expect, test } from "bun:test";

import { encodeSequence } from "../../../src/core/markers/codec.ts";
import { shardOf } from "../../../src/core/routing/shard-of.ts";
import { similar, type SimilarResult } from "../../../src/services/search/similar.ts";
import { answered, refused, unavailable } from "../../support/fake-node-client.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createFleet, entry, sentText, shardsAsked, type Fleet, type FleetOptions } from "./fake-fleet.ts";

const ID = "7";
/** The shard of the document is owned by `o`, the others by `a` and `b`. */
const SHARD = shardOf(ID, entry.shards);
const owners: FleetOptions["owners"] = [
  Array.from({ length: entry.shards }, (_, shard) => (shard === SHARD ? ["o"] : [shard % 2 === 0 ? "a" : "b"])),
];
const settings = { embedders: { own: { source: "userProvided", dimensions: 2 } } };
const REQUEST = { id: 7, embedder: "own" };

/** Every shard has one document, whose id is 10 more than the shard's number; `o` has the document itself as well. */
function fleetOf(options: Partial<FleetOptions> = {}): Fleet {
  const fleet = createFleet({ owners, settings, ...options });
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith((request) => {
      if (request.path.endsWith("/documents/fetch")) return answered(node.nodeId, DOCUMENT);
      const held = owners[0]!.flatMap((names, shard) => (names.includes(node.nodeId) ? [shard] : []));
      const shards = shardsAsked(request, held);
      return answered(node.nodeId, { results: [near(shards)] });
    });
  }
  return fleet;
}

const DOCUMENT = {
  results: [{ _miroir_seq: encodeSequence(7n), _vectors: { own: { embeddings: [[1, 0.5]], regenerate: false } } }],
  offset: 0,
  limit: 1,
  total: 1,
};

function near(shards: readonly number[]): object {
  const found = shards.map((shard) => ({ id: shard + 10, similarity: 0.9 - shard / 10 }));
  if (shards.includes(SHARD)) found.unshift({ id: 7, similarity: 1 });
  const hits = found.map(({ id, similarity }) => ({
    id,
    _miroir_seq: encodeSequence(BigInt(id)),
    _rankingScore: similarity,
    _rankingScoreDetails: { vectorSort: { order: 0, similarity } },
  }));
  return { indexUid: "films", hits, query: "", processingTimeMs: 1, estimatedTotalHits: hits.length };
}

function ask(fleet: Fleet, parameters: object = REQUEST, forcedFilter?: unknown): Promise<SimilarResult> {
  const text = JSON.stringify(parameters);
  const judgement = { method: "POST", path: "/indexes/films/similar", body: text } as const;
  const input = { indexUid: "films", parameters, text, judgement, forcedFilter };
  return similar(fleet.deps, input, new AbortController().signal);
}

const body = (result: SimilarResult): unknown => JSON.parse(result.text);
const sentTo = (fleet: Fleet, nodeId: string, path: string): readonly string[] =>
  fleet.nodes[nodeId]!.sent.filter((request) => request.path.endsWith(path)).map(sentText);

test("the owner tells the vector, every shard what is near it, and the document itself is left out", async () => {
  const fleet = fleetOf();
  const result = await ask(fleet);
  expect(body(result)).toMatchObject({
    hits: [{ id: 10 }, { id: 11 }, { id: 12 }, { id: 13 }],
    id: "7",
    estimatedTotalHits: 4,
  });
  expect(result).toMatchObject({ missingShards: [], settingsVersion: entry.settingsVersion });
  expect(sentTo(fleet, "a", "/documents/fetch")).toEqual([]);
  for (const nodeId of ["a", "b", "o"]) expect(sentTo(fleet, nodeId, "/multi-search")[0]).toContain('"vector":[1,0.5]');
});

test("the caller's own filter holds for the document as well as for what is near it", async () => {
  const fleet = fleetOf();
  await ask(fleet, { ...REQUEST, filter: "year = 1" }, "group = 7");
  const [document, counted] = sentTo(fleet, "o", "/documents/fetch").map(
    (text) => JSON.parse(text) as { filter: unknown },
  );
  expect(document).toMatchObject({ ids: ["7"], filter: "group = 7", retrieveVectors: true });
  expect(counted).toMatchObject({ ids: ["7"], filter: ["year = 1", "group = 7"] });
  expect(sentTo(fleet, "b", "/multi-search")[0]).toContain('"filter":["year = 1","group = 7"]');
});

describe("a document", () => {
  const without = (document: object, more: Partial<FleetOptions> = {}): Fleet => {
    const fleet = fleetOf(more);
    fleet.nodes["o"]!.answerWith((request) => {
      if (request.path.endsWith("/documents/fetch")) return answered("o", document);
      return answered("o", { results: [near([])] });
    });
    return fleet;
  };

  test("that is not there is an error, which is not one of finding nothing", async () => {
    const error = await rejectionOf(ask(without({ results: [], offset: 0, limit: 1, total: 0 })));
    expect(error).toMatchObject({ status: 400, code: "not_found_similar_id", message: "Document `7` not found." });
  });

  test("that is not there is not what is told of a request that is wrong besides", async () => {
    const relay: FleetOptions["relay"] = () =>
      Promise.resolve(refused("r", 400, "invalid_similar_filter", "no filter"));
    const fleet = without({ results: [], offset: 0, limit: 1, total: 0 }, { relay });
    expect(await rejectionOf(ask(fleet, { ...REQUEST, filter: "a ~" }))).toMatchObject({
      code: "invalid_similar_filter",
    });
  });

  test("without a vector is near nothing, and what the filter lets through is counted all the same", async () => {
    const fleet = without({
      results: [{ _miroir_seq: encodeSequence(7n), _vectors: {} }],
      offset: 0,
      limit: 1,
      total: 1,
    });
    for (const node of Object.values(fleet.nodes)) {
      node.answerWith((request) => {
        if (request.path.endsWith("/documents/fetch")) {
          return answered(node.nodeId, '{"results":[{"_vectors":{}}],"offset":0,"limit":1,"total":1}');
        }
        const counted = { ...near([]), estimatedTotalHits: 5 };
        return answered(node.nodeId, { results: [counted] });
      });
    }
    expect(body(await ask(fleet))).toMatchObject({ hits: [], estimatedTotalHits: 14 });
    expect(sentTo(fleet, "a", "/multi-search")[0]).not.toContain('"hybrid"');
  });

  test("whose owner is away is asked of the next one", async () => {
    const both = owners[0]!.map((names, shard) => (shard === SHARD ? ["o", "p"] : names));
    const fleet = fleetOf({ owners: [both] });
    fleet.nodes["o"]!.down = true;
    fleet.nodes["p"]!.answerWith((request) =>
      request.path.endsWith("/documents/fetch") ? answered("p", DOCUMENT) : answered("p", { results: [near([SHARD])] }),
    );
    expect(body(await ask(fleet))).toMatchObject({ hits: [{ id: 10 }, { id: 11 }, { id: 12 }, { id: 13 }] });
  });

  test("that nobody can be asked for is an error under every policy", async () => {
    const fleet = fleetOf({ policy: { unavailableShards: "partial" } });
    fleet.nodes["o"]!.down = true;
    expect(await rejectionOf(ask(fleet))).toMatchObject({ status: 503, code: "miroir_shard_unavailable" });
  });
});

test("shards that nobody answers for are named", async () => {
  const fleet = fleetOf({ policy: { unavailableShards: "partial" } });
  fleet.nodes["a"]!.answerWith(() => unavailable("a", "timeout"));
  const { missingShards } = await ask(fleet);
  expect(missingShards).toEqual(owners[0]!.flatMap((names, shard) => (names.includes("a") ? [shard] : [])));
  expect(fleet.events).toContain("read.degraded");
});

test("what is wrong with a request is said by the owner, as it alone knows the document", async () => {
  const fleet = fleetOf();
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith((request) => {
      if (request.path.endsWith("/documents/fetch")) return answered(node.nodeId, DOCUMENT);
      if (request.path.endsWith("/similar"))
        return refused(node.nodeId, 400, "invalid_similar_filter", "in its own words");
      return refused(node.nodeId, 400, "invalid_search_filter", "Inside `.queries[0]`: in other words");
    });
  }
  expect(await rejectionOf(ask(fleet, { ...REQUEST, filter: "x = 1" }))).toMatchObject({ message: "in its own words" });
  expect(sentTo(fleet, "o", "/similar")).toHaveLength(1);
  expect(sentTo(fleet, "a", "/similar")).toHaveLength(0);
});

test("what only another node finds wrong is said as of the request, and not of one of several searches", async () => {
  const fleet = fleetOf();
  for (const [nodeId, node] of Object.entries(fleet.nodes)) {
    node.answerWith((request) => {
      // For a list of documents the message points into what the client wrote.
      const isOwn = sentText(request) === '{"filter":"x = 1","limit":0}';
      if (isOwn) return refused(nodeId, 400, "invalid_document_filter", "`x` is not filterable: x = 1");
      if (request.path.endsWith("/documents/fetch")) return answered(nodeId, DOCUMENT);
      if (request.path.endsWith("/similar")) return answered(nodeId, { hits: [] });
      return refused(
        nodeId,
        400,
        "invalid_search_filter",
        "Inside `.queries[0]`: Index `films`: `x` is not filterable",
      );
    });
  }
  const error = await rejectionOf(ask(fleet, { ...REQUEST, filter: "x = 1" }));
  expect(error).toMatchObject({ code: "invalid_similar_filter", message: "`x` is not filterable: x = 1" });
});

test("garbage is asked from another owner, and is an error where there is none", async () => {
  const fleet = fleetOf();
  fleet.nodes["a"]!.answerWith(() =>
    answered("a", '{"results":[{"hits":[{"id":1}],"query":"","processingTimeMs":1,"estimatedTotalHits":1}]}'),
  );
  const { missingShards } = await ask(fleet);
  expect(missingShards.length).toBeGreaterThan(0);
});

test("an index whose settings leave no way to ask is refused with a way out", async () => {
  const fleet = fleetOf({ settings: { ...settings, rankingRules: ["sort"] } });
  const error = await rejectionOf(ask(fleet));
  expect(error).toMatchObject({ status: 501, code: "miroir_not_supported" });
});
