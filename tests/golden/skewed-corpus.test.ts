/**
 * The merge against answers of the real engine, without an engine: ten shards of which one holds nearly everything and
 * one nearly nothing. `bun scripts/ranking/record.ts` makes the recording.
 */
import { beforeAll, expect, test } from "bun:test";

import type { MergeStrategyName } from "../../src/core/merge/ranking.ts";
import { mergeRecorded, type MergedIds } from "./merge-recorded.ts";
import { ids, readRecording, type RecordedQuery, type Recording } from "./recording.ts";

let recording: Recording;
beforeAll(async () => {
  recording = await readRecording(new URL("skewed-corpus.json.zst", import.meta.url));
});

const merged = (query: RecordedQuery, strategy: MergeStrategyName, from = 0, count = recording.limit): MergedIds =>
  mergeRecorded(recording, query, { strategy, from, count });

test("the recording is what it is meant to be: uneven shards, five kinds of queries, all of which find something", () => {
  expect(recording.shardSizes).toEqual([186, 18_603, 186, 186, 186, 186, 186, 186, 93, 2]);
  expect(recording.queries.length).toBeGreaterThanOrEqual(1_500);
  for (const kind of ["single", "multi", "filtered", "rare", "common"]) {
    expect(recording.queries.filter((query) => query.kind === kind).length).toBeGreaterThanOrEqual(300);
  }
  const found = recording.queries.filter(({ whole }) => whole.total > 0).length;
  expect(found).toBeGreaterThan(recording.queries.length * 0.9);
});

test("merged by details every answer is the one of a single node: the same hits in the same order, the same total", () => {
  const different = recording.queries.flatMap((query) => {
    const { ids: order, total } = merged(query, "details");
    if (Bun.deepEquals(order, ids(query.whole)) && total === query.whole.total) return [];
    return [{ kind: query.kind, q: query.q, filter: query.filter, order, wanted: ids(query.whole) }];
  });
  expect(different).toEqual([]);
});

test("pages of the merged list are pages of the single node's", () => {
  for (const query of recording.queries.filter((_query, at) => at % 10 === 0)) {
    expect(merged(query, "details", 10, 10).ids).toEqual(ids(query.whole).slice(10, 20));
  }
});

test("with the words that each shard knows, which `dfs` asks for, nothing changes where nothing was wrong", () => {
  const counted = recording.queries.filter(({ exact }) => exact !== undefined);
  expect(counted.length).toBeGreaterThan(500);
  for (const query of counted.filter((_query, at) => at % 5 === 0)) {
    expect(merged(query, "dfs").ids).toEqual(ids(query.whole));
  }
});

test("places do not do: without the details most lists are in another order", () => {
  const some = recording.queries.filter((_query, at) => at % 7 === 0);
  const equal = some.filter((query) => Bun.deepEquals(merged(query, "rrf").ids, ids(query.whole)));
  expect(equal.length).toBeLessThan(some.length / 2);
});

test("words dropped by the counts of all shards give the single node's order, by each shard's own they do not", () => {
  const asked = recording.queries.flatMap(({ frequency }) => (frequency === undefined ? [] : [frequency]));
  const equal = (order: "own" | "global"): number =>
    asked.filter((found) => Bun.deepEquals(found[order].slice(0, 10), found.whole.slice(0, 10))).length;
  expect(equal("global")).toBeGreaterThanOrEqual(asked.length * 0.99);
  expect(equal("own")).toBeLessThan(asked.length / 2);
});
