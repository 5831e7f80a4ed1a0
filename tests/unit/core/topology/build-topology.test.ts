/** A snapshot is sorted and sound, whatever order its nodes are kept in. */
import { describe, expect, test } from "bun:test";
import { buildTopology, type TopologyRecord } from "../../../../src/core/topology/build-topology.ts";
import type { TopologyNode } from "../../../../src/core/topology/topology.ts";

const node = (id: string, replicaGroup = 0): TopologyNode => ({
  id,
  address: `http://${id}.test:7700`,
  replicaGroup,
  state: "active",
});

const record = (nodes: readonly TopologyNode[], more: Partial<TopologyRecord> = {}): TopologyRecord => ({
  epoch: 7,
  replicationFactor: 1,
  replicaGroups: 2,
  nodes,
  ...more,
});

test("nodes are grouped and sorted by id, and found by id", () => {
  const topology = buildTopology(record([node("c", 1), node("b"), node("a", 1)]));
  expect(topology.groups.map((group) => group.map(({ id }) => id))).toEqual([["b"], ["a", "c"]]);
  expect([...topology.nodes.keys()]).toEqual(["a", "b", "c"]);
  expect(topology.nodes.get("a")).toBe(topology.groups[1]![0]);
  expect(topology.epoch).toBe(7);
});

test("a base URL loses its trailing slash", () => {
  const topology = buildTopology(record([{ ...node("a"), address: "http://a.test:7700//" }]));
  expect(topology.nodes.get("a")!.address).toBe("http://a.test:7700");
});

describe("refused with a sentence", () => {
  test.each([
    ["two nodes of one id", record([node("a"), node("a", 1)]), "Two nodes have the id `a`"],
    ["a node without an id", record([node("")]), "empty id"],
    [
      "a group that does not exist",
      record([node("a", 2)]),
      "Node `a` is in replica group 2, but the groups are 0 to 1.",
    ],
    ["no group at all", record([], { replicaGroups: 0 }), "number of replica groups is 0"],
    ["no replication", record([], { replicationFactor: 0 }), "replication factor is 0"],
  ])("%s", (_name, broken, message) => {
    expect(() => buildTopology(broken)).toThrow(message);
  });
});
