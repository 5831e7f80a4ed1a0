/** A distinct attribute over several nodes: hits and totals are those of one engine that has all documents. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { answered, unavailable } from "../../support/fake-node-client.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { answerDistinct, type AskedSearch, type StoredDocument } from "./distinct-node.ts";
import { createFleet, ids, sentText, shardsAsked, type Fleet } from "./fake-fleet.ts";

const owners = [[["a"], ["b"], ["a"], ["b"]]];
const SETTINGS = { filterableAttributes: ["brand"], distinctAttribute: "brand" };

function fleetOf(documents: readonly StoredDocument[], maxTotalHits = 1000): Fleet {
  const fleet = createFleet({ owners, settings: { ...SETTINGS, pagination: { maxTotalHits } } });
  for (const [nodeId, shards] of [
    ["a", [0, 2]],
    ["b", [1, 3]],
  ] as const) {
    const own = documents.filter(({ shard }) => shards.some((one) => one === shard));
    fleet.nodes[nodeId]!.answerWith((request) =>
      answered(nodeId, answerDistinct(own, JSON.parse(sentText(request)) as AskedSearch, false, maxTotalHits)),
    );
  }
  return fleet;
}

interface Totals {
  readonly estimatedTotalHits?: number;
  readonly totalHits?: number;
  readonly facetDistribution?: { readonly brand: Readonly<Record<string, number>> };
}

async function expectSame(
  documents: readonly StoredDocument[],
  parameters: AskedSearch,
  maxTotalHits?: number,
): Promise<void> {
  const single = answerDistinct(documents, parameters, true, maxTotalHits);
  const result = await fleetOf(documents, maxTotalHits).search(parameters);
  expect(ids(result)).toEqual(single.hits.map(({ id }) => id));
  const { estimatedTotalHits, totalHits, facetDistribution } = JSON.parse(result.text) as Totals;
  const expected = single as Totals;
  expect({ estimatedTotalHits, totalHits }).toEqual({
    estimatedTotalHits: expected.estimatedTotalHits,
    totalHits: expected.totalHits,
  });
  // Of numbered pages the engine counts a value at another document than those that are shown.
  if (estimatedTotalHits !== undefined) expect(facetDistribution?.brand).toEqual(expected.facetDistribution?.brand);
}

/** The id is the place of insertion, so that no two are alike. */
function corpus(values: number, lowestRank = 0): fc.Arbitrary<readonly StoredDocument[]> {
  const brand = fc.array(fc.constantFrom("x", "y", "z", "u", "v", "w"), { maxLength: values });
  return fc
    .array(fc.record({ shard: fc.nat(3), rank: fc.integer({ min: lowestRank, max: 4 }), brand }), { maxLength: 24 })
    .map((documents) => documents.map((document, id) => ({ ...document, id, brand: [...new Set(document.brand)] })));
}

test("hits and totals of a page and of a slice are those of one engine, for any documents with one value or none", async () => {
  const paging = fc.oneof(
    fc.record({ offset: fc.nat(6), limit: fc.nat(8) }),
    fc.record({ page: fc.integer({ min: 1, max: 3 }), hitsPerPage: fc.integer({ min: 1, max: 6 }) }),
  );
  await fc.assert(
    fc.asyncProperty(corpus(1), paging, (documents, parameters) => expectSame(documents, parameters)),
    { numRuns: 400 },
  );
});

const BLANKS: readonly (readonly string[])[] = [["x"], ["y"], [" "], [" "], [""], [""], []];

test("texts of blanks or of nothing take places, and the first alone is shown where the request names the attribute", async () => {
  const documentsWithBlanks = fc
    .array(fc.record({ shard: fc.nat(3), rank: fc.nat(4), brand: fc.constantFrom(...BLANKS) }), { maxLength: 24 })
    .map((documents) => documents.map((document, id) => ({ ...document, id })));
  const named = fc.constantFrom<AskedSearch>({ distinct: "brand" }, {});
  const paging = fc.oneof(
    fc.record({ offset: fc.nat(6), limit: fc.nat(8) }),
    fc.record({ offset: fc.constant(0), limit: fc.nat(30), facets: fc.constant(["brand"]) }),
    fc.record({ page: fc.integer({ min: 1, max: 3 }), hitsPerPage: fc.integer({ min: 1, max: 6 }) }),
  );
  await fc.assert(
    fc.asyncProperty(documentsWithBlanks, named, paging, (documents, attribute, parameters) =>
      expectSame(documents, { ...attribute, ...parameters }),
    ),
    { numRuns: 500 },
  );
});

test("facets and totals are right where more ties with the last hit than nodes list at once", async () => {
  const paging = fc.record({ offset: fc.nat(3), limit: fc.nat(4), facets: fc.constant(["brand"]) });
  const tied = corpus(1).map((documents) => documents.map((document) => ({ ...document, rank: document.rank % 2 })));
  await fc.assert(
    fc.asyncProperty(tied, paging, (documents, parameters) => expectSame(documents, parameters, 2)),
    { numRuns: 300 },
  );
});

test("documents that a node counts and lists nowhere count here as well", async () => {
  const paging = fc.oneof(
    fc.record({ offset: fc.nat(6), limit: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ page: fc.integer({ min: 1, max: 3 }), hitsPerPage: fc.integer({ min: 1, max: 20 }) }),
  );
  await fc.assert(
    fc.asyncProperty(corpus(1, -4), paging, (documents, parameters) => expectSame(documents, parameters)),
    { numRuns: 400 },
  );
  const brand = ["x"];
  const documents = [1, -1, -1].map((rank, id) => ({ id, shard: id, rank, brand: rank < 0 ? [`${id}`] : brand }));
  await expectSame(documents, { offset: 0, limit: 5, facets: ["brand"] });
  await expectSame([...documents, { id: 3, shard: 3, rank: -1, brand }], { offset: 0, limit: 5, facets: ["brand"] });
});

test("hits are those of one engine where documents have several values", async () => {
  await fc.assert(
    fc.asyncProperty(corpus(3), fc.record({ offset: fc.nat(6), limit: fc.nat(8) }), async (documents, parameters) => {
      const single = answerDistinct(documents, parameters, true);
      expect(ids(await fleetOf(documents).search(parameters))).toEqual(single.hits.map(({ id }) => id));
    }),
    { numRuns: 400 },
  );
});

test("a node whose documents are all redundant is asked on, as others may be hidden behind them", async () => {
  const documents = [
    { id: 0, shard: 0, rank: 9, brand: ["x"] },
    { id: 1, shard: 1, rank: 8, brand: ["x", "y"] },
    { id: 2, shard: 1, rank: 7, brand: ["y"] },
  ];
  await expectSame(documents, { offset: 0, limit: 5 });
});

const THREE: readonly StoredDocument[] = [
  { id: 0, shard: 0, rank: 9, brand: ["x"] },
  { id: 1, shard: 1, rank: 8, brand: ["x"] },
  { id: 2, shard: 1, rank: 7, brand: ["y"] },
];

/** Node b answers searches and nothing that follows; nodes of the second group hold what the shards say. */
function failingFleet(second: Readonly<Record<string, readonly number[]>>, policy: object = {}): Fleet {
  const groups = Object.keys(second).length === 0 ? owners : [...owners, ownersOf(second)];
  const fleet = createFleet({ owners: groups, settings: SETTINGS, policy });
  for (const [nodeId, shards] of Object.entries({ a: [0, 2], b: [1, 3], ...second })) {
    fleet.nodes[nodeId]!.answerWith((request) => {
      if (nodeId === "b" && request.operation === "search.distinct") return unavailable("b", "timeout");
      const asked = shardsAsked(request, shards);
      const own = THREE.filter(({ shard }) => asked.includes(shard));
      return answered(nodeId, answerDistinct(own, JSON.parse(sentText(request)) as AskedSearch, false));
    });
  }
  return fleet;
}

function ownersOf(holds: Readonly<Record<string, readonly number[]>>): readonly (readonly string[])[] {
  return owners[0]!.map((_, shard) => Object.keys(holds).filter((nodeId) => holds[nodeId]!.includes(shard)));
}

test("where a node cannot be asked on and nobody else has its shards, what is known is shown, and they are named", async () => {
  const result = await failingFleet({}).search({ limit: 2 });
  expect(ids(result)).toEqual([0, 2]);
  expect(result.missingShards).toEqual([1, 3]);
  const strict = failingFleet({}, { unavailableShards: "error" });
  const refusal = await rejectionOf(strict.search({ limit: 2 }));
  expect(refusal).toMatchObject({ status: 503, code: "miroir_shard_unavailable" });
});

test("others take the place of a node that answers a search and fails what it is asked further", async () => {
  for (const second of [{ c: [0, 1, 2, 3] }, { c: [0, 1], d: [2, 3] }]) {
    const result = await failingFleet(second).search({ limit: 1 });
    expect(ids(result)).toEqual([0]);
    expect(JSON.parse(result.text)).toMatchObject({ estimatedTotalHits: 2 });
    expect(result.missingShards).toEqual([]);
  }
});
