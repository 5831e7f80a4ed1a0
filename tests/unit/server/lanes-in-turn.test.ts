/** Lanes are entered in turn; what is left of a write whose turn was lost is neither sent nor kept for later. */
import { expect, test } from "bun:test";
import type { LaneEntry } from "../../../src/scatter/lane.ts";
import { isOvertaken } from "../../../src/scatter/lane.ts";
import { lanesInTurn } from "../../../src/server/follow-others.ts";
import type { Turns } from "../../../src/services/routers/turns.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { answered, createFakeNodeClient, unavailable } from "../../support/fake-node-client.ts";

function rig() {
  const state = { held: true, inTurn: false };
  const turns: Turns = {
    run: async (_, work) => {
      state.inTurn = true;
      try {
        return await work();
      } finally {
        state.inTurn = false;
      }
    },
    has: () => state.inTurn,
    holding: () => () => state.held,
    close: async () => {},
  };
  const inTurnWhenSent: boolean[] = [];
  const away = new Set<string>();
  const client = (nodeId: string) =>
    createFakeNodeClient(nodeId, () => {
      inTurnWhenSent.push(state.inTurn);
      return away.has(nodeId)
        ? unavailable(nodeId, "connection")
        : answered(nodeId, { taskUid: 1, enqueuedAt: "" }, 202);
    });
  const clients = new Map(["a", "b"].map((nodeId) => [nodeId, client(nodeId)]));
  const lanes = lanesInTurn(turns, {
    client: (nodeId) => clients.get(nodeId) as ReturnType<typeof client>,
    clock: createFakeClock(),
  });
  return { lanes, state, away, inTurnWhenSent };
}

function entries(): LaneEntry[] {
  const request = { method: "POST", path: "/x", operation: "x", timeoutMs: 1_000, repeat: "once" } as const;
  return ["a", "b"].map((nodeId) => ({ nodeId, request, operationId: "mtask-1" }));
}

test("whoever enters the lanes does so in turn", async () => {
  const { lanes, inTurnWhenSent } = rig();
  const outcomes = await lanes.submit("films", entries());
  expect(outcomes.map(({ kind }) => kind)).toEqual(["enqueued", "enqueued"]);
  expect(inTurnWhenSent).toEqual([true, true]);
});

test("a node that missed the write counts as missed while the turn lasts, and as refused when it was lost meanwhile", async () => {
  const { lanes, state, away } = rig();
  away.add("b");
  expect((await lanes.submit("films", entries())).map(({ kind }) => kind)).toEqual(["enqueued", "missed"]);
  const submitted = lanes.submit("films", entries());
  // Both have left by now; the answers come when the turn is another's.
  await Promise.resolve();
  state.held = false;
  const outcomes = await submitted;
  expect(outcomes.map(isOvertaken)).toEqual([false, true]);
  expect(outcomes[0]?.kind).toBe("enqueued");
});

test("after the turn was lost nothing is sent at all", async () => {
  const { lanes, state, inTurnWhenSent } = rig();
  state.held = false;
  expect((await lanes.submit("films", entries())).map(isOvertaken)).toEqual([true, true]);
  expect(inTurnWhenSent).toEqual([]);
});
