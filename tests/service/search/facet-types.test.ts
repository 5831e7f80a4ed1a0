/** A facet over numbers and texts that look like numbers, which a node prints under one key. */
import { expect, test } from "bun:test";

import { splitAnswer } from "../../../src/core/merge/answer-list.ts";
import { readHits } from "../../../src/core/merge/hit-cursor.ts";
import { readNodeAnswer } from "../../../src/core/merge/node-answer.ts";
import { settleDistinctTypes } from "../../../src/services/search/settle-distinct-types.ts";
import { answered, refused, type NodeHandler } from "../../support/fake-node-client.ts";
import { multiSearch } from "../../../src/services/search/multi-search.ts";
import { createFleet, searchAnswer, sentText, type Fleet } from "./fake-fleet.ts";

interface Counts {
  readonly numberLikeTexts: number;
  /** By key: documents with the number and documents with the text. */
  readonly of: Readonly<Record<string, readonly [number, number]>>;
}

/** Answers searches with this facet, and questions about its keys with these counts. */
function holding(nodeId: string, facet: object, stats: object, counts: Counts): NodeHandler {
  return (request) => {
    if (request.operation !== "facet.types") {
      return answered(nodeId, { ...searchAnswer([]), facetDistribution: { n: facet }, facetStats: { n: stats } });
    }
    const { queries } = JSON.parse(sentText(request)) as { queries: readonly { filter: readonly string[] }[] };
    const results = queries.map(({ filter }) => {
      const text = JSON.stringify(filter);
      const total = Object.entries(counts.of).find(
        ([key]) => text.includes(`"${key} \\"`) || text.includes(`"${key}.0`),
      );
      if (total === undefined) return { estimatedTotalHits: counts.numberLikeTexts };
      return { estimatedTotalHits: total[1][text.includes(" TO ") ? 1 : 0] };
    });
    return answered(nodeId, { results });
  };
}

function mixedFleet(settings: Readonly<Record<string, unknown>> = {}): Fleet {
  const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]], settings });
  const a: Counts = { numberLikeTexts: 2, of: { "9": [4, 1], "7": [0, 1] } };
  fleet.nodes["a"]!.answerWith(holding("a", { "7": 1, "9": 1, x: 3 }, { min: 5, max: 9 }, a));
  fleet.nodes["b"]!.answerWith(holding("b", { "9": 2 }, { min: 9, max: 9 }, { numberLikeTexts: 0, of: {} }));
  return fleet;
}

async function facets(fleet: Fleet, parameters: object = {}): Promise<string> {
  const { text } = await fleet.search({ facets: ["n"], ...parameters });
  return /"facetDistribution":(\{.*\}),"facetStats"/.exec(text)![1]!;
}

test("is added after the nodes have said which is which, and only by those that hold such texts", async () => {
  const fleet = mixedFleet();
  // 9 is a number in six documents and a text in one, which is the count that the engine prints; 7 is but a text.
  expect(await facets(fleet)).toBe('{"n":{"9":1,"7":1,"x":3}}');
  const asked = (nodeId: string): number =>
    fleet.nodes[nodeId]!.sent.filter(({ operation }) => operation === "facet.types").length;
  expect([asked("a"), asked("b")]).toEqual([2, 1]);
});

test("is asked about all documents where a search by meaning finds all of them", async () => {
  const settings = { embedders: { own: { source: "userProvided", dimensions: 1 } } };
  const fleet = mixedFleet(settings);
  for (const semanticRatio of [1, 0.5]) {
    const hybrid = { embedder: "own", semanticRatio };
    expect(await facets(fleet, { q: "red", vector: [1], hybrid })).toBe('{"n":{"9":1,"7":1,"x":3}}');
  }
  // A point is no value that documents could share.
  const apart = { q: "red", vector: [1], hybrid: { embedder: "own", semanticRatio: 0.5 }, distinct: "_geo" };
  expect(await facets(fleet, apart)).toBe('{"n":{"9":1,"7":1,"x":3}}');
  const asked = fleet.nodes["a"]!.sent.filter(({ operation }) => operation === "facet.types").map(sentText);
  expect(asked.filter((text) => text.includes("red"))).toEqual([]);
});

test("is asked about what a word excludes as well, and about the words alone where they settle a search by meaning", async () => {
  const settings = { embedders: { own: { source: "userProvided", dimensions: 1 } } };
  const hybrid = { embedder: "own", semanticRatio: 0.5 };
  const asked = async (parameters: object): Promise<unknown> => {
    const fleet = mixedFleet(settings);
    expect(await facets(fleet, { vector: [1], hybrid, ...parameters })).toBe('{"n":{"9":1,"7":1,"x":3}}');
    const request = fleet.nodes["a"]!.sent.find(({ operation }) => operation === "facet.types")!;
    return (JSON.parse(sentText(request)) as { readonly queries: readonly unknown[] }).queries[0];
  };
  // Without a hit to look for, a node would be content with the words.
  expect(await asked({ q: "red -blue" })).toMatchObject({
    q: "red -blue",
    vector: [1],
    hybrid: { embedder: "own", semanticRatio: 0.999999 },
    limit: 1,
  });
  const words = await asked({ q: "red", limit: 0 });
  expect(words).toMatchObject({ q: "red", limit: 0 });
  expect(words).not.toHaveProperty("vector");
});

test("is read from the documents that a distinct attribute keeps, and of those it left counted asked about", async () => {
  const fleet = mixedFleet();
  const node = readNodeAnswer(JSON.stringify({ ...searchAnswer([]), facetDistribution: {}, facetStats: {} }))!;
  const hits = readHits(splitAnswer('{"hits":[{"n":9},{"n":"9"},{"n":["9",7]}],"query":""}', "hits", "query")!)!;
  const part = { answer: 0, filters: [], node };
  const parts = [
    { ...part, counted: "all" as const },
    { ...part, counted: "some" as const },
    { ...part, counted: "some" as const, hits },
    { ...part, counted: "values" as const },
  ];
  const answers = parts.map(({ filters }) => ({ nodeId: "a", shards: [0, 2], answer: node, filters }));
  const keys = new Map(parts.map((_, position): [number, string[]] => [position, ["9"]]));
  const query = { base: "{}", withoutThreshold: null, filter: undefined, forced: [] };
  const search = { ...query, base: JSON.stringify({ q: "red", distinct: "brand", facets: ["n"] }) };
  const mixed = { indexUid: "films", query, answers, mixed: [{ field: "n", keys }] };
  const types = await settleDistinctTypes(fleet.deps, mixed, { parts, search }, new AbortController().signal);
  const nine = parts.map((_, position) => types(position, "n")?.get("9"));
  expect(nine).toEqual([
    { numbers: 4, texts: 1 },
    { numbers: 4, texts: 1, kindOnly: true },
    { numbers: 1, texts: 2 },
    { numbers: 4, texts: 1, kindOnly: true },
  ]);
  const asked = fleet.nodes["a"]!.sent.filter(({ operation }) => operation === "facet.types").map(sentText);
  expect(asked).toHaveLength(6);
  // Each value once, as the node counted.
  const counting = '"distinct":"brand","attributesToRetrieve":[],"page":1,"hitsPerPage":0';
  expect(asked.filter((text) => text.includes(counting))).toHaveLength(2);
});

test("is asked about by equality where the field may not be compared, and costs other fields nothing", async () => {
  const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
  const empty = { facetDistribution: { m: {}, n: {} }, facetStats: {} };
  fleet.nodes["b"]!.answerWith(() => answered("b", { ...searchAnswer([]), ...empty }));
  fleet.nodes["a"]!.answerWith((request) => {
    if (request.operation !== "facet.types") {
      const facet = { "7": 1, "9": 1, x: 3 };
      const stats = { min: 5, max: 9 };
      const facets = { facetDistribution: { m: facet, n: facet }, facetStats: { m: stats, n: stats } };
      return answered("a", { ...searchAnswer([]), ...facets });
    }
    const { queries } = JSON.parse(sentText(request)) as { queries: readonly { filter: readonly string[] }[] };
    const filters = queries.map(({ filter }) => filter.join(" "));
    if (filters.some((filter) => filter.includes('"n" ') && filter.includes(" TO "))) {
      return refused("a", 400, "invalid_search_filter", "`TO` is not allowed for the attribute `n`");
    }
    // 9 is a number in four documents and a text in one; 7 is but a text.
    const results = filters.map((filter) => {
      if (filter.includes('"-" TO')) return { estimatedTotalHits: 2 };
      if (filter.includes('"9.0')) return { estimatedTotalHits: 4 };
      if (filter.includes('"7.0')) return { estimatedTotalHits: 0 };
      return { estimatedTotalHits: filter.includes('"9"') && !filter.includes(" TO ") ? 5 : 1 };
    });
    return answered("a", { results });
  });
  expect(await facets(fleet, { facets: ["m", "n"] })).toBe('{"m":{"9":1,"7":1,"x":3},"n":{"9":1,"7":1,"x":3}}');
});

test("keeps what the keys seem to be where a node does not say it", async () => {
  const fleet = mixedFleet();
  const told = holding("a", { "7": 1, "9": 1, x: 3 }, { min: 5, max: 9 }, { numberLikeTexts: 0, of: {} });
  fleet.nodes["a"]!.answerWith((request) =>
    request.operation === "facet.types" ? refused("a", 400, "invalid_search_filter") : told(request),
  );
  expect(await facets(fleet)).toBe('{"n":{"7":1,"9":3,"x":3}}');
});

test("is asked of every key where a text with a smaller count stands among numbers in order of their counts", async () => {
  const settings = { faceting: { sortFacetValuesBy: { n: "count" } } };
  const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]], settings });
  // The number 12 is in four documents of node a, and the text in one, which is what the node prints.
  const a: Counts = { numberLikeTexts: 1, of: { "12": [4, 1], "14": [3, 0], "7": [1, 0] } };
  fleet.nodes["a"]!.answerWith(holding("a", { "12": 1, "14": 3, "7": 1 }, { min: 7, max: 14 }, a));
  fleet.nodes["b"]!.answerWith(holding("b", { "14": 2, "7": 1 }, { min: 7, max: 14 }, { numberLikeTexts: 0, of: {} }));
  expect(await facets(fleet)).toBe('{"n":{"14":5,"12":1,"7":2}}');
});

test("costs nothing where there are only numbers, or only texts", async () => {
  const fleet = mixedFleet();
  fleet.nodes["a"]!.answerWith(holding("a", { "7": 1 }, { min: 7, max: 7 }, { numberLikeTexts: 0, of: {} }));
  expect(await facets(fleet)).toBe('{"n":{"7":1,"9":2}}');
  expect(Object.values(fleet.nodes).flatMap((node) => node.sent)).toHaveLength(2);
});

test("is asked of every node for a union of queries as well", async () => {
  const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
  const facet: Readonly<Record<string, object>> = { a: { "7": 1, "9": 1, x: 3 }, b: { "9": 2 } };
  const stats: Readonly<Record<string, object>> = { a: { min: 5, max: 9 }, b: { min: 9, max: 9 } };
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith((request) => {
      const text = sentText(request);
      const federation = { hits: [], processingTimeMs: 1, offset: 0, limit: 0 };
      if (request.operation === "federation.count") {
        const facetsByIndex = {
          films: { distribution: { n: facet[node.nodeId] }, stats: { n: stats[node.nodeId] } },
        };
        return answered(node.nodeId, { ...federation, estimatedTotalHits: 4, facetsByIndex });
      }
      if (request.operation !== "facet.types") return answered(node.nodeId, searchAnswer([]));
      // On node a 9 is a number in four documents and a text in one, and 7 is but a text.
      const [key, kind] = [/"(7|9)(?:\.0| )/.exec(text.replaceAll("\\", ""))?.[1], text.includes(" TO ") ? 1 : 0];
      const counts = node.nodeId === "b" ? [0, 0] : key === "9" ? [4, 1] : key === "7" ? [0, 1] : [2, 2];
      return answered(node.nodeId, { ...federation, estimatedTotalHits: counts[kind]! });
    });
  }
  const queries = [
    { indexUid: "films", q: "a" },
    { indexUid: "films", q: "b" },
  ];
  const body = { queries, federation: { facetsByIndex: { films: ["n"] } } };
  const judgement = { method: "POST", path: "/multi-search", body: JSON.stringify(body) } as const;
  const authority = { allowsIndex: () => true, forcedFilter: () => undefined };
  const { text } = await multiSearch(
    fleet.deps,
    { body, judgement, authority, includeMetadata: false },
    new AbortController().signal,
  );
  expect(JSON.parse(text)).toMatchObject({
    facetsByIndex: { films: { distribution: { n: { "9": 1, "7": 1, x: 3 } } } },
  });
});
