/** What every store must do for the pages: their looks and keys, sessions of administrators, and limits of rates. */
import { expect, test } from "bun:test";
import type { AdminSession } from "../../../src/store/admin-session-store.ts";
import type { ScopedKey } from "../../../src/store/search-ui-store.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import type { UnderTest } from "./coordination-contract.ts";

const TTL_MS = 150;
const LONG_MS = 60_000;

export function searchUiContract(under: () => UnderTest): void {
  const key = (generation: number, change: Partial<ScopedKey> = {}): ScopedKey => ({
    indexUid: "films",
    generation,
    keyUid: `uid-${generation}`,
    key: `secret-${generation}`,
    createdAt: 1,
    expiresAt: 9,
    previousKeyUid: generation === 1 ? null : `uid-${generation - 1}`,
    ...change,
  });

  test("how the pages of an index look reads back as it was put", async () => {
    const { searchUi } = under().store;
    const config = (indexUid: string, title: string) => ({
      indexUid,
      config: { title, facets: ["genre"] },
      updatedAt: 3,
    });
    for (const uid of ["films", "_index", "books"]) await searchUi.putConfig(config(uid, "first"));
    await searchUi.putConfig(config("films", "second"));
    expect(await searchUi.configs()).toEqual([
      config("_index", "first"),
      config("books", "first"),
      config("films", "second"),
    ]);
    expect(await searchUi.config("films")).toEqual(config("films", "second"));
    expect(await searchUi.removeConfig("films")).toBe(true);
    expect(await searchUi.removeConfig("films")).toBe(false);
    expect(await searchUi.config("films")).toBeUndefined();
  });

  test("of two that put a new key in place of the same one, one does", async () => {
    const { searchUi } = under().store;
    const first = await Promise.all([searchUi.saveScopedKey(key(1), 0), searchUi.saveScopedKey(key(1), 0)]);
    expect(first.filter(Boolean)).toHaveLength(1);
    expect(await searchUi.saveScopedKey(key(2), 1)).toBe(true);
    expect(await searchUi.saveScopedKey(key(2, { key: "other" }), 1)).toBe(false);
    expect(await searchUi.scopedKey("films")).toEqual(key(2));
    await searchUi.removeScopedKey("films");
    expect(await searchUi.scopedKey("films")).toBeUndefined();
    expect(await searchUi.saveScopedKey(key(1), 0)).toBe(true);
  });

  test("a former holder of the lease puts no new key in place", async () => {
    const { store, pass } = under();
    const former = await store.leases.acquire("rotate:films", "a", TTL_MS);
    await pass(TTL_MS);
    const present = await store.leases.acquire("rotate:films", "b", LONG_MS);
    expect(await rejectionOf(store.searchUi.saveScopedKey(key(1), 0, former))).toMatchObject({
      code: "miroir_taken_over",
    });
    expect(await store.searchUi.saveScopedKey(key(1), 0, present)).toBe(true);
  });

  test("what routers use is believed for a while", async () => {
    const { store, pass } = under();
    const routers = ["r:1", "r2", "r3"];
    await store.searchUi.observeScopedKey("r:1", "films", 1, LONG_MS);
    await store.searchUi.observeScopedKey("r:1", "films", 2, LONG_MS);
    await store.searchUi.observeScopedKey("r2", "films", 1, TTL_MS);
    await store.searchUi.observeScopedKey("r3", "books", 7, LONG_MS);
    expect(await store.searchUi.observedScopedKeys(routers, "films")).toEqual(
      new Map([
        ["r:1", 2],
        ["r2", 1],
      ]),
    );
    await pass(TTL_MS);
    expect(await store.searchUi.observedScopedKeys(routers, "films")).toEqual(new Map([["r:1", 2]]));
    expect(await store.searchUi.observedScopedKeys([], "films")).toEqual(new Map());
  });
}

export function adminSessionContract(under: () => UnderTest): void {
  const session = (id: string): AdminSession => ({
    id,
    csrfToken: "csrf",
    adminKeyHash: new Uint8Array(32).fill(200),
    createdAt: 4,
    userAgent: null,
    sourceIp: "10.0.0.7",
  });

  test("a session is there until its time is over or it is revoked, of which listeners are told", async () => {
    const { store, pass } = under();
    const revoked: string[] = [];
    store.adminSessions.onRevoked((id) => void revoked.push(id));
    await store.adminSessions.put(session("short"), TTL_MS);
    await store.adminSessions.put(session("long"), LONG_MS);
    expect(await store.adminSessions.get("short")).toEqual(session("short"));
    expect(await store.adminSessions.get("never")).toBeUndefined();
    await pass(TTL_MS);
    expect(await store.adminSessions.get("short")).toBeUndefined();
    expect(await store.adminSessions.revoke("short")).toBe(false);
    expect(await store.adminSessions.get("long")).toEqual(session("long"));
    const revocations = await Promise.all([store.adminSessions.revoke("long"), store.adminSessions.revoke("long")]);
    expect(revocations.filter(Boolean)).toHaveLength(1);
    expect(await store.adminSessions.get("long")).toBeUndefined();
    for (let wait = 0; wait < 100 && revoked.length === 0; wait += 1) await Bun.sleep(5);
    expect(revoked).toEqual(["long"]);
  });
}

export function rateContract(under: () => UnderTest): void {
  test("hits are counted by scope and address until the window ends, which does not move", async () => {
    const { store, pass } = under();
    const { rates } = store;
    const counts = [];
    for (let n = 0; n < 3; n += 1) counts.push((await rates.hit("searchui", "10.0.0.1", TTL_MS)).count);
    expect(counts).toEqual([1, 2, 3]);
    expect((await rates.hit("adminlogin", "10.0.0.1", LONG_MS)).count).toBe(1);
    expect((await rates.hit("searchui", "::1", LONG_MS)).count).toBe(1);
    expect((await rates.hit("searchui", "10.0.0.1", LONG_MS)).endsInMs).toBeLessThanOrEqual(TTL_MS);
    await pass(TTL_MS);
    expect((await rates.hit("searchui", "10.0.0.1", TTL_MS)).count).toBe(1);
    expect((await rates.hit("searchui", "::1", LONG_MS)).count).toBe(2);
  });

  test("logins of an address are refused for as long as it was told, or until that is lifted", async () => {
    const { store, pass } = under();
    const { rates } = store;
    expect(await rates.backoffMs("10.0.0.1")).toBe(0);
    await rates.setBackoff("10.0.0.1", TTL_MS);
    await rates.setBackoff("10.0.0.2", LONG_MS);
    expect(await rates.backoffMs("10.0.0.1")).toBeGreaterThan(0);
    await pass(TTL_MS);
    expect(await rates.backoffMs("10.0.0.1")).toBe(0);
    expect(await rates.backoffMs("10.0.0.2")).toBeGreaterThan(TTL_MS);
    await rates.setBackoff("10.0.0.2", 0);
    expect(await rates.backoffMs("10.0.0.2")).toBe(0);
  });
}
