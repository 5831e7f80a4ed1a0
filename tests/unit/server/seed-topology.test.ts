/** The first start takes the configuration; later starts refuse one that would lose documents. */
import { expect, test } from "bun:test";
import { seedTopology, type ConfiguredTopology } from "../../../src/server/seed-topology.ts";
import type { StoredTopology, TopologyStore } from "../../../src/store/topology-store.ts";

const configured: ConfiguredTopology = {
  replicationFactor: 2,
  replicaGroups: 1,
  nodes: ["a", "b", "c"].map((id) => ({ id, address: `http://${id}:7700`, replicaGroup: 0 })),
};

function storeOf(initial?: StoredTopology): TopologyStore & { saved: StoredTopology | undefined } {
  const store = {
    saved: initial,
    follow: () => {},
    load: async () => store.saved,
    save: async (next: StoredTopology, expectedEpoch: number) => {
      if ((store.saved?.epoch ?? 0) !== expectedEpoch) return false;
      store.saved = next;
      return true;
    },
  };
  return store;
}

test("the first start seeds the store, the second changes nothing", async () => {
  const store = storeOf();
  expect((await seedTopology(configured, store)).epoch).toBe(1);
  const again = await seedTopology(configured, store);
  expect(again.epoch).toBe(1);
  expect([...again.nodes.keys()]).toEqual(["a", "b", "c"]);
});

test("a new address of the same node is a new epoch, not a new node", async () => {
  const store = storeOf();
  await seedTopology(configured, store);
  const moved = { ...configured, nodes: configured.nodes.map((node) => ({ ...node, address: `${node.address}1` })) };
  const topology = await seedTopology(moved, store);
  expect(topology.epoch).toBe(2);
  expect(topology.nodes.get("b")?.address).toBe("http://b:77001");
});

const dangerous: [string, ConfiguredTopology, string][] = [
  ["a node less", { ...configured, nodes: configured.nodes.slice(1) }, "node a is missing"],
  [
    "a node more",
    { ...configured, nodes: [...configured.nodes, { id: "d", address: "http://d", replicaGroup: 0 }] },
    "node d is new",
  ],
  ["another replication factor", { ...configured, replicationFactor: 1 }, "replication_factor is 1"],
  ["another number of groups", { ...configured, replicaGroups: 2 }, "replica_groups is 2"],
];
for (const [name, next, words] of dangerous) {
  test(`${name} is refused with what to do`, async () => {
    const store = storeOf();
    await seedTopology(configured, store);
    const before = store.saved;
    expect(seedTopology(next, store)).rejects.toThrow(words);
    expect(store.saved).toBe(before);
  });
}
