/** What every store must do for routers that share work: leases, heartbeats, jobs, and what ends by itself. */
import { expect, test } from "bun:test";
import type { Router } from "../../../src/store/router-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { newTask } from "./new-task.ts";

export interface UnderTest {
  readonly store: Store;
  /** Lets so much of the store's time go by. */
  readonly pass: (durationMs: number) => Promise<void>;
}

const TTL_MS = 150;
const LONG_MS = 60_000;

export function leaseContract(under: () => UnderTest): void {
  test("one of many who ask at once gets the lease, and nobody else until it is given back", async () => {
    const { leases } = under().store;
    const asked = await Promise.all(["a", "b", "c", "a"].map((holder) => leases.acquire("prune", holder, LONG_MS)));
    const granted = asked.filter((one) => one !== undefined);
    expect(granted).toHaveLength(1);
    expect(await leases.current("prune")).toEqual(granted[0]);
    expect(await leases.acquire("other", "b", LONG_MS)).toBeDefined();
    if (granted[0] !== undefined) await leases.release(granted[0]);
    expect(await leases.current("prune")).toBeUndefined();
    expect((await leases.acquire("prune", "b", LONG_MS))?.holder).toBe("b");
  });

  test("the fence rises with every grant, also after the lease was given back", async () => {
    const { leases } = under().store;
    const fences: number[] = [];
    for (const holder of ["a", "b", "b"]) {
      const lease = await leases.acquire("prune", holder, LONG_MS);
      if (lease !== undefined) await leases.release(lease);
      fences.push(lease?.number ?? 0);
    }
    expect(fences).toEqual([1, 2, 3]);
  });

  test("a lease that is not renewed ends, and its holder can neither renew nor release what another has now", async () => {
    const { store, pass } = under();
    const first = await store.leases.acquire("prune", "a", TTL_MS);
    if (first === undefined) throw new TypeError("the lease was free");
    expect(await store.leases.renew(first, TTL_MS)).toBe(true);
    await pass(TTL_MS);
    expect(await store.leases.renew(first, TTL_MS)).toBe(false);
    const second = await store.leases.acquire("prune", "b", LONG_MS);
    expect(second?.number).toBeGreaterThan(first.number);
    expect(await store.leases.renew(first, TTL_MS)).toBe(false);
    await store.leases.release(first);
    expect(await store.leases.current("prune")).toEqual(second);
  });

  test("a former holder prunes nothing: the fence refuses it", async () => {
    const { store, pass } = under();
    await store.tasks.insert(newTask({ status: "succeeded", finishedAt: 1 }));
    const first = await store.leases.acquire("prune", "a", TTL_MS);
    await pass(TTL_MS);
    expect(await rejectionOf(store.tasks.prune(10, 10, first))).toMatchObject({
      code: "miroir_taken_over",
      status: 503,
    });
    const second = await store.leases.acquire("prune", "b", LONG_MS);
    expect(await rejectionOf(store.tasks.prune(10, 10, first))).toMatchObject({ code: "miroir_taken_over" });
    expect(await store.tasks.prune(10, 10, second)).toBe(1);
  });
}

export function routerContract(under: () => UnderTest): void {
  const router = (name: string, run = `${name}-1`): Router => ({ name, run, version: "1.0.0", epoch: 3, startedAt: 7 });

  test("living routers have numbers of their own, and those of the dead are given out again", async () => {
    const { store, pass } = under();
    expect(await store.routers.join(router("b"), TTL_MS)).toBe(0);
    expect(await store.routers.join(router("a"), LONG_MS)).toBe(1);
    expect(await store.routers.living()).toEqual([router("a"), router("b")]);
    await pass(TTL_MS);
    expect(await store.routers.living()).toEqual([router("a")]);
    expect(await store.routers.join(router("c"), LONG_MS)).toBe(0);
  });

  test("heartbeats keep a router, and one that was away joins again", async () => {
    const { store, pass } = under();
    await store.routers.join(router("a"), TTL_MS);
    expect(await store.routers.beat({ ...router("a"), epoch: 4 }, TTL_MS)).toEqual({ number: 0, wasGone: false });
    expect((await store.routers.living())[0]?.epoch).toBe(4);
    await pass(TTL_MS);
    expect(await store.routers.join(router("b"), LONG_MS)).toBe(0);
    expect(await store.routers.beat(router("a"), LONG_MS)).toEqual({ number: 1, wasGone: true });
    expect(await store.routers.living()).toHaveLength(2);
  });

  test("a later run takes the name over, and the earlier one is told", async () => {
    const { routers } = under().store;
    await routers.join(router("a", "first"), LONG_MS);
    await routers.join(router("a", "second"), LONG_MS);
    expect(await routers.beat(router("a", "first"), LONG_MS)).toBeUndefined();
    await routers.leave(router("a", "first"));
    expect((await routers.living()).map(({ run }) => run)).toEqual(["second"]);
    await routers.leave(router("a", "second"));
    expect(await routers.living()).toEqual([]);
  });
}

export function jobContract(under: () => UnderTest): void {
  const ids = ["z", "a", "m"];

  test("jobs are claimed in the order of their arrival, each by one", async () => {
    const { jobs } = under().store;
    for (const id of ids) await jobs.enqueue({ id, type: "copy", params: { id } });
    await jobs.enqueue({ id: "z", type: "copy", params: { id: "again" } });
    expect(await jobs.claim(["other"], "r1", LONG_MS)).toBeUndefined();
    const claimed = await Promise.all(["r1", "r2", "r1", "r2"].map((who) => jobs.claim(["copy"], who, LONG_MS)));
    expect(claimed.map((job) => job?.id)).toEqual(["z", "a", "m", undefined]);
    expect(claimed[0]).toMatchObject({ params: { id: "z" }, state: "in_progress", claimedBy: "r1", progress: null });
    expect((await jobs.pending()).get("copy")).toBe(3);
    expect((await jobs.pending()).get("other") ?? 0).toBe(0);
  });

  test("a claim that runs out goes to another, who goes on from what was done", async () => {
    const { store, pass } = under();
    await store.jobs.enqueue({ id: "j", type: "copy", params: {} });
    await store.jobs.claim(["copy"], "r1", TTL_MS);
    expect(await store.jobs.renew("j", "r1", TTL_MS, { at: 5 })).toBe(true);
    expect(await store.jobs.renew("j", "r2", TTL_MS)).toBe(false);
    await pass(TTL_MS);
    expect(await store.jobs.renew("j", "r1", TTL_MS, { at: 6 })).toBe(false);
    expect(await store.jobs.claim(["copy"], "r2", LONG_MS)).toMatchObject({ claimedBy: "r2", progress: { at: 5 } });
    expect(await store.jobs.finish("j", "r1", "failed")).toBe(false);
    expect(await store.jobs.finish("j", "r2", "completed", { at: 9 })).toBe(true);
    expect(await store.jobs.get("j")).toMatchObject({ state: "completed", claimedBy: null, progress: { at: 9 } });
    expect(await store.jobs.claim(["copy"], "r1", LONG_MS)).toBeUndefined();
    expect((await store.jobs.pending()).get("copy") ?? 0).toBe(0);
    await store.jobs.enqueue({ id: "waiting", type: "copy", params: {} });
    await store.jobs.remove("waiting");
    await store.jobs.remove("waiting");
    expect((await store.jobs.pending()).get("copy") ?? 0).toBe(0);
    await store.jobs.remove("j");
    expect(await store.jobs.get("j")).toBeUndefined();
  });
}

export function shortMemoryContract(under: () => UnderTest): void {
  const session = { id: "s", lastWriteTask: 4, lastWriteAt: null, pinnedGroup: 1, minSettingsVersion: null };

  test("a session reads back as it was put until its time is over", async () => {
    const { store, pass } = under();
    await store.sessions.put({ ...session, lastWriteTask: null, pinnedGroup: null }, LONG_MS);
    await store.sessions.put(session, TTL_MS);
    expect(await store.sessions.get("s")).toEqual(session);
    expect(await store.sessions.get("t")).toBeUndefined();
    await pass(TTL_MS);
    expect(await store.sessions.get("s")).toBeUndefined();
    await store.sessions.put(session, LONG_MS);
    await store.sessions.remove("s");
    expect(await store.sessions.get("s")).toBeUndefined();
  });

  test("an idempotency key stands for the first request that claimed it, until its time is over", async () => {
    const { store, pass } = under();
    const request = (taskId: string) => ({ key: "k", bodySha256: new Uint8Array(32).fill(9), taskId });
    const claims = await Promise.all(["m1", "m2", "m3"].map((id) => store.idempotency.claim(request(id), TTL_MS)));
    expect(claims).toEqual([undefined, request("m1"), request("m1")]);
    expect(await store.idempotency.get("k")).toEqual(request("m1"));
    await pass(TTL_MS);
    expect(await store.idempotency.get("k")).toBeUndefined();
    expect(await store.idempotency.claim(request("m4"), LONG_MS)).toBeUndefined();
    await store.idempotency.remove("k");
    expect(await store.idempotency.get("k")).toBeUndefined();
  });

  test("beyond a number the idempotency keys that end first are forgotten", async () => {
    const { store } = under();
    const request = (key: string) => ({ key, bodySha256: new Uint8Array(32), taskId: "m" });
    for (const [i, key] of ["a", "b", "c"].entries()) await store.idempotency.claim(request(key), LONG_MS + i * 1_000);
    expect(await store.idempotency.keep(5)).toBe(3);
    expect(await store.idempotency.keep(2)).toBe(2);
    expect(await store.idempotency.get("a")).toBeUndefined();
    expect(await store.idempotency.get("c")).toEqual(request("c"));
  });
}
