/** Federated multi-search against one real node: the same hits, scores, totals, facets and errors. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { firstDifference, normal } from "../differential/compare.ts";
import { items, member, parseExact, withMember, without, type Exact } from "../differential/exact-json.ts";
import { createDice } from "../differential/random.ts";
import { askBoth, load, startWorld, type World } from "../differential/world.ts";
import { federationDocuments, federationRequest, INDEXES } from "../support/federation-requests.ts";
import { realEnginePath, type NodeAnswer } from "../support/nodes.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_124);
const REQUESTS = Number(process.env["MIROIR_REQUESTS"] ?? 60);
const VOLATILE = new Set(["processingTimeMs", "requestUid", "performanceDetails", "queryUid"]);

for (const replicationFactor of [1, 2]) {
  describe.skipIf(realEnginePath() === null)(`RF ${replicationFactor}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ nodes: 3, replicationFactor });
      const dice = createDice(SEED);
      const writes = INDEXES.flatMap((index) => [
        { method: "POST", path: "/indexes", body: { uid: index.uid, primaryKey: index.primaryKey } },
        { method: "PATCH", path: `/indexes/${index.uid}/settings`, body: index.settings },
        { method: "POST", path: `/indexes/${index.uid}/documents`, body: federationDocuments(index, dice) },
      ]);
      expect(await load(world, writes)).toEqual([]);
    }, 60_000);
    afterAll(() => world.stop());

    const both = (body: unknown, headers: Record<string, string> = {}): ReturnType<typeof askBoth> =>
      askBoth(world, "POST", "/multi-search", body, headers);
    const expectSame = async (body: unknown, headers: Record<string, string> = {}): Promise<NodeAnswer> => {
      const [left, right] = await both(body, headers);
      const [expected, given] = [comparable(left), comparable(right)];
      const difference = normal(expected) === normal(given) ? "" : firstDifference(expected, given);
      // The request is part of what is compared, so that a difference names it.
      expect([JSON.stringify(body), right.status, difference]).toEqual([JSON.stringify(body), left.status, ""]);
      return right;
    };

    test(`${REQUESTS} random federations give the single node's answers`, async () => {
      const dice = createDice(SEED + replicationFactor);
      let answered = 0;
      for (let i = 0; i < REQUESTS; i++) {
        if ((await expectSame(federationRequest(dice))).status === 200) answered += 1;
      }
      console.log(`federations, seed ${SEED}, RF ${replicationFactor}: ${answered} of ${REQUESTS} answered, all equal`);
      expect(answered).toBeGreaterThan(REQUESTS / 2);
    }, 60_000);

    test("what is wrong is said in the engine's words, with the query's position", async () => {
      for (const body of WRONG) {
        expect((await expectSame(body)).status).toBeGreaterThanOrEqual(400);
      }
    });

    test("metadata stands in the order of the queries", async () => {
      const queries = [{ indexUid: "things", q: "red" }, { indexUid: "films" }];
      const answer = await expectSame({ queries, federation: { limit: 3 } }, { "meili-include-metadata": "true" });
      expect(answer.body.metadata).toMatchObject([
        { indexUid: "things", primaryKey: "key", query: "red" },
        { indexUid: "films", primaryKey: "id" },
      ]);
    });

    test("searches by vector are federated with their similarities, vectors and counts", async () => {
      const hybrid = { embedder: "own", semanticRatio: 1 };
      const queries = [
        { indexUid: "films", vector: [0.5, 0.1, 0.9], hybrid, retrieveVectors: true, showRankingScore: true },
        { indexUid: "books", vector: [0.1, 0.7, 0.2], hybrid, federationOptions: { weight: 0.97 } },
        { indexUid: "films", q: "red house" },
      ];
      const answer = await expectSame({ queries: queries.slice(0, 2), federation: { limit: 30 } });
      expect(answer.body.semanticHitCount).toBe(30);
      expect(Object.keys(answer.body.queryVectors)).toEqual(["0"]);
      await expectSame({ queries, federation: { limit: 30, offset: 5 } });
    });

    test("a value of the federation's distinct attribute is seen once over all indexes", async () => {
      const queries = [
        { indexUid: "films", q: "red" },
        { indexUid: "books", q: "red" },
      ];
      const [left, right] = await both({ queries, federation: { distinct: "genre" } });
      expect(right.body.hits).toEqual(left.body.hits);
      expect(right.body.hits).toHaveLength(4);
    });

    test("ascending distances put the nearest first, over queries too", async () => {
      const queries = ["films", "books"].map((indexUid) => ({ indexUid, sort: ["_geoPoint(41, 3):asc"] }));
      const { body } = await world.miroir.request("POST", "/multi-search", { queries, federation: { limit: 50 } });
      const distances = (body.hits as { _geoDistance: number }[]).map(({ _geoDistance }) => _geoDistance);
      expect(distances).toEqual(distances.toSorted((a, b) => a - b));
      expect(
        new Set(body.hits.map((hit: { _federation: { indexUid: string } }) => hit._federation.indexUid)).size,
      ).toBe(2);
    });

    test("a key and a tenant token reach only what they may", async () => {
      const create = { actions: ["search"], indexes: ["films"], expiresAt: null };
      const { body: key } = await world.miroir.request("POST", "/keys", create);
      const headers = { authorization: `Bearer ${key.key}` };
      const queries = [
        { indexUid: "films", q: "red" },
        { indexUid: "books", q: "red" },
      ];
      const refused = await world.miroir.request("POST", "/multi-search", { queries, federation: {} }, headers);
      expect(refused.body).toMatchObject({
        code: "invalid_api_key",
        message: "Inside `.queries[1]`: The provided API key is invalid.",
      });
      const own = { queries: [queries[0]], federation: {} };
      expect((await world.miroir.request("POST", "/multi-search", own, headers)).status).toBe(200);
      const token = tenantToken(key.uid, key.key, { films: { filter: "year > 2010" } });
      const tenant = { authorization: `Bearer ${token}` };
      const both = { queries: [queries[0], { indexUid: "films" }], federation: { limit: 1000 } };
      const { body } = await world.miroir.request("POST", "/multi-search", both, tenant);
      expect(body.hits.length).toBeGreaterThan(0);
      expect(body.estimatedTotalHits).toBe(body.hits.length);
      expect(body.hits.every(({ year }: { year: number }) => year > 2010)).toBe(true);
    });

    if (replicationFactor === 1) return;
    test("with one node down the answers stay complete and the same", async () => {
      await world.miroir.nodes.at(-1)!.kill();
      const dice = createDice(SEED + 7);
      for (let i = 0; i < 30; i++) await expectSame(federationRequest(dice));
    }, 60_000);
  });
}

/** Without what tells about the run; hits are compared by name, facets in order. */
function comparable(answer: NodeAnswer): Exact {
  let value = without(parseExact(answer.text), VOLATILE);
  const metadata = member(value, "metadata");
  if (metadata !== undefined) {
    const kept: Exact = { kind: "array", items: items(metadata).map((one) => without(one, VOLATILE)) };
    value = withMember(value, "metadata", kept);
  }
  return value;
}

function tenantToken(apiKeyUid: string, key: string, searchRules: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const unsigned = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ apiKeyUid, searchRules })}`;
  return `${unsigned}.${new Bun.CryptoHasher("sha256", key).update(unsigned).digest("base64url")}`;
}

const films = { indexUid: "films", q: "red" };
const WRONG: readonly unknown[] = [
  { queries: [films, { ...films, limit: 3 }], federation: {} },
  { queries: [{ ...films, page: 1 }], federation: {} },
  { queries: [{ ...films, facets: ["genre"] }], federation: {} },
  { queries: [films, { ...films, personalize: { userContext: "x" } }], federation: {} },
  { queries: [films], federation: { personalize: { userContext: "x" } } },
  { queries: [{ ...films, showPerformanceDetails: true }], federation: {} },
  { queries: [{ ...films, distinct: "genre" }], federation: { distinct: "genre" } },
  { queries: [films], federation: { distinct: "overview" } },
  { queries: [films, { indexUid: "nowhere" }], federation: {} },
  { queries: [{ indexUid: "nowhere" }, { ...films, filter: "year >" }], federation: {} },
  { queries: [{ ...films, filter: "overview = x" }], federation: {} },
  {
    queries: [
      { ...films, sort: ["overview:asc"] },
      { indexUid: "books", sort: ["tags:asc"] },
    ],
    federation: {},
  },
  { queries: [{ ...films, sort: ["price"] }], federation: {} },
  { queries: [{ ...films, attributesToSearchOn: ["nothing"] }], federation: {} },
  { queries: [{ ...films, hybrid: { embedder: "none" }, vector: [1, 2, 3] }], federation: {} },
  { queries: [films], federation: { facetsByIndex: { films: ["overview"] } } },
  { queries: [films, { indexUid: "films", q: "blue" }], federation: { facetsByIndex: { films: ["overview"] } } },
  { queries: [films], federation: { facetsByIndex: { books: ["overview"] } } },
  { queries: [films], federation: { facetsByIndex: { nowhere: ["genre"] } } },
  { queries: [films], federation: { facetsByIndex: { "no good": ["genre"] } } },
  { queries: [films], federation: { mergeFacets: { maxValuesPerFacet: -1 } } },
  { queries: [films], federation: { limit: "3" } },
  { queries: [films], federation: { wrong: 1 } },
  { queries: [films], federation: [] },
  { queries: [{ ...films, federationOptions: { weight: -1 } }], federation: {} },
  { queries: [{ ...films, federationOptions: { remote: "x" } }], federation: {} },
  { queries: [{ ...films, federationOptions: { queryPosition: 2 } }], federation: {} },
  { queries: [{ ...films, federationOptions: { weight: 1 } }] },
  { queries: [films, { indexUid: "things", q: "red", sort: ["price:asc"] }], federation: {} },
  {
    queries: [
      { ...films, sort: ["price:asc"] },
      { ...films, sort: ["price:desc"] },
    ],
    federation: {},
  },
  {
    queries: [
      { indexUid: "things", sort: ["_geoPoint(1, 2):asc"] },
      { indexUid: "films", sort: ["price:asc"] },
    ],
    federation: {},
  },
  {
    queries: [
      { indexUid: "books", sort: ["year:desc", "year:asc"] },
      { indexUid: "books", sort: ["price:asc"] },
    ],
    federation: {},
  },
  { federation: {} },
  { queries: {}, federation: {} },
  { queries: [{ q: "red" }], federation: {} },
];
