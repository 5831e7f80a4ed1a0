/** Sweeps of expired documents, over nodes that carry out what they are given when the test says so. */
import { describe, expect, test } from "bun:test";
import { apiError } from "../../../src/core/errors/api-error.ts";
import { encodeExpiry } from "../../../src/core/markers/expiry.ts";
import { shardOf } from "../../../src/core/routing/shard-of.ts";
import { unavailable } from "../../support/fake-node-client.ts";
import { INTERVAL_MS, createSweepRig } from "./sweep-rig.ts";

const START_MS = Date.UTC(2025, 0, 1);
const twice = (...ids: string[]): readonly string[] => ids.flatMap((id) => [id, id]);

describe("a sweep", () => {
  test("deletes what has expired on all owners and leaves the rest; its task says why", async () => {
    const swept = createSweepRig();
    swept.put("gone", START_MS + 1_000);
    swept.put("just", START_MS + INTERVAL_MS);
    swept.put("later", START_MS + INTERVAL_MS + 1);
    swept.put("never", null);
    await swept.sweep();
    const [task] = [...swept.rig.tasks.values()];
    expect(task).toMatchObject({ type: "documentDeletion", indexUid: "movies", status: "enqueued" });
    expect(task?.details?.["originalFilter"]).toBe(`"_miroir_expires_at <= ${START_MS + INTERVAL_MS}"`);
    swept.carryOut();
    expect(swept.held()).toEqual(twice("later", "never"));
    // A copy that missed it says itself that it has expired.
    expect(await swept.rig.tombstones.newestVersion()).toBeNull();
    await swept.sweeper.run(new AbortController().signal);
    expect(swept.told).toContainEqual(["ttl.sweep_finished", expect.objectContaining({ documents: 2 })]);
    expect(swept.told.filter(([name]) => name === "ttl.expired_counted").map(([, fields]) => fields)).toEqual([
      { indexUid: "movies", pending: 2 },
      { indexUid: "movies", pending: 0 },
    ]);
  });

  test("never deletes a document that got another time before the deletion came to its turn on the node", async () => {
    const swept = createSweepRig();
    for (const id of ["a", "b", "c"]) swept.put(id, START_MS + 1_000);
    await swept.sweep();
    // The nodes have the deletion in their queues; what they carry out before it was written after the look.
    expect([...swept.nodes.values()].flatMap(({ queue }) => queue)).not.toEqual([]);
    swept.put("b", START_MS + 10 * INTERVAL_MS);
    swept.put("c", null);
    swept.carryOut();
    expect(swept.held()).toEqual(twice("b", "c"));
  });

  test("goes by what documents say and not by what a comparison says of them", async () => {
    const swept = createSweepRig();
    const later = START_MS + 10 * INTERVAL_MS;
    swept.put("lives", later);
    for (const [nodeId, { client }] of swept.rig.nodes) {
      client.answerWith(({ operation }) => {
        const text = `{"results":[{"id":"lives","_miroir_expires_at":"${encodeExpiry(later)}"}],"offset":0,"limit":9,"total":1}`;
        const isLook = operation === "documents.expired";
        return { kind: "answered", nodeId, status: 200, text: isLook ? text : '{"results":[]}' };
      });
    }
    await swept.sweep();
    expect(swept.rig.tasks.size).toBe(0);
    expect(swept.told).toContainEqual(["ttl.expired_counted", { indexUid: "movies", pending: 0 }]);
  });

  test("finds what one replica alone has", async () => {
    const swept = createSweepRig();
    swept.put("lone", START_MS + 1_000);
    const [owner] = [...swept.nodes.values()].filter(({ index }) => index.documents.has("lone"));
    owner?.index.documents.clear();
    expect(swept.held()).toEqual(["lone"]);
    await swept.sweep();
    swept.carryOut();
    expect(swept.held()).toEqual([]);
  });
});

describe("at most so many at once", () => {
  test("the earliest go first, and the next sweep goes on", async () => {
    const swept = createSweepRig({ documentsMax: 5 });
    for (let i = 0; i < 12; i += 1) swept.put(`d${i}`, START_MS + 1_000 + i);
    const sizes = [12];
    for (let round = 0; round < 6 && swept.held().length > 0; round += 1) {
      await swept.sweep();
      swept.carryOut();
      sizes.push(swept.held().length / 2);
    }
    expect(sizes.at(-1)).toBe(0);
    for (const [at, size] of sizes.entries()) if (at > 0) expect(sizes[at - 1]! - size).toBeLessThanOrEqual(5);
  });

  test("of one millisecond the documents of a shard go together, those of other shards with the next sweep", async () => {
    const swept = createSweepRig({ documentsMax: 3 });
    for (let i = 0; i < 40; i += 1) swept.put(`d${i}`, START_MS + 1_000);
    let before = 40;
    let rounds = 0;
    for (; before > 0 && rounds < 40; rounds += 1) {
      await swept.sweep();
      swept.carryOut();
      const left = swept.held().length / 2;
      expect(left).toBeLessThan(before);
      // Sixteen shards: none of them has more than a few of the forty.
      expect(before - left).toBeLessThanOrEqual(8);
      before = left;
    }
    expect(before).toBe(0);
    expect(rounds).toBeGreaterThan(4);
  });

  test("of a shard with too many, as many of the times as fit", async () => {
    const swept = createSweepRig({ documentsMax: 4 });
    const ids = Array.from({ length: 400 }, (_unused, i) => `d${i}`).filter((id) => shardOf(id, 16) === 3);
    for (const [i, id] of ids.entries()) swept.put(id, START_MS + 1_000 + i);
    expect(ids.length).toBeGreaterThan(10);
    await swept.sweep();
    swept.carryOut();
    const gone = ids.length - swept.held().length / 2;
    expect(gone).toBeGreaterThan(0);
    expect(gone).toBeLessThanOrEqual(4);
  });
});

describe("no sweep", () => {
  test("begins before the nodes have carried out the last one", async () => {
    const swept = createSweepRig();
    swept.put("a", START_MS + 1_000);
    await swept.sweep();
    expect(swept.rig.tasks.size).toBe(1);
    swept.put("b", START_MS + 1_000);
    await swept.sweep();
    await swept.sweep();
    expect(swept.rig.tasks.size).toBe(1);
    swept.carryOut();
    await swept.sweep();
    expect(swept.rig.tasks.size).toBe(2);
    swept.carryOut();
    expect(swept.held()).toEqual([]);
  });

  test("of an index that another router has, that is changing, frozen, without a key, or not there yet", async () => {
    const others = { owns: () => false };
    const changing = { changing: () => true };
    for (const deps of [others, changing]) {
      const swept = createSweepRig({ deps: () => deps });
      swept.put("a", START_MS + 1_000);
      await swept.sweep();
      expect(swept.rig.tasks.size).toBe(0);
    }
    for (const change of [
      { frozen: "it is" },
      { primaryKey: null },
      { state: "creating" },
      { state: "deleting" },
    ] as const) {
      const swept = createSweepRig();
      swept.rig.indexes.set("movies", { ...swept.rig.indexes.get("movies")!, ...change });
      swept.put("a", START_MS + 1_000);
      await swept.sweep();
      expect(swept.rig.tasks.size).toBe(0);
    }
  });

  test("deletes from an index that has come to the name since, or from none", async () => {
    for (const change of ["another", "none"] as const) {
      const swept = createSweepRig();
      swept.put("a", START_MS + 1_000);
      const { turns } = swept.rig.deps;
      const meanwhile = {
        ...swept.rig.deps,
        turns: {
          run: <T>(uids: readonly string[], work: () => Promise<T>): Promise<T> => {
            if (change === "none") swept.rig.indexes.delete("movies");
            else swept.rig.indexes.set("movies", { ...swept.rig.indexes.get("movies")!, createdAt: 77 });
            return turns.run(uids, work);
          },
        },
      };
      Object.assign(swept.rig.deps, meanwhile);
      await swept.sweep();
      expect(swept.rig.tasks.size).toBe(0);
      expect([...swept.nodes.values()].flatMap(({ queue }) => queue)).toEqual([]);
    }
  });

  test("asks nodes that cannot be asked yet; they are given what they lack", async () => {
    const swept = createSweepRig({ prepared: false });
    swept.put("a", START_MS + 1_000);
    await swept.sweep();
    expect(swept.prepared).toEqual(["movies"]);
    expect(swept.rig.tasks.size).toBe(0);
    expect(swept.told.map(([name]) => name)).toEqual(["ttl.settings_missing"]);
    // Not again and again while a node builds it.
    await swept.sweeper.run(new AbortController().signal);
    await swept.rig.clock.advance(59_000);
    await swept.sweeper.run(new AbortController().signal);
    expect(swept.prepared).toHaveLength(1);
    await swept.rig.clock.advance(1_000);
    await swept.sweeper.run(new AbortController().signal);
    expect(swept.prepared).toHaveLength(2);
  });
});

test("a shorter interval counts at once, a longer one after the next sweep", async () => {
  let intervalMs = 10 * INTERVAL_MS;
  const swept = createSweepRig({ deps: () => ({ numbersOf: () => ({ intervalMs, documentsMax: 9 }) }) });
  await swept.sweep();
  swept.put("a", START_MS + 1_000);
  await swept.sweep();
  expect(swept.rig.tasks.size).toBe(0);
  intervalMs = INTERVAL_MS;
  await swept.sweep();
  expect(swept.rig.tasks.size).toBe(1);
});

test("what another router has taken over, or what is gone, is not counted here any more", async () => {
  let owns = true;
  const swept = createSweepRig({ documentsMax: 1, deps: () => ({ owns: () => owns }) });
  for (let i = 0; i < 5; i += 1) swept.put(`d${i}`, START_MS + 1_000 + i);
  const counted = () => swept.told.filter(([name]) => name === "ttl.expired_counted").at(-1)?.[1];
  await swept.sweep();
  expect(counted()).toEqual({ indexUid: "movies", pending: 5 });
  owns = false;
  await swept.sweep();
  expect(counted()).toEqual({ indexUid: "movies", pending: 0 });
  owns = true;
  swept.carryOut();
  await swept.sweep();
  expect(counted()).toEqual({ indexUid: "movies", pending: 4 });
  swept.rig.indexes.delete("movies");
  await swept.sweep();
  expect(counted()).toEqual({ indexUid: "movies", pending: 0 });
});

describe("what cannot be", () => {
  test("is told, and tried again with the next sweep: a write that is refused, a task that fails, silent nodes", async () => {
    const swept = createSweepRig();
    swept.put("a", START_MS + 1_000);
    const { lanes } = swept.rig.deps;
    Object.assign(swept.rig.deps, {
      lanes: { ...lanes, submit: () => Promise.reject(apiError("miroir_overloaded", "The lanes are full.")) },
    });
    await swept.sweep();
    expect(swept.told).toContainEqual(["ttl.sweep_failed", { indexUid: "movies", reason: "The lanes are full." }]);
    Object.assign(swept.rig.deps, { lanes });
    await swept.sweep();
    expect(swept.rig.tasks.size).toBe(1);
    const [uid, task] = [...swept.rig.tasks][0]!;
    const error = apiError("internal", "No space left.").body;
    swept.rig.tasks.set(uid, { ...task, status: "failed", error });
    for (const { queue } of swept.nodes.values()) queue.length = 0;
    await swept.sweep();
    expect(swept.told).toContainEqual(["ttl.sweep_failed", { indexUid: "movies", reason: "No space left." }]);
    swept.carryOut();
    expect(swept.held()).toEqual([]);
  });

  test("shards whose deletion would not reach its quorum are left alone, the others are swept", async () => {
    const swept = createSweepRig();
    for (let i = 0; i < 40; i += 1) swept.put(`d${i}`, START_MS + 1_000);
    const [away] = [...swept.nodes.keys()];
    swept.rig.nodes.get(away!)!.client.down = true;
    await swept.sweep();
    swept.carryOut();
    const others = [...swept.nodes].filter(([nodeId]) => nodeId !== away);
    const ids = others.flatMap(([, { index }]) => [...index.documents.keys()]);
    const heldBy = (id: string): number =>
      [...swept.nodes.values()].filter(({ index }) => index.documents.has(id)).length;
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.every((id) => heldBy(id) === 2 && swept.nodes.get(away!)!.index.documents.has(id))).toBe(true);
    expect(swept.held().length).toBeLessThan(80);

    swept.rig.nodes.get(away!)!.client.down = false;
    await swept.sweep();
    swept.carryOut();
    expect(swept.held()).toEqual([]);
  });

  test("nodes that do not answer are no reason to call an index swept", async () => {
    const swept = createSweepRig();
    for (const [nodeId, { client }] of swept.rig.nodes) client.answerWith(() => unavailable(nodeId, "timeout"));
    await swept.sweep();
    expect(swept.told).toEqual([["ttl.sweep_failed", { indexUid: "movies", reason: "no node answers" }]]);
  });
});
