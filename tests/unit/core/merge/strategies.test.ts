import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import type { IndexEntry } from "../../../../src/core/catalog/index-entry.ts";
import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import { mergeSearch } from "../../../../src/core/merge/merge-search.ts";
import { readNodeAnswer, type NodeAnswer } from "../../../../src/core/merge/node-answer.ts";
import type { MergeStrategyName } from "../../../../src/core/merge/ranking.ts";
import { chooseMerge } from "../../../../src/core/search/choose-merge.ts";
import { readSearchRequest, type SearchRequest } from "../../../../src/core/search/search-request.ts";
import { offsetSpec } from "./answers.ts";

interface Scored {
  readonly id: number;
  readonly score: number;
}

/** A node's answer without the hidden rule, as `score` and `rrf` ask for it. */
function answerOf(hits: readonly Scored[], details?: (hit: Scored) => object): NodeAnswer {
  const texts = hits.map((hit) =>
    JSON.stringify({
      id: hit.id,
      _miroir_seq: encodeSequence(BigInt(hit.id)),
      _rankingScore: hit.score,
      ...(details === undefined ? {} : { _rankingScoreDetails: details(hit) }),
    }),
  );
  const tail = `"query":"q","processingTimeMs":1,"limit":20,"offset":0,"estimatedTotalHits":${hits.length}}`;
  return readNodeAnswer(`{"hits":[${texts.join(",")}],${tail}`)!;
}

function merged(answers: readonly NodeAnswer[], strategy: MergeStrategyName, rrfK = 60): readonly number[] {
  const spec = offsetSpec(0, 1000, { ranking: { strategy, rrfK } });
  const result = mergeSearch({ answers, spec, requestUid: "r", metadata: null, withoutThreshold: null });
  if (result.kind !== "merged") throw new TypeError("these are answers");
  const { hits } = JSON.parse(result.text) as { readonly hits: readonly Record<string, unknown>[] };
  for (const hit of hits) expect(Object.keys(hit)).not.toContain("_miroir_seq");
  return hits.map(({ id }) => id as number);
}

const byScore = (a: Scored, b: Scored): number => b.score - a.score || a.id - b.id;

const split = fc
  .uniqueArray(fc.record({ id: fc.nat(10_000), score: fc.constantFrom(1, 0.9, 0.5, 0.25), shard: fc.nat(3) }), {
    selector: ({ id }) => id,
  })
  .map((all) => [0, 1, 2, 3].map((shard) => all.filter((one) => one.shard === shard).toSorted(byScore)));

describe("score", () => {
  test("orders by the score, then by insertion, whatever the split and the order of answers", () => {
    fc.assert(
      fc.property(split, (shards) => {
        const wanted = shards
          .flat()
          .toSorted(byScore)
          .map(({ id }) => id);
        expect(
          merged(
            shards.map((hits) => answerOf(hits)),
            "score",
          ),
        ).toEqual(wanted);
        expect(
          merged(
            shards.toReversed().map((hits) => answerOf(hits)),
            "score",
          ),
        ).toEqual(wanted);
      }),
    );
  });
});

describe("rrf", () => {
  test("takes the first hit of every list, then the second of every list, and so on", () => {
    fc.assert(
      fc.property(split, (shards) => {
        const places = shards.flatMap((hits) => hits.map(({ id }, place) => ({ id, place })));
        const wanted = places.toSorted((a, b) => a.place - b.place || a.id - b.id).map(({ id }) => id);
        expect(
          merged(
            shards.map((hits) => answerOf(hits)),
            "rrf",
          ),
        ).toEqual(wanted);
      }),
    );
  });

  test("has the same order for every k, as a document stands in one list only", () => {
    fc.assert(
      fc.property(split, fc.integer({ min: 1, max: 10_000 }), (shards, k) => {
        const answers = shards.map((hits) => answerOf(hits));
        expect(merged(answers, "rrf", k)).toEqual(merged(answers, "rrf", 60));
      }),
    );
  });
});

describe("details and dfs", () => {
  const typos = (hit: Scored): object => ({ typo: { order: 0, typoCount: hit.score, maxTypoCount: 9, score: 1 } });

  test.each(["details", "dfs"] as const)(
    "(%s) take the stored place in insertion order where nodes are without the hidden rule",
    (strategy) => {
      const left = answerOf(
        [4, 7].map((id) => ({ id, score: 1 })),
        typos,
      );
      const right = answerOf(
        [3, 5].map((id) => ({ id, score: 1 })),
        typos,
      );
      expect(merged([left, right], strategy)).toEqual([3, 4, 5, 7]);
      expect(merged([right, left], strategy)).toEqual([3, 4, 5, 7]);
    },
  );

  test("nodes with the hidden rule and nodes without it, as during a change, become one order", () => {
    const ruled = (hit: Scored): object => ({
      ...typos(hit),
      "_miroir_seq:asc": { order: 1, value: encodeSequence(BigInt(hit.id)) },
    });
    const left = answerOf(
      [2, 6].map((id) => ({ id, score: 1 })),
      ruled,
    );
    const right = answerOf(
      [1, 4].map((id) => ({ id, score: 1 })),
      typos,
    );
    expect(merged([left, right], "details")).toEqual([1, 2, 4, 6]);
  });

  test("a document without any place goes behind those that tie with it", () => {
    const left = answerOf([{ id: 9, score: 1 }], typos);
    const foreign = readNodeAnswer(
      `{"hits":[{"id":1,"_rankingScoreDetails":{"typo":{"order":0,"typoCount":1,"maxTypoCount":9,"score":1}}}],"query":"q","processingTimeMs":1,"limit":20,"offset":0,"estimatedTotalHits":1}`,
    )!;
    expect(merged([foreign, left], "details")).toEqual([9, 1]);
  });
});

describe("which strategy merges a search", () => {
  const entry = (settings: object = {}): IndexEntry => ({
    uid: "i",
    primaryKey: "id",
    shards: 1,
    state: "ready",
    settingsVersion: 1,
    settings: settings as Record<string, unknown>,
    createdAt: 0,
    updatedAt: 0,
  });
  const chosen = (strategy: MergeStrategyName, body: object, settings: object = {}): string => {
    const read = readSearchRequest(body);
    return chooseMerge({ strategy, rrfK: 60 }, (read as { readonly request: SearchRequest }).request, entry(settings))
      .strategy;
  };

  test("is the one that was asked for, as long as relevancy alone decides", () => {
    for (const strategy of ["details", "score", "rrf", "dfs"] as const) {
      expect(chosen(strategy, { q: "x" })).toBe(strategy);
      expect(chosen(strategy, { q: "x", sort: [] }, { rankingRules: ["words", "typo"] })).toBe(strategy);
    }
  });

  test.each(["score", "rrf"] as const)(
    "is details instead of %s where values or vectors decide as well",
    (strategy) => {
      expect(chosen(strategy, { q: "x", sort: ["price:asc"] })).toBe("details");
      expect(chosen(strategy, { q: "x" }, { rankingRules: ["words", "price:desc"] })).toBe("details");
      expect(chosen(strategy, { q: "x", hybrid: { embedder: "e" } })).toBe("details");
      expect(chosen(strategy, { vector: [1], hybrid: { embedder: "e" } })).toBe("details");
    },
  );
});
