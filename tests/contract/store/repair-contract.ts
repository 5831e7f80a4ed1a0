/** What every store must do with deletions, suspects, marks and the state of a pass. */
import { expect, test } from "bun:test";
import type { Store } from "../../../src/store/store.ts";
import type { Tombstone } from "../../../src/store/tombstone-store.ts";

const HIGH = (1n << 63n) + 5n;

export function tombstoneContract(store: () => Store): void {
  const tombstone = (id: string, change: Partial<Tombstone> = {}): Tombstone => ({
    id,
    born: 7,
    version: HIGH,
    kind: "keys",
    payload: '["1","a"]',
    taskUid: 3,
    createdAt: 10,
    ...change,
  });

  test("deletions of an index come in the order of their ids, page by page, with all 64 bits of their versions", async () => {
    for (const id of ["m3", "m1", "m2"]) await store().tombstones.put(tombstone(id));
    await store().tombstones.put(tombstone("m0", { born: 8, kind: "all", payload: "", taskUid: null }));
    expect(await store().tombstones.ofIndex(7, { after: "", limit: 2 })).toEqual([tombstone("m1"), tombstone("m2")]);
    expect(await store().tombstones.ofIndex(7, { after: "m2", limit: 9 })).toEqual([tombstone("m3")]);
    expect(await store().tombstones.ofIndex(8, { after: "", limit: 9 })).toMatchObject([
      { kind: "all", taskUid: null },
    ]);
    expect(await store().tombstones.ofIndex(9, { after: "", limit: 9 })).toEqual([]);
  });

  test("a deletion takes the place of an earlier one of its id, and can be taken back", async () => {
    await store().tombstones.put(tombstone("m1", { version: 1n }));
    await store().tombstones.put(tombstone("m1", { version: 2n, kind: "filter", payload: '"a = 1"' }));
    expect(await store().tombstones.ofIndex(7, { after: "", limit: 9 })).toEqual([
      tombstone("m1", { version: 2n, kind: "filter", payload: '"a = 1"' }),
    ]);
    await store().tombstones.remove("m1");
    await store().tombstones.remove("never");
    expect(await store().tombstones.ofIndex(7, { after: "", limit: 9 })).toEqual([]);
  });

  test("the highest version of all deletions is known, whatever came last", async () => {
    expect(await store().tombstones.newestVersion()).toBeNull();
    await store().tombstones.put(tombstone("m1", { version: 9n }));
    await store().tombstones.put(tombstone("m2", { born: 8 }));
    await store().tombstones.put(tombstone("m3", { version: 255n }));
    expect(await store().tombstones.newestVersion()).toBe(HIGH);
  });

  test("old deletions are removed, at most as many as asked for", async () => {
    for (const at of [1, 2, 3, 4]) await store().tombstones.put(tombstone(`m${at}`, { createdAt: at }));
    expect(await store().tombstones.prune(4, 2)).toBe(2);
    expect(await store().tombstones.prune(4, 2)).toBe(1);
    expect(await store().tombstones.prune(4, 2)).toBe(0);
    expect((await store().tombstones.ofIndex(7, { after: "", limit: 9 })).map(({ id }) => id)).toEqual(["m4"]);
  });
}

export function repairContract(store: () => Store): void {
  test("a suspect stands until it is cleared, and a new suspicion outlives the clearing of the old one", async () => {
    const first = { nodeId: "n1", indexUid: "films", reason: "task_failed", since: 5 } as const;
    const whole = { nodeId: "n1", indexUid: "", reason: "disk_lost", since: 2 } as const;
    await store().repairs.suspect(first);
    await store().repairs.suspect(whole);
    expect(await store().repairs.suspects()).toEqual([whole, first]);
    await store().repairs.suspect({ ...first, since: 9 });
    await store().repairs.clear(first);
    expect(await store().repairs.suspects()).toEqual([whole, { ...first, since: 9 }]);
    await store().repairs.clear({ ...first, since: 9 });
    await store().repairs.clear(whole);
    expect(await store().repairs.suspects()).toEqual([]);
  });

  test("the newest mark of a node counts", async () => {
    await store().repairs.mark([
      { nodeId: "b", taskUid: 1, enqueuedAt: "2026-01-01T00:00:00Z" },
      { nodeId: "a", taskUid: 9, enqueuedAt: "2026-01-01T00:00:01Z" },
    ]);
    await store().repairs.mark([{ nodeId: "b", taskUid: 2, enqueuedAt: "" }]);
    await store().repairs.mark([]);
    expect(await store().repairs.marks()).toEqual([
      { nodeId: "a", taskUid: 9, enqueuedAt: "2026-01-01T00:00:01Z" },
      { nodeId: "b", taskUid: 2, enqueuedAt: "" },
    ]);
  });

  test("the passes of routers read back as they were saved, each by itself, until they are forgotten", async () => {
    expect(await store().repairs.passes()).toEqual(new Map());
    const pass = { finishedAt: null, startedAt: 4, next: { indexUid: "films", shard: 3 } };
    await store().repairs.savePass("a:7700", { ...pass, startedAt: 1 });
    await store().repairs.savePass("a:7700", pass);
    await store().repairs.savePass("b:7700", { ...pass, finishedAt: 9, next: null });
    expect(Object.fromEntries(await store().repairs.passes())).toEqual({
      "a:7700": pass,
      "b:7700": { ...pass, finishedAt: 9, next: null },
    });
    await store().repairs.forgetPass("a:7700");
    await store().repairs.forgetPass("nobody");
    expect([...(await store().repairs.passes()).keys()]).toEqual(["b:7700"]);
  });
}
