/** What every store must do for aliases, canaries, changes on their way to sinks, tenants, rollovers and moving documents. */
import { expect, test } from "bun:test";
import type { Alias } from "../../../src/store/alias-store.ts";
import type { Canary, CanaryRun } from "../../../src/store/canary-store.ts";
import type { Movement } from "../../../src/store/movement-store.ts";
import type { RolloverPolicy } from "../../../src/store/rollover-store.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import type { UnderTest } from "./coordination-contract.ts";

const TTL_MS = 150;
const LONG_MS = 60_000;
const TAKEN_OVER = { code: "miroir_taken_over", status: 503 };
/** Names that a layout of keys could take for something of its own. */
const ODD_NAMES = ["_index", "__index", "a:b", "films", "ü"];

/** Two leases on one scope: of a holder that has lost it, and of the one that has it now. */
async function leases({ store, pass }: UnderTest, scope: string) {
  const former = await store.leases.acquire(scope, "a", TTL_MS);
  await pass(TTL_MS);
  const present = await store.leases.acquire(scope, "b", LONG_MS);
  if (former === undefined || present === undefined) throw new TypeError("the lease was free");
  return { former, present };
}

export function aliasContract(under: () => UnderTest): void {
  const alias = (name: string, change: Partial<Alias> = {}): Alias => ({
    name,
    kind: "single",
    currentUid: "films_1",
    targetUids: null,
    version: 1,
    createdAt: 5,
    history: [],
    ...change,
  });
  const first = { expectedVersion: 0, historyMax: 10 };

  test("aliases read back as they were saved, sorted, whatever they are called", async () => {
    const { aliases } = under().store;
    const many = alias("many", { kind: "multi", currentUid: null, targetUids: ["b", "a"] });
    expect(await aliases.save(many, first)).toBe(true);
    for (const name of ODD_NAMES) expect(await aliases.save(alias(name), first)).toBe(true);
    expect(await aliases.all()).toEqual(
      [many, ...ODD_NAMES.map((name) => alias(name))].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
    for (const name of ODD_NAMES) {
      expect(await aliases.get(name)).toEqual(alias(name));
      expect(await aliases.remove(name, { expectedVersion: 1 })).toBe(true);
    }
    expect(await aliases.all()).toEqual([many]);
    expect(await aliases.get("films")).toBeUndefined();
  });

  test("an alias changes only from the version that was seen, and of two that flip it at once one does", async () => {
    const { aliases } = under().store;
    await aliases.save(alias("live"), first);
    expect(await aliases.save(alias("live"), first)).toBe(false);
    const flips = ["films_2", "films_3"].map((uid) =>
      aliases.save(alias("live", { version: 2, currentUid: uid }), { expectedVersion: 1, historyMax: 10 }),
    );
    expect((await Promise.all(flips)).filter(Boolean)).toHaveLength(1);
    expect(await aliases.remove("live", { expectedVersion: 1 })).toBe(false);
    expect(await aliases.remove("live", { expectedVersion: 2 })).toBe(true);
    expect(await aliases.remove("live", { expectedVersion: 2 })).toBe(false);
  });

  test("only the newest of the history is kept", async () => {
    const { aliases } = under().store;
    const history = [1, 2, 3, 4].map((until) => ({ uids: [`films_${until}`], until }));
    await aliases.save(alias("live", { history }), { expectedVersion: 0, historyMax: 2 });
    expect((await aliases.get("live"))?.history).toEqual(history.slice(2));
    await aliases.save(alias("live", { history, version: 2 }), { expectedVersion: 1, historyMax: 0 });
    expect((await aliases.get("live"))?.history).toEqual([]);
  });

  test("a former holder of the lease flips and removes nothing", async () => {
    const { aliases } = under().store;
    const { former, present } = await leases(under(), "alias:live");
    expect(await rejectionOf(aliases.save(alias("live"), { ...first, fence: former }))).toMatchObject(TAKEN_OVER);
    expect(await aliases.save(alias("live"), { ...first, fence: present })).toBe(true);
    const removal = aliases.remove("live", { expectedVersion: 1, fence: former });
    expect(await rejectionOf(removal)).toMatchObject(TAKEN_OVER);
    expect(await aliases.get("live")).toEqual(alias("live"));
  });
}

export function canaryContract(under: () => UnderTest): void {
  const canary = (id: string, change: Partial<Canary> = {}): Canary => ({
    id,
    name: `canary ${id}`,
    indexUid: "films",
    intervalS: 60,
    query: { q: "alien", limit: 3 },
    assertions: [{ type: "top_hit", id: 5 }],
    enabled: true,
    createdAt: 7,
    ...change,
  });
  const run = (canaryId: string, ranAt: number, change: Partial<CanaryRun> = {}): CanaryRun => ({
    canaryId,
    ranAt,
    status: "pass",
    latencyMs: 12,
    failedAssertions: [],
    ...change,
  });

  test("canaries read back as they were put, and a later one takes the place of its id", async () => {
    const { canaries } = under().store;
    for (const id of ODD_NAMES) await canaries.put(canary(id));
    await canaries.put(canary("films", { enabled: false, assertions: [], query: {} }));
    const expected = ODD_NAMES.map((id) =>
      id === "films" ? canary(id, { enabled: false, assertions: [], query: {} }) : canary(id),
    );
    expect(await canaries.all()).toEqual(expected.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  });

  test("the newest runs are kept, as many as wanted, for each canary", async () => {
    const { canaries } = under().store;
    await canaries.put(canary("a"));
    await canaries.put(canary("b"));
    await canaries.addRun(run("b", 1), 3);
    for (const ranAt of [5, 2, 9, 7]) expect(await canaries.addRun(run("a", ranAt), 3)).toBe(true);
    const failed = run("a", 9, { status: "fail", failedAssertions: [{ type: "top_hit", id: 5 }] });
    await canaries.addRun(failed, 3);
    expect(await canaries.runs("a", 10)).toEqual([failed, run("a", 7), run("a", 5)]);
    expect(await canaries.runs("a", 1)).toEqual([failed]);
    expect(await canaries.runs("a", 0)).toEqual([]);
    const broken = run("b", 4, { status: "error", failedAssertions: null });
    await canaries.addRun(broken, 3);
    expect(await canaries.runs("b", 10)).toEqual([broken, run("b", 1)]);
  });

  test("with a canary its runs go, and one that comes late leaves nothing", async () => {
    const { canaries } = under().store;
    await canaries.put(canary("a"));
    await canaries.addRun(run("a", 1), 3);
    expect(await canaries.remove("a")).toBe(true);
    expect(await canaries.remove("a")).toBe(false);
    expect(await canaries.addRun(run("a", 2), 3)).toBe(false);
    await canaries.put(canary("a"));
    expect(await canaries.runs("a", 10)).toEqual([]);
  });
}

export function cdcContract(under: () => UnderTest): void {
  test("a cursor goes on and never back, each sink and index for itself", async () => {
    const { cdcCursors } = under().store;
    const cursor = (sinkName: string, indexUid: string, lastEventSeq: number) => ({
      sinkName,
      indexUid,
      lastEventSeq,
      updatedAt: lastEventSeq * 2,
    });
    for (const indexUid of ["films", "_sink", "books"]) {
      expect(await cdcCursors.advance(cursor("kafka", indexUid, 3))).toBe(true);
    }
    expect(await cdcCursors.advance(cursor("kafka", "films", 9))).toBe(true);
    expect(await cdcCursors.advance(cursor("kafka", "films", 9))).toBe(false);
    expect(await cdcCursors.advance(cursor("kafka", "films", 4))).toBe(false);
    expect(await cdcCursors.advance(cursor("_index", "films", 0))).toBe(true);
    expect(await cdcCursors.ofSink("kafka")).toEqual([
      cursor("kafka", "_sink", 3),
      cursor("kafka", "books", 3),
      cursor("kafka", "films", 9),
    ]);
    await cdcCursors.remove("kafka");
    expect(await cdcCursors.ofSink("kafka")).toEqual([]);
    expect(await cdcCursors.ofSink("_index")).toEqual([cursor("_index", "films", 0)]);
    expect(await cdcCursors.advance(cursor("kafka", "films", 1))).toBe(true);
  });
}

export function tenantContract(under: () => UnderTest): void {
  test("a tenant is found by the hash of its key, and by nothing else", async () => {
    const { tenants } = under().store;
    const hash = (byte: number) => new Uint8Array(32).fill(byte);
    const tenant = (byte: number, groupId: number | null = 1) => ({
      apiKeyHash: hash(byte),
      tenantId: `tenant-${byte % 2}`,
      groupId,
    });
    for (const byte of [255, 0, 10]) await tenants.put(tenant(byte));
    await tenants.put(tenant(10, null));
    expect(await tenants.get(hash(10))).toEqual(tenant(10, null));
    expect(await tenants.get(hash(11))).toBeUndefined();
    expect((await tenants.all()).map(({ tenantId }) => tenantId)).toEqual(["tenant-0", "tenant-0", "tenant-1"]);
    expect(await tenants.remove(hash(255))).toBe(true);
    expect(await tenants.remove(hash(255))).toBe(false);
    expect(await tenants.all()).toHaveLength(2);
  });
}

export function rolloverContract(under: () => UnderTest): void {
  test("policies read back as they were put, and go when they are removed", async () => {
    const { rollovers } = under().store;
    const policy = (name: string, enabled = true): RolloverPolicy => ({
      name,
      writeAlias: "logs-write",
      readAlias: "logs",
      pattern: "logs-{n}",
      triggers: { max_docs: 1_000 },
      retention: { keep_indexes: 5 },
      template: { settings: { stopWords: ["the"] } },
      enabled,
    });
    for (const name of ODD_NAMES) await rollovers.put(policy(name));
    await rollovers.put(policy("films", false));
    expect(await rollovers.all()).toEqual(
      ODD_NAMES.map((name) => policy(name, name !== "films")).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
    expect(await rollovers.get("_index")).toEqual(policy("_index"));
    expect(await rollovers.remove("_index")).toBe(true);
    expect(await rollovers.remove("_index")).toBe(false);
    expect(await rollovers.get("_index")).toBeUndefined();
  });
}

export function movementContract(under: () => UnderTest): void {
  test("how far documents have been moved is kept step by step, and not by a former holder of the lease", async () => {
    const { movements } = under().store;
    const movement = (id: string, step: number): Movement => ({
      id,
      kind: id === "r" ? "reshard" : "move",
      state: { step, from: "node-0", dirty: ["1"] },
      updatedAt: step,
    });
    const { former, present } = await leases(under(), "rebalance");
    await movements.save(movement("r", 1));
    await movements.save(movement("m", 1), present);
    await movements.save(movement("m", 2), present);
    expect(await rejectionOf(movements.save(movement("m", 3), former))).toMatchObject(TAKEN_OVER);
    expect(await rejectionOf(movements.remove("m", former))).toMatchObject(TAKEN_OVER);
    expect(await movements.all()).toEqual([movement("m", 2), movement("r", 1)]);
    await movements.remove("m", present);
    await movements.remove("never");
    expect(await movements.all()).toEqual([movement("r", 1)]);
  });
}
