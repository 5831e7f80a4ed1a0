/**
 * Real processes under faults at random: the router, nodes, a fault proxy before each. Short here; `bun run chaos` takes
 * its time. The seed is printed.
 */
import { expect, test } from "bun:test";
import type { ChaosFault } from "../support/chaos-faults.ts";
import { runChaos } from "../support/chaos-run.ts";

const SEED = Number(process.env["MIROIR_CHAOS_SEED"] ?? Math.floor(Math.random() * 1_000_000));
const COUNT = 2_000;
/** Shorter than the writers take, however fast the machine. */
const PAUSE_MS = 200;
const FAULTS: readonly ChaosFault[] = ["line", "line", "line", "node_killed", "node_stopped", "router_killed"];

for (const layout of [
  { title: "two copies in one group", nodes: 3, replicationFactor: 2 },
  { title: "two groups", nodes: 2, replicaGroups: 2 },
]) {
  test(`${layout.title}: nothing acknowledged is lost, revived or different on its replicas (seed ${SEED})`, async () => {
    const { title: _title, ...fleet } = layout;
    const report = await runChaos({ seed: SEED, count: COUNT, pauseMs: PAUSE_MS, kinds: FAULTS, ...fleet });
    expect(report.violations, JSON.stringify(report)).toEqual([]);
    expect(report.documents).toBeGreaterThanOrEqual(COUNT);
    expect(report.faults).toBeGreaterThan(0);
  }, 240_000);
}
