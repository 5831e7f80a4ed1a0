/** When a node counts as well: thresholds in both directions, traffic counted as well as probes. */
import { expect, test } from "bun:test";
import { createNodeHealth } from "../../../../src/services/fleet/node-health.ts";
import { answered, refused, unavailable } from "../../../support/fake-node-client.ts";

const thresholds = { unhealthyThreshold: 3, recoveryThreshold: 2 };
const good = answered("n1", { status: "available" });
const bad = unavailable("n1", "connection");

function started() {
  const health = createNodeHealth(
    "n1",
    thresholds,
    () => 1234,
    () => {},
  );
  health.recordProbe(good);
  return health;
}

test("before it was ever reached a node is not healthy; the first good probe makes it so", () => {
  const health = createNodeHealth(
    "n1",
    thresholds,
    () => 1,
    () => {},
  );
  expect(health.healthy()).toBe(false);
  health.recordProbe(good);
  expect(health.healthy()).toBe(true);
  expect(health.problem()).toBeNull();
});

test("a node that was there goes away, and so has one that is away when the router starts; each time once", () => {
  for (const first of [good, bad]) {
    let gone = 0;
    const health = createNodeHealth(
      "n1",
      { unhealthyThreshold: 1, recoveryThreshold: 1 },
      () => 1,
      () => {},
      { wentAway: () => void (gone += 1) },
    );
    health.recordProbe(first);
    for (let misses = 0; misses < 3; misses += 1) health.recordProbe(bad);
    expect(gone).toBe(1);
    health.recordProbe(good);
    health.recordTraffic(bad);
    expect(gone).toBe(2);
  }
});

test("three misses in a row fail it, two are forgiven by an answer", () => {
  const health = started();
  health.recordProbe(bad);
  health.recordProbe(bad);
  health.recordProbe(good);
  health.recordProbe(bad);
  health.recordProbe(bad);
  expect(health.healthy()).toBe(true);
  health.recordProbe(bad);
  expect(health.healthy()).toBe(false);
  expect(health.problem()).toContain("n1");
});

test("failures of real traffic count, so that a dead node is noticed before the next probe", () => {
  const health = started();
  for (let i = 0; i < 3; i += 1) health.recordTraffic(bad);
  expect(health.healthy()).toBe(false);
});

test("a node that refuses a request, is overloaded by us or lost its caller is not to blame", () => {
  const health = started();
  for (let i = 0; i < 9; i += 1) {
    health.recordTraffic(refused("n1", 400, "invalid_search_filter"));
    health.recordTraffic(unavailable("n1", "overloaded"));
    health.recordTraffic(unavailable("n1", "aborted"));
  }
  expect(health.healthy()).toBe(true);
});

test("it takes two good probes in a row to come back, and good traffic alone does not bring it back", () => {
  const health = started();
  for (let i = 0; i < 3; i += 1) health.recordProbe(bad);
  health.recordTraffic(good);
  health.recordProbe(good);
  expect(health.healthy()).toBe(false);
  health.recordProbe(good);
  expect(health.healthy()).toBe(true);
  expect(health.lastSeenMs()).toBe(1234);
});
