/** What nodes list of the documents with the words and one of some values, where they list fewer at once than they have. */
import { expect, test } from "bun:test";

import { encodeSequence } from "../../../src/core/markers/codec.ts";
import { memberText } from "../../../src/core/merge/hit-cursor.ts";
import type { SearchPlan } from "../../../src/core/search/search-plan.ts";
import { askHybrid, listAll, withWords, type HybridDistinct } from "../../../src/services/search/ask-hybrid.ts";
import { answered, unavailable } from "../../support/fake-node-client.ts";
import { createFleet, sentText, shardsAsked, type Fleet } from "./fake-fleet.ts";

interface Stored {
  readonly id: number;
  readonly shard: number;
  readonly brand: string;
}

const X = { key: "sx", text: "x" };
const Y = { key: "sy", text: "y" };
const HELD: Readonly<Record<string, readonly number[]>> = { a: [0, 2], b: [1, 3] };

const kept = {
  field: "brand",
  semantic: [],
  keyword: [],
  taken: [],
  rejected: [],
  semanticFull: true,
  keywordFull: true,
};
const query = { base: JSON.stringify({ q: "red" }), withoutThreshold: null, filter: undefined, forced: [] };
const search: HybridDistinct = {
  indexUid: "films",
  kept,
  plan: { query } as unknown as SearchPlan,
  meaning: null,
  parts: Object.entries(HELD).map(([nodeId, shards]) => ({ nodeId, shards })),
};

/** Nodes that list so many at once. */
function fleetOf(stored: readonly Stored[], listedMax: number): Fleet {
  const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
  for (const [nodeId, shards] of Object.entries(HELD)) {
    fleet.nodes[nodeId]!.answerWith((request) => {
      const { queries } = JSON.parse(sentText(request)) as {
        readonly queries: readonly { readonly filter: unknown }[];
      };
      const asked = shardsAsked(request, shards);
      const results = queries.map(({ filter }) => {
        const found = stored.filter(
          ({ shard, brand }) => asked.includes(shard) && JSON.stringify(filter).includes(`\\"${brand}\\"`),
        );
        const hits = found.slice(0, listedMax).map(({ id }) => ({ id, _miroir_seq: encodeSequence(BigInt(id)) }));
        return { hits, query: "red", processingTimeMs: 1, estimatedTotalHits: found.length };
      });
      return answered(nodeId, { results });
    });
  }
  return fleet;
}

async function listed(fleet: Fleet): Promise<{ readonly ids: readonly number[] | null; readonly requests: number }> {
  const { signal } = new AbortController();
  const among = [X, Y];
  const first = (await askHybrid(fleet.deps, search, [withWords(search, [], among)], signal))!.map((own) => own[0]!);
  const hits = await listAll(fleet.deps, search, { without: [], among }, first, signal);
  const ids = hits === null ? null : [...new Set(hits.map((hit) => Number(memberText(hit, "id"))))];
  const requests = Object.values(fleet.nodes).reduce((sum, { sent }) => sum + sent.length, 0);
  return { ids: ids?.toSorted((a, b) => a - b) ?? null, requests };
}

const STORED: readonly Stored[] = [0, 1, 2, 3, 4, 5].map((id) => ({ id, shard: id % 4, brand: id < 4 ? "x" : "y" }));

test("nodes that list all that they have are asked once", async () => {
  expect(await listed(fleetOf(STORED, 5))).toEqual({ ids: [0, 1, 2, 3, 4, 5], requests: 2 });
});

test("a node that has more than it lists is asked again by shard and value", async () => {
  expect(await listed(fleetOf(STORED, 2))).toEqual({ ids: [0, 1, 2, 3, 4, 5], requests: 6 });
  const uneven = STORED.filter(({ shard }) => shard % 2 === 0 || shard === 1);
  expect(await listed(fleetOf(uneven, 2))).toEqual({ ids: [0, 1, 2, 4, 5], requests: 4 });
});

test("what cannot be listed in parts either, or not be asked, is not told", async () => {
  const same = STORED.map((one) => ({ ...one, shard: 0, brand: "x" }));
  expect(await listed(fleetOf(same, 2))).toEqual({ ids: null, requests: 4 });
  const many = Array.from({ length: 40 }, (_, id) => ({ id, shard: id % 4, brand: "x" }));
  expect(await listed(fleetOf(many, 1))).toEqual({ ids: null, requests: 2 });
  const fleet = fleetOf(STORED, 2);
  const { signal } = new AbortController();
  const first = (await askHybrid(fleet.deps, search, [withWords(search, [], [X, Y])], signal))!.map((own) => own[0]!);
  fleet.nodes["b"]!.answerWith(() => unavailable("b", "timeout"));
  expect(await listAll(fleet.deps, search, { without: [], among: [X, Y] }, first, signal)).toBeNull();
});
