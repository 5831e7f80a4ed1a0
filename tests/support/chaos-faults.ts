/** Faults on running processes and their lines, one at a time from a seed, each taken back after a moment. */
import type { Dice } from "../simulation/dice.ts";
import type { Fault, FaultProxy } from "./fault-proxy.ts";
import type { TestMiroir } from "./miroir.ts";
import type { TestNode } from "./nodes.ts";

export interface ChaosFleet {
  readonly miroir: TestMiroir;
  readonly nodes: readonly TestNode[];
  readonly proxies: readonly FaultProxy[];
}

export type ChaosFault = "line" | "node_killed" | "node_stopped" | "router_killed";

export interface FaultPlan {
  readonly dice: Dice;
  readonly kinds: readonly ChaosFault[];
  /** Between the end of one fault and the beginning of the next, at most. */
  readonly pauseMs: number;
  readonly lastsMs: number;
  /** How long the next fault waits for all nodes to serve again. */
  readonly wholeMaxMs: number;
  readonly note: (text: string) => void;
}

const READY_MAX_MS = 180_000;
const WRITES = /^(?:POST|PUT|DELETE) [^ ]*\/documents/;

const LINE_FAULTS: readonly Fault[] = [
  { kind: "latency", ms: 80 },
  { kind: "stall" },
  { kind: "partition" },
  { kind: "refuse" },
  { kind: "reset_request", when: WRITES },
  { kind: "reset_answer", when: WRITES },
  { kind: "reset_answer" },
  { kind: "truncate", bytes: 60, when: WRITES },
  { kind: "truncate", bytes: 200 },
  { kind: "drip", bytes: 40, everyMs: 5 },
];

/** Until `stopped` fires; everything works again when it resolves. Says how many faults there were. */
export async function causeFaults(fleet: ChaosFleet, plan: FaultPlan, stopped: AbortSignal): Promise<number> {
  let count = 0;
  while (!stopped.aborted) {
    await pause(plan.dice.between(0, plan.pauseMs), stopped);
    if (stopped.aborted) break;
    count += 1;
    await oneFault(fleet, plan, stopped);
    await untilWhole(fleet.miroir, plan.wholeMaxMs, stopped);
  }
  return count;
}

async function oneFault({ miroir, nodes, proxies }: ChaosFleet, plan: FaultPlan, stopped: AbortSignal): Promise<void> {
  const { dice, note } = plan;
  const at = dice.below(nodes.length);
  const node = nodes[at] as TestNode;
  const proxy = proxies[at] as FaultProxy;
  const kind = dice.pick(plan.kinds);
  const lastsMs = dice.between(100, plan.lastsMs);
  if (kind === "line") {
    const fault = dice.pick(LINE_FAULTS);
    note(`node ${at}: ${fault.kind} for ${Math.round(lastsMs)} ms`);
    proxy.set(fault);
    await pause(lastsMs, stopped);
    proxy.heal();
    return;
  }
  note(`${kind === "router_killed" ? "router" : `node ${at}`}: ${kind} for ${Math.round(lastsMs)} ms`);
  if (kind === "node_stopped") {
    node.stall();
    await pause(lastsMs, stopped);
    node.resume();
  } else if (kind === "node_killed") {
    await node.kill();
    await pause(lastsMs, stopped);
    await node.restart();
  } else {
    await miroir.kill();
    // A busy machine may take longer than a start is given.
    await miroir.start().catch(() => untilReady(miroir));
  }
}

/** On a slow machine faults could follow one another faster than nodes are taken in again, and nothing would move. */
async function untilWhole(miroir: TestMiroir, maxMs: number, stopped: AbortSignal): Promise<void> {
  const deadline = performance.now() + maxMs;
  while (performance.now() < deadline && !stopped.aborted) {
    const admin = { "x-admin-key": miroir.adminKey };
    const answer = await miroir.request("GET", "/_miroir/topology", undefined, admin).catch(() => undefined);
    if (answer?.body?.degraded_node_count === 0) return;
    await pause(50, stopped);
  }
}

async function untilReady(miroir: TestMiroir): Promise<void> {
  const deadline = performance.now() + READY_MAX_MS;
  while (performance.now() < deadline) {
    const answer = await miroir.request("GET", "/_miroir/ready").catch(() => undefined);
    if (answer?.status === 200) return;
    await Bun.sleep(100);
  }
  throw new TypeError(`the router was not ready within ${READY_MAX_MS} ms:\n${await miroir.output()}`);
}

async function pause(durationMs: number, stopped: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, durationMs);
  stopped.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
