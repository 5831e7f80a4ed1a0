/** The life of a node: every step that is allowed, and that every other one is refused. */
import { describe, expect, test } from "bun:test";
import {
  assertTransition,
  isOwning,
  isReadable,
  isWritable,
  nodeStates,
} from "../../../../src/core/topology/node-state.ts";
import type { NodeState } from "../../../../src/core/topology/topology.ts";

const states = Object.keys(nodeStates) as NodeState[];

const allowed = new Set([
  "joining > active",
  "active > draining",
  "draining > removed",
  "active > failed",
  "draining > failed",
  "failed > active",
  "active > degraded",
  "failed > degraded",
  "degraded > active",
]);

const steps = states.flatMap((from) => states.map((to) => ({ from, to, ok: allowed.has(`${from} > ${to}`) })));

describe("a node's next state", () => {
  test.each(steps)("$from to $to is allowed: $ok", ({ from, to, ok }) => {
    const step = () => assertTransition("node-1", from, to);
    if (ok) expect(step).not.toThrow();
    else expect(step).toThrow(`\`node-1\` cannot become \`${to}\``);
  });

  test("a refusal names what may follow", () => {
    expect(() => assertTransition("n", "active", "removed")).toThrow(
      "Node `n` cannot become `removed`: it is `active`, and after `active` only `draining` or `failed` or `degraded` may follow.",
    );
    expect(() => assertTransition("n", "removed", "active")).toThrow("after `removed` nothing follows");
  });
});

test("reads go to active, degraded and draining nodes", () => {
  expect(states.filter(isReadable).sort()).toEqual(["active", "degraded", "draining"]);
});

test("writes go to active, degraded and draining nodes", () => {
  expect(states.filter(isWritable).sort()).toEqual(["active", "degraded", "draining"]);
});

test("placement leaves out only nodes that have not joined or are gone", () => {
  expect(states.filter((state) => !isOwning(state)).sort()).toEqual(["joining", "removed"]);
});
