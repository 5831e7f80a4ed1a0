/** A swap undoes itself when it is repeated, so whatever goes wrong, no node may be left in doubt. Over real nodes. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";

import type { Task } from "../../../src/core/tasks/task.ts";
import type { NodeClient } from "../../../src/nodes/node-client.ts";
import { taskWithOperation } from "../../../src/scatter/lane-send.ts";
import { renamingIndexes } from "../../../src/services/admission/renaming-indexes.ts";
import { createIndex } from "../../../src/services/indexes/create-index.ts";
import { unsettledNodes } from "../../../src/services/indexes/settle-names.ts";
import { SETTLING, SWAP_INDEXES } from "../../../src/services/indexes/swap-data.ts";
import { swapIndexes } from "../../../src/services/indexes/swap-indexes.ts";
import { updateIndex } from "../../../src/services/indexes/update-index.ts";
import { readBirths } from "../../../src/services/broadcast/index-births.ts";
import { changeSettings } from "../../../src/services/settings/change-settings.ts";
import { findNodeTasks } from "../../../src/services/tasks/find-node-tasks.ts";
import { clientsOf } from "../../support/node-clients.ts";
import { nodeRequest, runTask, startNodes, type TestNode } from "../../support/nodes.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createSmallFleet, type SmallFleet } from "./small-fleet.ts";

setDefaultTimeout(60_000);

let nodes: TestNode[];
let fleet: SmallFleet;
let clients: NodeClient[];
/** Node n2 answers nothing any more. */
let isSilent = false;
let left: string;
let right: string;
let count = 0;

/** How node n2 treats a swap, a renaming, or a new index. */
let loses: "nothing" | "request" | "answer" | "births" | "twice" = "nothing";
/** How often. */
let times = 1;

beforeAll(async () => {
  nodes = await startNodes(3);
});
afterAll(() => Promise.all(nodes.map((node) => node.stop())));
beforeEach(async () => {
  loses = "nothing";
  times = 1;
  isSilent = false;
  clients = clientsOf(nodes);
  fleet = createSmallFleet({ clients: clients.with(2, flaky(clients[2] as NodeClient)), policy: "available" });
  count += 1;
  [left, right] = [`left_${count}`, `right_${count}`];
  await fleet.end(await createIndex(fleet.deps, { uid: left, primaryKey: "l" }));
  await Bun.sleep(2);
  await fleet.end(await createIndex(fleet.deps, { uid: right, primaryKey: "r" }));
});
afterEach(() => fleet.close());

const CHANGES: ReadonlySet<string> = new Set(["indexes.swap", "indexes.update", "indexes.create"]);

function flaky(real: NodeClient): NodeClient {
  return {
    ...real,
    send: async (request, signal) => {
      const isMeant = loses === "births" ? request.operation === "indexes.get" : CHANGES.has(request.operation);
      if (!isMeant || loses === "nothing") return real.send(request, signal);
      const what = loses;
      times -= 1;
      if (times === 0) loses = "nothing";
      if (what === "twice" || what === "answer") await real.send(request, signal);
      if (what === "twice") return real.send(request, signal);
      const ambiguous = what === "answer";
      return { kind: "unavailable", nodeId: real.nodeId, reason: "connection", ambiguous, message: "gone" };
    },
  };
}

/** Falls silent as soon as it has taken its first swap. */
function silenced(real: NodeClient): NodeClient {
  let hasTaken = false;
  return {
    ...real,
    send: async (request, signal) => {
      if (isSilent) {
        return { kind: "unavailable", nodeId: real.nodeId, reason: "connection", ambiguous: false, message: "gone" };
      }
      const outcome = await real.send(request, signal);
      if (request.operation === "indexes.swap" && !hasTaken) isSilent = hasTaken = true;
      return outcome;
    },
  };
}

const keysOf = (uid: string) =>
  Promise.all(nodes.map(async (node) => (await nodeRequest(node, "GET", `/indexes/${uid}`)).body.primaryKey));
const swap = () => swapIndexes(fleet.deps, [{ indexes: [left, right], rename: false }]);

async function lastTask() {
  const [task] = (await fleet.store.list({}, { limit: 1 })).tasks;
  return fleet.end(task as never);
}

for (const what of ["request", "answer"] as const) {
  test(`a node whose ${what} was lost: the swap is told to have failed, and no node has it in the end`, async () => {
    loses = what;
    expect(await rejectionOf(swap())).toMatchObject({ status: 503, code: "miroir_node_unavailable" });
    expect(await lastTask()).toMatchObject({ status: "failed", error: { code: "miroir_node_unavailable" } });
    expect(await keysOf(left)).toEqual(["l", "l", "l"]);
    expect(fleet.missed).toEqual([]);
    expect((await fleet.end(await swap())).status).toBe("succeeded");
    expect(await keysOf(left)).toEqual(["r", "r", "r"]);
  });
}

test("a node that loses every answer while it is taken back: nothing is kept for it, and it is looked at instead", async () => {
  [loses, times] = ["answer", 2];
  expect(await rejectionOf(swap())).toMatchObject({ status: 503, code: "miroir_node_unavailable" });
  expect((await lastTask()).status).toBe("failed");
  expect(times).toBe(0);
  expect([await keysOf(left), await keysOf(right)]).toEqual([
    ["l", "l", "l"],
    ["r", "r", "r"],
  ]);
  // Brought once more it would exchange them again.
  expect(fleet.missed).toEqual([]);
});

test("a renaming whose answers are lost ends under the old name: nothing is kept for the node, and it is looked at instead", async () => {
  const newUid = `${left}_new`;
  await fleet.deps.versions.proven(fleet.catalog.visible(left), ["n2"], 1);
  [loses, times] = ["answer", 2];
  const renaming = updateIndex({ ...fleet.deps, policy: "all" }, { uid: left, newUid });
  expect(await rejectionOf(renaming)).toMatchObject({ status: 503, code: "miroir_node_unavailable" });
  expect((await lastTask()).status).toBe("failed");
  expect([times, fleet.missed]).toEqual([0, []]);
  // Until it has gone back it lacks the old name without having lost the index, which an admission must not make anew there.
  expect(fleet.deps.versions.get(left, "n2")).toBeUndefined();
  expect([await keysOf(left), await keysOf(newUid)]).toEqual([
    ["l", "l", "l"],
    [undefined, undefined, undefined],
  ]);
});

test("a renaming that every node carries out takes along what they are proven to have", async () => {
  const newUid = `${left}_new`;
  await fleet.deps.versions.proven(fleet.catalog.visible(left), ["n0", "n1", "n2"], 1);
  expect((await fleet.end(await updateIndex(fleet.deps, { uid: left, newUid }))).status).toBe("succeeded");
  expect(["n0", "n1", "n2"].map((nodeId) => fleet.deps.versions.get(newUid, nodeId))).toEqual([1, 1, 1]);
});

test("a node that does not say what it has is not told, since nobody could say later what it has done", async () => {
  loses = "births";
  expect(await rejectionOf(swap())).toMatchObject({ status: 503, code: "miroir_node_unavailable" });
  expect(await keysOf(left)).toEqual(["l", "l", "l"]);
  expect((await fleet.end(await swap())).status).toBe("succeeded");
});

test("a node on which it came twice, and so undid itself, is told again", async () => {
  loses = "twice";
  expect((await fleet.end(await swap())).status).toBe("succeeded");
  expect(await keysOf(left)).toEqual(["r", "r", "r"]);
  expect(await keysOf(right)).toEqual(["l", "l", "l"]);
});

test("a node to which a new name came twice, so that the second failed there, has the old one in the end as all have", async () => {
  const newUid = `${left}_new`;
  loses = "twice";
  const renaming = await fleet.end(await updateIndex(fleet.deps, { uid: left, newUid }));
  expect(renaming).toMatchObject({ status: "failed", error: { code: "index_not_found" } });
  expect(await keysOf(left)).toEqual(["l", "l", "l"]);
  expect((await fleet.end(await updateIndex(fleet.deps, { uid: left, newUid }))).status).toBe("succeeded");
  expect(await keysOf(newUid)).toEqual(["l", "l", "l"]);
});

test("a node to which the request of a new index comes twice has made it, however the second ends", async () => {
  const uid = `${left}_made`;
  loses = "twice";
  const making = await createIndex({ ...fleet.deps, policy: "all" }, { uid, primaryKey: "id" });
  expect(await fleet.end(making)).toMatchObject({ status: "succeeded", error: null, details: { primaryKey: "id" } });
  expect(await keysOf(uid)).toEqual(["id", "id", "id"]);
  expect(fleet.catalog.visible(uid).primaryKey).toBe("id");
});

for (const decided of ["carried out", "taken back"] as const) {
  test(`a node that falls silent in the middle of a swap that is ${decided} is waited for a while, and set right when it is back`, async () => {
    const isCarriedOut = decided === "carried out";
    if (!isCarriedOut) await runTask(nodes[0] as TestNode, "DELETE", `/indexes/${right}`);
    const hasty = createSmallFleet({ clients: clients.with(2, silenced(clients[2] as NodeClient)), haste: 40 });
    for (const uid of [left, right]) hasty.entries.set(uid, fleet.catalog.visible(uid));
    const swapping = await swapIndexes(hasty.deps, [{ indexes: [left, right], rename: false }]);
    await hasty.tasks.passOver(swapping.uid, "n2");
    hasty.away.add("n2");
    await hasty.follow(async () => (await hasty.tasks.get(swapping.uid))?.flow?.step === SETTLING);
    expect(hasty.catalog.visible(left).primaryKey).toBe(isCarriedOut ? "r" : "l");
    expect(hasty.suspects).toEqual(["n2"]);
    const open = [(await hasty.tasks.get(swapping.uid)) as Task];
    expect([[...unsettledNodes(open)], [...renamingIndexes(open)]]).toEqual([["n2"], []]);
    // Nobody waits for it any longer, as far as the other nodes are there.
    let isFree = false;
    const freed = hasty.deps.turns.run([left, right], async () => (isFree = true));
    await hasty.follow(async () => isFree);
    await freed;
    // It has had it twice, and so not at all, or once although it was taken back.
    if (isCarriedOut) await runTask(nodes[2] as TestNode, "POST", "/swap-indexes", [{ indexes: [left, right] }]);
    isSilent = false;
    hasty.away.delete("n2");
    expect((await hasty.end(swapping)).status).toBe(isCarriedOut ? "succeeded" : "failed");
    const key = (await nodeRequest(nodes[2] as TestNode, "GET", `/indexes/${left}`)).body.primaryKey;
    expect(key).toBe(isCarriedOut ? "r" : "l");
    await hasty.close();
  });
}

test("a router that is started again settles such a node as well, also one that is right already", async () => {
  const swaps = [{ indexes: [left, right] as const, rename: false }];
  const before = await readBirths(fleet.deps, ["n0", "n1", "n2"], [left, right]);
  for (const node of nodes) await runTask(node, "POST", "/swap-indexes", [{ indexes: [left, right] }]);
  const told = nodes.map((_node, place) => ({ nodeId: `n${place}`, taskUid: null, role: "main", status: "hinted" }));
  const task = await fleet.tasks.register({
    type: "indexSwap",
    indexUid: null,
    details: { swaps },
    flow: { kind: SWAP_INDEXES, step: SETTLING, data: { swaps, born: {}, before, silent: ["n2", "gone"] } },
  });
  await fleet.tasks.dispatch(task.uid, told as never);
  expect((await fleet.end(task)).status).toBe("succeeded");
  expect(await keysOf(left)).toEqual(["r", "r", "r"]);
});

test("a node that cannot do it: those that did are put back, once", async () => {
  await runTask(nodes[0] as TestNode, "DELETE", `/indexes/${right}`);
  expect(await fleet.end(await swap())).toMatchObject({ status: "failed", error: { code: "index_not_found" } });
  expect(await keysOf(left)).toEqual(["l", "l", "l"]);
});

test("a change of settings that comes while names are exchanged waits, and is one of the index that has the name then", async () => {
  const swapping = await swap();
  const patch = { stopWords: ["w"] };
  const changing = changeSettings(fleet.deps, { uid: left, patch, single: null, mayCreate: false });
  expect((await fleet.end(swapping)).status).toBe("succeeded");
  expect((await fleet.end(await changing)).status).toBe("succeeded");
  expect(fleet.catalog.visible(left)).toMatchObject({ primaryKey: "r", settings: patch });
  expect(fleet.catalog.visible(right)).toMatchObject({ primaryKey: "l", settings: {} });
  for (const node of nodes) {
    expect((await nodeRequest(node, "GET", `/indexes/${left}/settings/stop-words`)).body).toEqual(["w"]);
    expect((await nodeRequest(node, "GET", `/indexes/${right}/settings/stop-words`)).body).toEqual([]);
  }
});

test("a write is found by its operation although its index has changed its name since, and one that is not there is not", async () => {
  const node = nodes[0] as TestNode;
  const client = fleet.deps.client("n0");
  const task = await fleet.tasks.register({ type: "documentAdditionOrUpdate", indexUid: left, details: null });
  const path = `/indexes/${left}/documents?customMetadata=${task.miroirId}`;
  const { uid: taskUid } = await runTask(node, "POST", path, [{ id: 1 }]);
  await runTask(node, "POST", "/swap-indexes", [{ indexes: [left, right] }]);
  const listed = await nodeRequest(node, "GET", `/tasks?indexUids=${left}&types=documentAdditionOrUpdate`);
  expect(listed.body.results.map((one: { customMetadata?: string }) => one.customMetadata)).not.toContain(
    task.miroirId,
  );
  expect(await taskWithOperation(client, left, task.miroirId, 5_000)).toMatchObject({ kind: "enqueued", taskUid });
  const found = await findNodeTasks(client, task, new AbortController().signal);
  expect(found).toMatchObject([{ nodeId: "n0", role: "main", taskUid }]);
  const other = await fleet.tasks.register({ type: "documentAdditionOrUpdate", indexUid: left, details: null });
  expect(await taskWithOperation(client, left, other.miroirId, 5_000)).toBeNull();
  expect(await findNodeTasks(client, other, new AbortController().signal)).toEqual([]);
});

for (const told of [[], [1], [0, 1, 2]]) {
  test(`a router that stopped when nodes ${told.join(", ")} had been told takes it back from these alone`, async () => {
    const swaps = [{ indexes: [left, right] as const, rename: false }];
    const before = await readBirths(
      fleet.deps,
      ["n0", "n1", "n2"],
      swaps.flatMap(({ indexes }) => indexes),
    );
    for (const place of told) {
      await nodeRequest(nodes[place] as TestNode, "POST", "/swap-indexes", [{ indexes: [left, right] }]);
    }
    const task = await fleet.tasks.register({
      type: "indexSwap",
      indexUid: null,
      details: { swaps },
      flow: { kind: SWAP_INDEXES, step: "apply", data: { swaps, born: {}, before } },
    });
    await fleet.tasks.adopt();
    expect(await fleet.end(task)).toMatchObject({ status: "failed", error: { code: "miroir_task_interrupted" } });
    expect(await keysOf(left)).toEqual(["l", "l", "l"]);
    expect(await keysOf(right)).toEqual(["r", "r", "r"]);
  });
}
