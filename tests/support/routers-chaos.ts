/**
 * Two routers and their Redis server under faults, with writers that know afterwards what must be there: servers and
 * routers are killed, or stand still and go on as if nothing had been.
 */
import { createDice, type Dice } from "../simulation/dice.ts";
import { createWriters, type ChaosWriters } from "./chaos-writers.ts";
import type { TestMiroir } from "./miroir.ts";
import { nodeRequest, type NodeKind, type TestNode } from "./nodes.ts";
import { signalProcess } from "./nodes-processes.ts";
import { startRouters, type TestRouters } from "./routers.ts";

export interface RoutersChaosOptions {
  readonly seed: number;
  /** Documents to be written or deleted. */
  readonly count: number;
  readonly kind?: NodeKind;
  readonly note?: (text: string) => void;
}

export interface RoutersChaosReport {
  readonly documents: number;
  readonly tasks: number;
  readonly faults: number;
  readonly seconds: number;
  readonly healingMs: number;
  readonly refusals: Readonly<Record<string, number>>;
  /** Empty: all promises were kept. */
  readonly violations: readonly string[];
}

const INDEX = "entries";
const LEASE_S = 7;
const HEALING_MAX_MS = 90_000;
const WRITERS = { writers: 6, keysPerWriter: 200, batch: 10 };

export async function runRoutersChaos(options: RoutersChaosOptions): Promise<RoutersChaosReport> {
  const dice = createDice(options.seed);
  const kind = options.kind === undefined ? {} : { kind: options.kind };
  const world = await startRouters({ leaseS: LEASE_S, nodes: 2, replicaGroups: 2, shards: 8, ...kind });
  try {
    const [first] = world.routers;
    await first.write("POST", "/indexes", { uid: INDEX, primaryKey: "id" });
    const either: Pick<TestMiroir, "request" | "adminKey"> = {
      adminKey: first.adminKey,
      request: (...asked) => dice.pick(world.routers).request(...asked),
    };
    const writers = createWriters({ miroir: either, index: INDEX, dice, ...WRITERS });
    const startedMs = performance.now();
    const written = new AbortController();
    const faults = causeFaults(world, dice, written.signal, options.note ?? (() => {}));
    try {
      await writers.run(options.count);
    } finally {
      written.abort();
      await faults;
    }
    const healedMs = performance.now();
    const violations = await untilWhole(world, writers);
    return {
      documents: writers.done(),
      tasks: writers.tasks.length,
      faults: await faults,
      seconds: (performance.now() - startedMs) / 1_000,
      healingMs: performance.now() - healedMs,
      refusals: Object.fromEntries(writers.refusals()),
      violations,
    };
  } finally {
    await world.stop();
  }
}

/** One at a time, until `stopped` fires; everything works again when it resolves. Says how many there were. */
async function causeFaults(
  { routers, redis }: TestRouters,
  dice: Dice,
  stopped: AbortSignal,
  note: (text: string) => void,
): Promise<number> {
  const kinds = ["redis_killed", "redis_stopped", "router_killed", "router_stopped"] as const;
  let count = 0;
  for (; !stopped.aborted; count += 1) {
    await Bun.sleep(dice.between(200, 2_000));
    const kind = dice.pick(kinds);
    const router = dice.pick(routers);
    // Longer than a router is believed in, or than a server is waited for, or shorter.
    const lastsMs = dice.between(100, kind === "router_stopped" ? LEASE_S * 1_600 : 6_000);
    note(`${kind} for ${Math.round(lastsMs)} ms`);
    if (kind === "redis_killed") {
      await redis.kill();
      await Bun.sleep(lastsMs);
      await redis.restart();
    } else if (kind === "redis_stopped") {
      redis.stall();
      await Bun.sleep(lastsMs);
      redis.resume();
    } else if (kind === "router_killed") {
      await router.kill();
      await Bun.sleep(lastsMs);
      await router.start();
    } else {
      signalProcess(router.pid, "SIGSTOP");
      await Bun.sleep(lastsMs);
      signalProcess(router.pid, "SIGCONT");
    }
  }
  return count;
}

/** What is still wrong when the time is over; nothing, as soon as nothing is. */
async function untilWhole(world: TestRouters, writers: ChaosWriters): Promise<readonly string[]> {
  const deadline = performance.now() + HEALING_MAX_MS;
  let wrong: readonly string[] = [];
  do {
    await Bun.sleep(250);
    wrong = await openEnds(world, writers).catch((error: unknown) => [String(error)]);
    if (wrong.length === 0) wrong = (await Promise.all(world.nodes.map((node) => wrongOn(node, writers)))).flat();
  } while (wrong.length > 0 && performance.now() < deadline);
  return wrong.slice(0, WRONG_SHOWN_MAX);
}

/** Both routers have to say the same of the tasks: none open, none acknowledged that failed, no number twice. */
async function openEnds({ routers }: TestRouters, writers: ChaosWriters): Promise<readonly string[]> {
  const wrong: string[] = [];
  if (new Set(writers.tasks).size !== writers.tasks.length) wrong.push("a number was given to two tasks");
  const acknowledged = new Set(writers.tasks);
  for (const router of routers) {
    const { body } = await router.request("GET", "/tasks?limit=1000000");
    const tasks = body.results as { uid: number; status: string }[];
    const open = tasks.filter(({ status }) => status === "enqueued" || status === "processing");
    if (open.length > 0) wrong.push(`${open.length} tasks have not ended: ${JSON.stringify(open[0])}`);
    const failed = tasks.filter(({ uid, status }) => acknowledged.has(uid) && status !== "succeeded");
    if (failed.length > 0) wrong.push(`${failed.length} acknowledged tasks failed: ${JSON.stringify(failed[0])}`);
    const known = new Set(tasks.map(({ uid }) => uid));
    const lost = writers.tasks.filter((uid) => !known.has(uid));
    if (lost.length > 0) wrong.push(`${lost.length} acknowledged tasks are unknown: ${lost[0]}`);
  }
  return wrong;
}

async function wrongOn(node: TestNode, writers: ChaosWriters): Promise<readonly string[]> {
  const answer = await nodeRequest(node, "POST", `/indexes/${INDEX}/documents/fetch`, { limit: 1_000_000 });
  const list = (answer.body?.results ?? []) as { id: string; version: number }[];
  const stored = new Map(list.map((document) => [document.id, document.version]));
  return [...writers.expected]
    .filter(([key, version]) => (stored.get(key) ?? null) !== version)
    .map(([key, version]) => `${node.url} has ${key} in version ${stored.get(key)}, expected ${version}`);
}

const WRONG_SHOWN_MAX = 20;
