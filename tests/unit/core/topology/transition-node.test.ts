/** Changes make new snapshots and leave the old ones alone. */
import { expect, test } from "bun:test";
import { transitionNode } from "../../../../src/core/topology/transition-node.ts";
import { topologyOf } from "../routing/topologies.ts";

test("a transition gives a snapshot with the next epoch in which only that node differs", () => {
  const before = topologyOf([["a", "b"], ["x"]], 2);
  const after = transitionNode(before, "b", "draining");
  expect(after.epoch).toBe(before.epoch + 1);
  expect(after.nodes.get("b")!.state).toBe("draining");
  expect(after.groups[0]!.map(({ state }) => state)).toEqual(["active", "draining"]);
  expect(after.groups[1]).toEqual([...before.groups[1]!]);
  expect(after.replicationFactor).toBe(2);
});

test("the snapshot before stays as it was", () => {
  const before = topologyOf([["a", "b"]]);
  transitionNode(before, "a", "failed");
  expect(before).toEqual(topologyOf([["a", "b"]]));
});

test("an unknown node and a step that is not allowed are refused", () => {
  const topology = topologyOf([["a", "b"]]);
  expect(() => transitionNode(topology, "c", "active")).toThrow("There is no node `c`. The nodes are: `a`, `b`.");
  expect(() => transitionNode(topology, "a", "removed")).toThrow("cannot become `removed`");
});
