/** What nobody who counts as well can answer is asked of whoever holds it all the same. */
import { expect, test } from "bun:test";
import { readDocument } from "../../../src/services/documents/read-document.ts";
import { shardOf } from "../../../src/core/routing/shard-of.ts";
import { answered, unavailable } from "../../support/fake-node-client.ts";
import { answerFor, createFleet, ids, type Fleet } from "./fake-fleet.ts";

const single = [[["a"], ["b"], ["a"], ["b"]]];
const replicated = [
  [
    ["a", "b"],
    ["b", "c"],
    ["c", "a"],
    ["a", "c"],
  ],
];
const signal = new AbortController().signal;

/** A breaker that is open for everything but what insists. */
function rest(fleet: Fleet, nodeId: string, held: readonly number[]): void {
  fleet.nodes[nodeId]!.answerWith((request) =>
    request.insists === true ? answerFor(nodeId, held, request) : unavailable(nodeId, "breaker_open"),
  );
}

test("the only owner is asked although it counts as unwell, and the answer is complete", async () => {
  const fleet = createFleet({ owners: single });
  fleet.unreadable.add("a");
  fleet.complete.add("a");
  const result = await fleet.search();
  expect(ids(result)).toEqual([0, 1, 2, 3]);
  expect(result.missingShards).toEqual([]);
  expect(fleet.nodes["a"]!.sent.map(({ insists }) => insists)).toEqual([true]);
});

test("one that has missed something is not asked: a gap that is told is better than an old document", async () => {
  const fleet = createFleet({ owners: single });
  fleet.unreadable.add("a");
  const result = await fleet.search();
  expect(result.missingShards).toEqual([0, 2]);
  expect(fleet.nodes["a"]!.sent).toEqual([]);
});

test("the only owner is asked although its breaker is open", async () => {
  const fleet = createFleet({ owners: single });
  rest(fleet, "a", [0, 2]);
  const result = await fleet.search();
  expect(ids(result)).toEqual([0, 1, 2, 3]);
  expect(result.missingShards).toEqual([]);
});

test("where others have its shards an open breaker is respected", async () => {
  const fleet = createFleet({ owners: replicated });
  rest(fleet, "a", [0, 2, 3]);
  expect(ids(await fleet.search())).toEqual([0, 1, 2, 3]);
  expect(fleet.nodes["a"]!.sent.filter(({ insists }) => insists === true)).toEqual([]);
});

test("another group that counts as unwell fills the gap, where the policy lets other groups answer", async () => {
  const owners = [
    [["a"], ["b"], ["a"], ["b"]],
    [["x"], ["x"], ["x"], ["x"]],
  ];
  for (const [unavailableShards, missing] of [
    ["auto", []],
    ["partial", [0, 2]],
  ] as const) {
    const fleet = createFleet({ owners, policy: { unavailableShards } });
    fleet.nodes["a"]!.down = true;
    fleet.unreadable.add("x");
    fleet.complete.add("x");
    // The group that counts as whole comes first in every turn; none is.
    const results = [await fleet.search(), await fleet.search()];
    if (unavailableShards === "auto") for (const { missingShards } of results) expect(missingShards).toEqual([]);
    else expect(results.map(({ missingShards }) => [...missingShards])).toContainEqual([...missing]);
  }
});

test("one document is read from the only owner as well", async () => {
  for (const spoil of [(fleet: Fleet) => fleet.unreadable.add("a"), (fleet: Fleet) => rest(fleet, "a", [])]) {
    const fleet = createFleet({ owners: single });
    spoil(fleet);
    fleet.complete.add("a");
    const id = ["1", "2", "3", "4", "5"].find((one) => shardOf(one, 4) % 2 === 0)!;
    fleet.nodes["a"]!.answerWith((request) =>
      request.insists === true ? answered("a", { id }) : unavailable("a", "breaker_open"),
    );
    const input = { indexUid: "films", documentId: id, rawQuery: "", judgement: { method: "GET", path: "" } } as const;
    expect(JSON.parse(await readDocument(fleet.deps, input, signal))).toEqual({ id });
  }
});
