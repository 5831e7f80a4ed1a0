/** Indexes that a repaired node has and nobody knows of. */
import { expect, test } from "bun:test";
import { ownTurns } from "../../../src/services/routers/turns.ts";
import { removeLeft, type RemoveLeftDeps } from "../../../src/services/anti-entropy/remove-left.ts";
import { answered, createFakeNodeClient } from "../../support/fake-node-client.ts";
import { createSmallFleet } from "../indexes/small-fleet.ts";

interface Scene {
  /** Of each node, `n0` first, which is repaired. */
  readonly has: readonly (readonly string[])[];
  readonly readable?: boolean;
  readonly away?: string;
  /** Besides the first. */
  readonly underRepair?: boolean;
}

/** Whether it is done, and what the node was told. */
async function left({
  has,
  readable = true,
  away,
  underRepair = false,
}: Scene): Promise<readonly [boolean, readonly string[]]> {
  const told: string[] = [];
  const clients = has.map((uids, place) =>
    createFakeNodeClient(`n${place}`, ({ method, path }) => {
      if (method === "GET") return answered(`n${place}`, { results: uids.map((uid) => ({ uid })) });
      told.push(`n${place} ${method} ${path}`);
      return answered(`n${place}`, { taskUid: 1, status: "enqueued" }, 202);
    }),
  );
  const fleet = createSmallFleet({ clients });
  if (away !== undefined) fleet.away.add(away);
  const deps = {
    ...fleet.deps,
    fleet: { ...fleet.deps.fleet, readable: (nodeId: string) => readable && fleet.deps.fleet.readable(nodeId) },
    underRepair: () => underRepair,
    indexes: () => [{ uid: "shows" }],
    taskStore: { list: async () => ({ total: 0, tasks: [] }) },
    nameTurns: ownTurns,
    gate: { run: (_uid: string, work: () => unknown) => work() },
  } as unknown as RemoveLeftDeps;
  const isDone = await removeLeft(deps, "n0");
  await fleet.close();
  return [isDone, told];
}

test("one that no node that is right has either goes", async () => {
  expect(await left({ has: [["shows", "films"], ["shows"]] })).toEqual([true, ["n0 DELETE /indexes/films"]]);
  expect(await left({ has: [["shows"], ["shows"]] })).toEqual([true, []]);
});

test("one that a node which is right has stays, and is waited for", async () => {
  expect(await left({ has: [["films"], ["films"]] })).toEqual([false, []]);
});

test("where nobody is known to be right all of them are asked, and none may be away", async () => {
  const has = [["films"], [], []];
  expect(await left({ has, readable: false })).toEqual([true, ["n0 DELETE /indexes/films"]]);
  expect(await left({ has, readable: false, away: "n2" })).toEqual([false, []]);
});

test("one that a node has which is under repair as well stays; one that still has to get writes may be told to remove it", async () => {
  const scene: Scene = { has: [["films"], [], ["films"]], readable: false };
  expect(await left({ ...scene, underRepair: true })).toEqual([true, []]);
  expect(await left(scene)).toEqual([false, []]);
});

test("the only node keeps what it has", async () => {
  expect(await left({ has: [["films"]] })).toEqual([true, []]);
});
