/** What is to be kept for a node that is away comes before anything newer, also where the node is back while others are told. */
import { beforeEach, expect, test } from "bun:test";
import type { NodeOutcome } from "../../../src/nodes/node-outcome.ts";
import { tell } from "../../../src/services/broadcast/advance-broadcast.ts";
import { broadcast, type BroadcastDeps } from "../../../src/services/broadcast/broadcast.ts";
import { orders } from "../../../src/services/indexes/lifecycle-deps.ts";
import { answered, createFakeNodeClient } from "../../support/fake-node-client.ts";
import { createSmallFleet } from "./small-fleet.ts";

const UID = "films";
const TAKEN = answered("n0", { taskUid: 1, enqueuedAt: "" }, 202);

let deps: BroadcastDeps;
/** Places that were held, kept for a node, and released. */
let seen: string[];
let answer: () => void;
beforeEach(() => {
  const { promise, resolve } = Promise.withResolvers<NodeOutcome>();
  answer = () => resolve(TAKEN);
  const fleet = createSmallFleet({
    clients: [createFakeNodeClient("n0", () => promise), createFakeNodeClient("n1", () => TAKEN)],
    policy: "available",
  });
  seen = [];
  const note = (what: string, nodeId: string) => void (nodeId === "n1" && seen.push(what));
  deps = {
    ...fleet.deps,
    missed: {
      pending: (nodeId) => nodeId === "n1",
      place: (nodeId) => ({
        hold: () => note("held", nodeId),
        record: async () => {
          note("kept", nodeId);
          return true;
        },
        release: () => note("released", nodeId),
      }),
    },
  };
});

test.each([
  ["told by a flow", () => tell(deps, 1, UID, ["n0", "n1"], orders.deleteIndex(UID, "main"))],
  [
    "told with the others",
    () =>
      broadcast(deps, {
        lane: UID,
        draft: { type: "indexDeletion", indexUid: UID, details: null },
        orders: () => [orders.deleteIndex(UID, "main")],
        whenLost: "undo",
      }),
  ],
] as const)("%s", async (_what, work) => {
  const working = work();
  await Bun.sleep(20);
  expect(seen).toEqual(["held"]);
  answer();
  await working;
  expect(seen.filter((what, at) => what !== seen[at - 1])).toEqual(["held", "kept", "released"]);
});
