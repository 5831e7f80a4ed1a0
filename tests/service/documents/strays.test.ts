/** Writes that were given up and may still come: nothing newer goes to their node before that. */
import { beforeEach, describe, expect, test } from "bun:test";
import { hintReplay } from "../../../src/coordinators/hint-replay.ts";
import { ARRIVES_WITHIN_MS } from "../../../src/nodes/arrives-within.ts";
import { createLanes } from "../../../src/scatter/create-lanes.ts";
import { orders } from "../../../src/services/indexes/lifecycle-deps.ts";
import { createStrays, type Strays } from "../../../src/services/hints/strays.ts";
import type { HeldLease } from "../../../src/services/routers/lease-keeper.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { answered, createFakeNodeClient, type FakeNodeClient, unavailable } from "../../support/fake-node-client.ts";

const NODE = "n0";

let clock: FakeClock;
let client: FakeNodeClient;
let strays: Strays;
/** How the node answers a write; null: not at all. */
let taken: boolean;
beforeEach(() => {
  clock = createFakeClock();
  taken = true;
  client = createFakeNodeClient(NODE, ({ method }) => {
    if (method === "GET") return answered(NODE, { results: [] });
    return taken ? answered(NODE, { taskUid: 1, enqueuedAt: "" }, 202) : unavailable(NODE, "timeout", true);
  });
  strays = createStrays({ client: () => client, clock });
});

const writes = (): number => client.sent.filter(({ method }) => method !== "GET").length;

describe("a node that may still read what was sent to it", () => {
  const submit = (uid: string) => {
    const lanes = createLanes({
      client: () => client,
      clock,
      blocked: (nodeId) => strays.pending(nodeId),
      strayed: (nodeId) => strays.note(nodeId),
    });
    const { request } = orders.deleteIndex(uid, "main");
    return lanes.submit(uid, [
      { nodeId: NODE, request },
      { nodeId: NODE, request },
    ]);
  };

  test("gets nothing newer, of any index, before it has answered and had time for that", async () => {
    taken = false;
    expect((await submit("films")).map((one) => one.kind === "missed" && one.unsent === true)).toEqual([false, true]);
    expect([strays.pending(NODE), strays.nodeIds()]).toEqual([true, [NODE]]);
    taken = true;
    expect(await submit("shows")).toMatchObject([
      { kind: "missed", unsent: true },
      { kind: "missed", unsent: true },
    ]);
    expect(writes()).toBe(1);

    client.down = true;
    expect(await strays.letArrive(NODE)).toBe(false);
    client.down = false;
    const arriving = strays.letArrive(NODE);
    await clock.advance(ARRIVES_WITHIN_MS - 1);
    expect(strays.pending(NODE)).toBe(true);
    await clock.advance(1);
    expect(await arriving).toBe(true);
    expect([strays.pending(NODE), strays.nodeIds()]).toEqual([false, []]);
    expect(await submit("shows")).toMatchObject([{ kind: "enqueued" }, { kind: "enqueued" }]);
  });

  test("is waited for anew when another is given up meanwhile", async () => {
    strays.note(NODE);
    const arriving = strays.letArrive(NODE);
    await clock.advance(ARRIVES_WITHIN_MS - 1);
    strays.note(NODE);
    await clock.advance(ARRIVES_WITHIN_MS);
    expect(strays.pending(NODE)).toBe(true);
    await clock.advance(1);
    expect([await arriving, strays.pending(NODE)]).toEqual([true, false]);
  });

  test("is not one that refused, or that nothing was sent to", async () => {
    client.down = true;
    expect(await submit("films")).toMatchObject([{ kind: "missed", unsent: true }, { kind: "missed" }]);
    expect(strays.nodeIds()).toEqual([]);
  });
});

describe("what is kept for a node", () => {
  /** Of each step what it was allowed when it came to the second write. */
  let steps: boolean[];
  let behind: string[];
  let isReady: boolean;
  let whenStepped: () => void;
  const coordinator = () =>
    hintReplay({
      hints: {
        states: () => new Map(behind.map((nodeId) => [nodeId, { count: 1, bytes: 0, repair: "none" as const }])),
        settleDoubts: async () => {},
        replayStep: async (_nodeId, mayGoOn = () => true) => {
          whenStepped();
          steps.push(mayGoOn());
          if (mayGoOn()) behind = [];
          return mayGoOn() ? "idle" : "blocked";
        },
      },
      strays,
      fleet: { healthy: () => true },
      admission: { mayReplay: () => isReady },
      leases: { acquire: async () => ({ holds: () => true, release: async () => {} }) as unknown as HeldLease },
    });
  beforeEach(() => {
    steps = [];
    behind = [NODE];
    isReady = true;
    whenStepped = () => {};
  });
  const signal = AbortSignal.timeout(60_000);

  test("is brought when what whoever brought it before has sent can come no more, and again after one that strayed", async () => {
    const replay = coordinator();
    whenStepped = () => steps.length === 0 && strays.note(NODE);
    const first = replay.tick(signal);
    await clock.advance(ARRIVES_WITHIN_MS - 1);
    expect(steps).toEqual([]);
    await clock.advance(1);
    await first;
    expect(steps).toEqual([false]);
    const second = replay.tick(signal);
    await clock.advance(ARRIVES_WITHIN_MS - 1);
    expect(steps).toEqual([false]);
    await clock.advance(1);
    await second;
    expect(steps).toEqual([false, true]);
  });

  test("a node that nothing is kept for, or that may not be brought anything yet, is waited for as well", async () => {
    for (const kept of [[], [NODE]]) {
      behind = kept;
      isReady = false;
      strays.note(NODE);
      const tick = coordinator().tick(signal);
      await clock.advance(ARRIVES_WITHIN_MS);
      await tick;
      expect([strays.pending(NODE), steps]).toEqual([false, []]);
    }
  });
});
