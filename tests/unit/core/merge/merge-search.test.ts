import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { mergeSearch } from "../../../../src/core/merge/merge-search.ts";
import type { MergeSpec } from "../../../../src/core/merge/merge-spec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../../../src/core/merge/node-answer.ts";
import { indexView } from "../../../../src/core/search/index-view.ts";
import { planSearch } from "../../../../src/core/search/plan-search.ts";
import { readSearchRequest } from "../../../../src/core/search/search-request.ts";
import { answer, byRank, offsetSpec, type TestHit } from "./answers.ts";
import recorded from "./fixtures/engine-answers.json";

function merged(answers: readonly NodeAnswer[], spec: MergeSpec): string {
  const result = mergeSearch({ answers, spec, requestUid: "r", metadata: null, withoutThreshold: null });
  if (result.kind !== "merged") throw new TypeError(`answer ${result.answer} is garbage`);
  return result.text;
}

function ids(text: string): readonly number[] {
  return (JSON.parse(text) as { hits: readonly TestHit[] }).hits.map(({ id }) => id);
}

const hits = fc
  .uniqueArray(fc.record({ id: fc.nat(10_000), typos: fc.nat(3), shard: fc.nat(4) }), { selector: ({ id }) => id })
  .map((list) => list.map(({ id, typos, shard }) => ({ hit: { id, typos }, shard })));

describe("properties of the merge", () => {
  test("any split into shards gives what sorting everything gives, for every page", () => {
    fc.assert(
      fc.property(hits, fc.nat(30), fc.nat(30), (all, offset, limit) => {
        const shards = [0, 1, 2, 3, 4].map((shard) => all.filter((entry) => entry.shard === shard));
        const answers = shards.map((shard) => answer(shard.map(({ hit }) => hit)));
        const sorted = all.map(({ hit }) => hit).sort(byRank);
        const text = merged(answers, offsetSpec(offset, limit));
        expect(ids(text)).toEqual(sorted.slice(offset, offset + limit).map(({ id }) => id));
        expect(JSON.parse(text)).toHaveProperty("estimatedTotalHits", all.length);
      }),
    );
  });

  test("the order of the answers does not matter", () => {
    fc.assert(
      fc.property(hits, (all) => {
        const shards = [0, 1, 2, 3, 4].map((shard) =>
          answer(all.filter((entry) => entry.shard === shard).map(({ hit }) => hit)),
        );
        expect(merged(shards.toReversed(), offsetSpec(0, 50))).toBe(merged(shards, offsetSpec(0, 50)));
      }),
    );
  });

  test("pages laid one behind the other are the whole list, nothing twice and nothing lost", () => {
    fc.assert(
      fc.property(hits, fc.integer({ min: 1, max: 7 }), (all, size) => {
        const answers = [0, 1, 2, 3, 4].map((shard) =>
          answer(all.filter((entry) => entry.shard === shard).map(({ hit }) => hit)),
        );
        const pages: number[] = [];
        for (let offset = 0; offset < all.length; offset += size) {
          pages.push(...ids(merged(answers, offsetSpec(offset, size))));
        }
        expect(pages).toEqual([...ids(merged(answers, offsetSpec(0, 1000)))]);
      }),
    );
  });
});

describe("paging", () => {
  const three = [
    answer([{ id: 1, typos: 0 }]),
    answer([
      { id: 2, typos: 0 },
      { id: 3, typos: 1 },
    ]),
  ];
  const page = (number: number, hitsPerPage: number): object =>
    JSON.parse(merged(three, offsetSpec(0, 0, { paging: { mode: "page", page: number, hitsPerPage } }))) as object;

  test("page mode has its own members and counts its pages", () => {
    expect(page(2, 2)).toMatchObject({ hits: [{ id: 3 }], hitsPerPage: 2, page: 2, totalPages: 2, totalHits: 3 });
    expect(page(2, 2)).not.toHaveProperty("estimatedTotalHits");
  });

  test("page 0 has no hits and still counts", () => {
    expect(page(0, 2)).toMatchObject({ hits: [], page: 0, totalPages: 2, totalHits: 3 });
  });

  test("no hits per page means no pages", () => {
    expect(page(1, 0)).toMatchObject({ hits: [], hitsPerPage: 0, totalPages: 0, totalHits: 3 });
  });

  test("hits beyond maxTotalHits cannot be reached while the totals know of them", () => {
    expect(JSON.parse(merged(three, offsetSpec(0, 20, { maxTotalHits: 2 })))).toMatchObject({
      hits: [{ id: 1 }, { id: 2 }],
      estimatedTotalHits: 3,
    });
  });
});

test("members stand in the engine's order", () => {
  const text = merged(
    [answer([], { facetDistribution: { a: {} }, facetStats: {}, semanticHitCount: 0 })],
    offsetSpec(0, 5, { facets: { valuesMax: 100, orderOf: () => "alpha" } }),
  );
  expect(Object.keys(JSON.parse(text) as object)).toEqual([
    "hits",
    "query",
    "processingTimeMs",
    "limit",
    "offset",
    "estimatedTotalHits",
    "facetDistribution",
    "facetStats",
    "requestUid",
    "semanticHitCount",
  ]);
});

test("an answer that breaks off inside a hit is named and nothing is answered with it", () => {
  const text =
    '{"hits":[{"id":1,"_rankingScoreDetails":{}},{"id":],"query":"","processingTimeMs":0,"estimatedTotalHits":2}';
  const broken = readNodeAnswer(text);
  const whole = answer([{ id: 5, typos: 0 }]);
  const input = { spec: offsetSpec(0, 5), requestUid: "r", metadata: null, withoutThreshold: null };
  expect(mergeSearch({ ...input, answers: [whole, broken!] })).toEqual({ kind: "garbage", answer: 1 });
});

describe("distinct", () => {
  const hit = (id: number, values: object, typos: number): string =>
    `{"id":${id},${JSON.stringify(values).slice(1, -1)},"_rankingScoreDetails":{"typo":{"order":0,"typoCount":${typos}}}}`;
  const list = (...texts: readonly string[]): NodeAnswer =>
    readNodeAnswer(
      `{"hits":[${texts.join(",")}],"query":"","processingTimeMs":0,"estimatedTotalHits":${texts.length}}`,
    )!;
  const distinct = { field: "group", requested: true, filterable: true, counted: false, ownFacet: null };

  test("the best document per value stays, whatever its case, and one without a value always does", () => {
    const text = merged(
      [
        list(hit(1, { group: "A" }, 0), hit(2, { other: 1 }, 1), hit(3, { group: 1 }, 2)),
        list(hit(4, { group: "a" }, 1), hit(5, { group: "1" }, 3), hit(6, { group: ["x", "A"] }, 4)),
      ],
      offsetSpec(0, 10, { distinct }),
    );
    expect(ids(text)).toEqual([1, 2, 3, 5]);
    expect(JSON.parse(text)).toHaveProperty("estimatedTotalHits", 4);
  });

  test("a nested attribute is found through objects and lists", () => {
    const nested = { field: "a.b", requested: true, filterable: true, counted: false, ownFacet: null };
    const text = merged(
      [list(hit(1, { a: [{ b: 1 }, { b: 2 }] }, 0)), list(hit(2, { a: { b: 2 } }, 1), hit(3, { "a.b": 1 }, 2))],
      offsetSpec(0, 10, { distinct: nested }),
    );
    expect(ids(text)).toEqual([1]);
  });

  test("in page mode the total counts each value once", () => {
    const counted = (values: object, total: number): NodeAnswer =>
      readNodeAnswer(
        `{"hits":[],"query":"","processingTimeMs":0,"totalHits":${total},"facetDistribution":${JSON.stringify({ group: values })},"facetStats":{}}`,
      )!;
    const text = merged(
      [counted({ A: 1, b: 1 }, 3), counted({ a: 1, c: 1 }, 2)],
      offsetSpec(0, 0, {
        paging: { mode: "page", page: 1, hitsPerPage: 0 },
        distinct: {
          field: "group",
          requested: true,
          filterable: true,
          counted: true,
          ownFacet: { field: "group", asked: [] },
        },
      }),
    );
    expect(JSON.parse(text)).toMatchObject({ totalHits: 4 });
    expect(text).not.toContain("facetDistribution");
  });
});

describe("answers recorded from the engine: three nodes merged are what one node says", () => {
  const settings = { filterableAttributes: ["genre", "year", "mixed"], sortableAttributes: ["year", "mixed", "_geo"] };
  const entry = {
    uid: "t",
    primaryKey: "id",
    shards: 8,
    state: "ready" as const,
    settingsVersion: 1,
    settings,
    createdAt: 0,
    updatedAt: 0,
  };
  const map = { epoch: 1, shards: 1, owners: [[["n"]]], shardsOf: new Map([["n", [0]]]) };

  test.each(recorded.map(({ name, request, single, nodes }) => [name, request, single, nodes] as const))(
    "%s",
    (_name, request, single, nodes) => {
      const read = readSearchRequest(request);
      if (read.kind !== "request") throw new TypeError("the request is readable");
      const planned = planSearch({
        request: read.request,
        entry,
        forced: [],
        map,
        group: 0,
        permitted: () => true,
        pinnedKeysMax: 128,
      });
      if (planned.kind !== "plan") throw new TypeError("the request can be planned");
      expect(indexView(entry).displayed).toBeNull();
      const text = merged(
        nodes.map((node) => readNodeAnswer(node)!),
        planned.plan.merge,
      );
      expect(settled(text)).toBe(settled(single));
    },
  );
});

/** Without what is different in every answer; everything else to the last character. */
function settled(text: string): string {
  return text.replace(/"processingTimeMs":\d+/, "").replace(/"requestUid":"[^"]+"/, "");
}
