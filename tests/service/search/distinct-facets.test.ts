/**
 * A full page of a search with a distinct attribute and a score threshold: behind it everything counts whatever its
 * score, so what is unclear about those facets is asked about the same documents.
 */
import { expect, test } from "bun:test";

import { encodeSequence, encodeShard } from "../../../src/core/markers/codec.ts";
import { answered } from "../../support/fake-node-client.ts";
import { createFleet, sentText, type Fleet } from "./fake-fleet.ts";

const settings = {
  filterableAttributes: ["brand", "n"],
  embedders: { own: { source: "userProvided", dimensions: 1 } },
};

/** Both nodes hold numbers and texts that look like them, and spell a third value in their own way. */
function mixedFleet(nearness = (shard: number): number => 1 - shard / 10): Fleet {
  const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]], settings });
  for (const [shard, nodeId] of ["a", "b"].entries()) {
    const hit = {
      id: shard,
      brand: `of ${nodeId}`,
      n: [9],
      _miroir_shard: encodeShard(shard),
      _miroir_seq: encodeSequence(BigInt(shard)),
      _rankingScoreDetails: {
        vectorSort: { order: 0, similarity: nearness(shard) },
        "_miroir_seq:asc": { order: 1, value: encodeSequence(BigInt(shard)) },
      },
    };
    const facets = {
      facetDistribution: { n: { "9": 1, [nodeId === "a" ? "Red" : "RED"]: 1 } },
      facetStats: { n: { min: 9, max: 9 } },
    };
    fleet.nodes[nodeId]!.answerWith((request) => {
      if (request.path.endsWith("/documents/fetch")) {
        return answered(nodeId, { results: [{ _miroir_seq: encodeSequence(BigInt(shard)) }] });
      }
      const { queries, limit } = JSON.parse(sentText(request)) as { queries?: readonly object[]; limit?: number };
      // Every question about a key is answered alike: two documents have it as a number, and one as a text.
      if (queries !== undefined) {
        const results = queries.map((query) => ({ estimatedTotalHits: isAboutText(query) ? 1 : 2 }));
        return answered(nodeId, { results });
      }
      const rest = { query: "", processingTimeMs: 1, semanticHitCount: 0, offset: 0, limit };
      const isKept = sentText(request).includes("NOT") && sentText(request).includes(`of ${nodeId}`);
      const hits = limit === 0 || isKept ? [] : [hit];
      return answered(nodeId, { hits, ...rest, estimatedTotalHits: 4, ...facets });
    });
  }
  return fleet;
}

function isAboutText(query: object): boolean {
  return JSON.stringify(query).includes(" TO ");
}

/** By question: what nodes were asked about documents that no page shows. */
async function askedBehind(parameters: object): Promise<Readonly<Record<string, readonly string[]>>> {
  const fleet = mixedFleet();
  await fleet.search({
    distinct: "brand",
    facets: ["n"],
    limit: 1,
    q: "red",
    rankingScoreThreshold: 0.5,
    ...parameters,
  });
  const sent = Object.values(fleet.nodes).flatMap((node) => node.sent);
  const of = (operation: string): readonly string[] =>
    sent.filter((one) => one.operation === operation).map((one) => `${one.path} ${sentText(one)}`);
  return { types: of("facet.types"), spelling: of("facet.spelling") };
}

test("by meaning neither words nor the threshold decide which documents these are", async () => {
  const meaning = { vector: [1], hybrid: { embedder: "own", semanticRatio: 1 } };
  const { types, spelling } = await askedBehind(meaning);
  expect(types!.length).toBeGreaterThan(0);
  expect(types!.filter((text) => text.includes('"q":"red"') || text.includes("rankingScoreThreshold"))).toEqual([]);
  const everything = spelling!.filter((text) => text.startsWith("/indexes/films/documents/fetch "));
  expect(everything.length).toBeGreaterThan(0);
});

test("by words the words decide alone", async () => {
  const { types, spelling } = await askedBehind({});
  expect(types!.length).toBeGreaterThan(0);
  expect(types!.filter((text) => !text.includes('"q":"red"') || text.includes("rankingScoreThreshold"))).toEqual([]);
  // The document of the page is the best of those that are good enough.
  const behind = spelling!.filter((text) => text.includes(String.raw`NOT \"brand\" IN`));
  expect(behind.length).toBeGreaterThan(0);
  expect(behind.filter((text) => text.includes("rankingScoreThreshold"))).toEqual([]);
});

test("by meaning what ties with the last hit is kept as well, also of numbered pages", async () => {
  const meaning = { q: "red", vector: [1], hybrid: { embedder: "own", semanticRatio: 1 }, distinct: "brand" };
  const total = async (nearness: (shard: number) => number): Promise<unknown> => {
    const { text } = await mixedFleet(nearness).search({ ...meaning, page: 1, hitsPerPage: 1 });
    return (JSON.parse(text) as { readonly totalHits: unknown }).totalHits;
  };
  // Each node says that it has four more.
  expect(await total((shard) => 1 - shard / 10)).toBe(9);
  expect(await total(() => 0)).toBe(10);
});
