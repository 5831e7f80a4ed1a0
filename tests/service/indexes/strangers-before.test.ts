/** What a node has of the name of an index that is to be made, and whether that is somebody's who made it past the router. */
import { expect, test } from "bun:test";
import { strangersBefore } from "../../../src/services/broadcast/index-births.ts";
import { answered, createFakeNodeClient, refused } from "../../support/fake-node-client.ts";

type Deps = Parameters<typeof strangersBefore>[0];

/** `has`: the node has the index. `deletes`: and its deletion in its queue. */
function fleetOf(nodes: Readonly<Record<string, { readonly has: boolean; readonly deletes: boolean }>>): Deps {
  const clients = new Map(
    Object.entries(nodes).map(([nodeId, { has, deletes }]) => [
      nodeId,
      createFakeNodeClient(nodeId, ({ path }) => {
        if (path.startsWith("/tasks")) {
          expect(path).toBe("/tasks?statuses=enqueued,processing&types=indexDeletion&indexUids=films&limit=1");
          const deletion = { uid: 1, status: "enqueued", type: "indexDeletion", indexUid: "films" };
          return answered(nodeId, { results: deletes ? [deletion] : [] });
        }
        return has ? answered(nodeId, { uid: "films", createdAt: "then" }) : refused(nodeId, 404, "index_not_found");
      }),
    ]),
  );
  return {
    client: (nodeId: string) => clients.get(nodeId)!,
    timeoutMs: 1_000,
    fleet: { nodeIds: () => Object.keys(nodes), healthy: () => true },
    missed: { pending: () => false },
    policy: "all",
    catalog: { get: () => undefined },
  } as unknown as Deps;
}

test("an index that a node has counts, unless the node has still to carry out its deletion: that comes first", async () => {
  const deps = fleetOf({
    n0: { has: true, deletes: false },
    n1: { has: true, deletes: true },
    n2: { has: false, deletes: false },
  });
  expect(await strangersBefore(deps, "films")).toEqual({ n0: { films: "then" }, n1: {}, n2: {} });
});
