/** The lists of a hybrid search with a distinct attribute of which documents have several values. */
import { expect, test } from "bun:test";

import { readHits } from "../../../src/core/merge/hit-cursor.ts";
import type { MergeSpec } from "../../../src/core/merge/merge-spec.ts";
import { readNodeAnswer } from "../../../src/core/merge/node-answer.ts";
import type { SearchPlan } from "../../../src/core/search/search-plan.ts";
import { emptyGathering } from "../../../src/services/search/gather-parts.ts";
import type { Side } from "../../../src/services/search/hybrid-sides.ts";
import { showAll } from "../../../src/services/search/hybrid-several.ts";
import { answered, unavailable } from "../../support/fake-node-client.ts";
import { offsetSpec } from "../../unit/core/merge/answers.ts";
import { createFleet, sentText, type Fleet } from "./fake-fleet.ts";

interface Tagged {
  readonly id: number;
  readonly tags: readonly string[];
}

function answerOf(hits: readonly Tagged[], estimatedTotalHits: number): object {
  return { hits, query: "red", processingTimeMs: 1, offset: 0, limit: 3, estimatedTotalHits };
}

function sideOf(first: readonly Tagged[]): Side {
  const distinct = { field: "tags", requested: true, filterable: true, counted: false, ownFacet: null };
  const merge: MergeSpec = offsetSpec(1, 2, { distinct });
  const base = JSON.stringify({ q: "red", distinct: "tags", facets: ["n"], offset: 0, limit: 3 });
  const query = { base, withoutThreshold: null, filter: "year > 3", forced: [] };
  const gathered = emptyGathering<NonNullable<ReturnType<typeof readNodeAnswer>>>();
  for (const [i, nodeId] of ["a", "b"].entries()) {
    const answer = readNodeAnswer(JSON.stringify(answerOf(i === 0 ? first : [{ id: 9, tags: ["z"] }], 7)))!;
    gathered.answers.push({ nodeId, shards: [i], answer });
  }
  return { plan: { query, merge } as unknown as SearchPlan, gathered, withoutThreshold: null };
}

const HIDDEN: Tagged = { id: 2, tags: ["y"] };
const SEVERAL: readonly Tagged[] = [{ id: 1, tags: ["x", "y"] }];

function fleetOf(): Fleet {
  const fleet = createFleet({ owners: [[["a"], ["b"], ["a"], ["b"]]] });
  for (const [nodeId, node] of Object.entries(fleet.nodes)) {
    node.answerWith(() => answered(nodeId, answerOf([...SEVERAL, HIDDEN], 99)));
  }
  return fleet;
}

/** By node: the documents of its list afterwards. */
async function lists(fleet: Fleet, side: Side, mixed = false): Promise<readonly (readonly string[])[]> {
  await showAll(fleet.deps, { indexUid: "films", side, mixed }, new AbortController().signal);
  expect(side.gathered.answers.map(({ answer }) => answer.total)).toEqual([7, 7]);
  return side.gathered.answers.map(({ answer }) =>
    readHits(answer.hits)!.map(({ text, bounds }) => text.slice(bounds[2], bounds[3])),
  );
}

test("are asked for with nothing passed over, and count what they have counted", async () => {
  const fleet = fleetOf();
  expect(await lists(fleet, sideOf(SEVERAL))).toEqual([
    ["1", "2"],
    ["1", "2"],
  ]);
  const body = JSON.parse(sentText(fleet.nodes["a"]!.sent[0]!)) as Record<string, unknown>;
  expect(body).toMatchObject({ q: "red", distinct: "tags._miroir_none", offset: 0, limit: 112 });
  expect(body["filter"]).toContain("year > 3");
  expect(body).not.toHaveProperty("facets");
});

test("are asked for as well where a text is blank, however that is written, and once more where so many are not enough", async () => {
  for (const blank of ["", " ", "\t", "\u2003"]) {
    const fleet = fleetOf();
    await lists(fleet, sideOf([{ id: 1, tags: [blank] }]));
    expect(fleet.nodes["a"]!.sent).toHaveLength(1);
  }
  const fleet = fleetOf();
  // So many that share a value that the page is not full with as many as are asked for first.
  const many = Array.from({ length: 112 }, (_, id) => ({ id, tags: [" "] }));
  fleet.nodes["a"]!.answerWith(() => answered("a", answerOf(many, 500)));
  await lists(fleet, sideOf([{ id: 1, tags: [" "] }]));
  const limits = fleet.nodes["a"]!.sent.map((one) => (JSON.parse(sentText(one)) as { readonly limit: number }).limit);
  expect(limits).toEqual([112, 1000]);
});

test("are asked for as well where hits by words stand between those by meaning, and take the places of some", async () => {
  const at = (id: number, rule: string): Tagged & { readonly _rankingScoreDetails: object } => ({
    id,
    tags: ["x"],
    _rankingScoreDetails: { [rule]: { order: 0, score: 1, similarity: 1 } },
  });
  const enough = [at(1, "vectorSort"), at(2, "vectorSort"), at(3, "vectorSort")];
  const between = [at(1, "vectorSort"), at(4, "proximity"), at(2, "vectorSort")];
  for (const [hits, mixed, asked] of [
    [enough, true, 0],
    [between, true, 1],
    [between, false, 0],
    [between.slice(0, 2), true, 0],
  ] as const) {
    const fleet = fleetOf();
    await lists(fleet, sideOf(hits), mixed);
    expect(fleet.nodes["a"]!.sent).toHaveLength(asked);
  }
});

test("stay as they are where every document has one value, or a node cannot be asked", async () => {
  const fleet = fleetOf();
  expect(await lists(fleet, sideOf([{ id: 1, tags: ["x"] }]))).toEqual([["1"], ["9"]]);
  expect(fleet.nodes["a"]!.sent).toEqual([]);
  fleet.nodes["b"]!.answerWith(() => unavailable("b", "timeout"));
  expect(await lists(fleet, sideOf(SEVERAL))).toEqual([["1"], ["9"]]);
});
