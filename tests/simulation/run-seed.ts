/**
 * One history from one number: a fleet, clients, faults, healing, and what must hold then. The same number gives the
 * same history, so a violation can be looked at as often as it takes.
 */
import { type Config, configFrom, type ConfigInput } from "../../src/config/config.ts";
import { buildShardMap } from "../../src/core/routing/build-shard-map.ts";
import { shardOf } from "../../src/core/routing/shard-of.ts";
import type { ShardMap } from "../../src/core/routing/shard-map.ts";
import { createDice, type Dice } from "./dice.ts";
import { FAULT_KINDS, type FaultKind, type FaultParts, heal, scheduleFaults } from "./faults.ts";
import { AFTER_HEALING, describeWrites, type Doc, reachableStates, stateText, type WriteRecord } from "./history.ts";
import { createDisk, type SimulatedDisk, type StoreDefect } from "./simulated-disk.ts";
import { createNetwork } from "./simulated-network.ts";
import { SimulatedNode } from "./simulated-node.ts";
import { createRouter, EPOCH_MS, type SimulatedRouter } from "./simulated-router.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import { createWorkload, INDEX, KEYS, type Workload } from "./workload.ts";

export interface SeedResult {
  readonly seed: number;
  readonly layout: string;
  readonly violations: readonly string[];
  readonly steps: number;
  readonly simulatedMs: number;
  readonly writes: number;
  readonly acknowledged: number;
  /** Answers to searches and lists whose content was judged. */
  readonly reads: number;
}

export interface SeedOptions {
  readonly kinds?: readonly FaultKind[];
  readonly trace?: (line: string) => void;
  readonly plant?: Plant;
}

/** A defect that is put in on purpose, to see that it is found. */
export interface Plant {
  readonly store?: (dice: Dice) => StoreDefect;
  readonly nodes?: (nodes: readonly SimulatedNode[], dice: Dice) => void;
}

interface Layout {
  readonly groups: number;
  readonly perGroup: number;
  readonly copies: number;
}

const LAYOUTS: readonly Layout[] = [
  { groups: 1, perGroup: 2, copies: 1 },
  { groups: 1, perGroup: 3, copies: 2 },
  { groups: 1, perGroup: 3, copies: 3 },
  { groups: 2, perGroup: 1, copies: 1 },
  { groups: 2, perGroup: 2, copies: 1 },
  { groups: 2, perGroup: 2, copies: 2 },
];
const SHARDS = 4;
const FAULTS_END_MS = 4_000;
const QUIET_AFTER_MAX_MS = 300_000;

export function runSeed(seed: number, options: SeedOptions = {}): SeedResult {
  const world = createWorld(seed, options);
  const { timeline, dice, workload, router, violations } = world;
  try {
    router.start();
    if (!timeline.run(60_000, settled(setUp(world)))) world.violate("R0", "the index could not be made");
    const startMs = timeline.nowMs();
    scheduleFaults(world.faults, startMs, startMs + FAULTS_END_MS - 500);
    const clients = [
      workload.writer(5 + dice.below(6), dice.between(60, 300)),
      workload.writer(5 + dice.below(6), dice.between(60, 300)),
      workload.reader(6, 350),
      workload.taskWatcher(startMs + FAULTS_END_MS),
    ];
    timeline.run(startMs + FAULTS_END_MS);
    heal(world.faults);
    const quiet = settled(Promise.all(clients).then(() => untilQuiet(world)));
    if (!timeline.run(timeline.nowMs() + QUIET_AFTER_MAX_MS, quiet)) world.violate("R9", describeUnrest(world));
    judgeReplicas(world);
  } catch (error) {
    world.violate("R0", error instanceof Error ? `${error.message}\n${error.stack}` : String(error));
  }
  return {
    seed,
    layout: world.layout,
    violations,
    steps: timeline.steps(),
    simulatedMs: timeline.nowMs(),
    writes: workload.writes.length,
    acknowledged: workload.writes.filter(({ outcome }) => outcome === "acknowledged").length,
    reads: workload.readsJudged(),
  };
}

interface SimulatedWorld {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly nodes: readonly SimulatedNode[];
  readonly disk: SimulatedDisk;
  readonly router: SimulatedRouter;
  readonly workload: Workload;
  readonly faults: FaultParts;
  readonly map: ShardMap;
  readonly layout: string;
  readonly violations: string[];
  readonly hasSettings: boolean;
  violate(rule: string, text: string): void;
}

function createWorld(seed: number, options: SeedOptions): SimulatedWorld {
  const dice = createDice(seed);
  const timeline = createTimeline();
  const note = (text: string): void => options.trace?.(`${timeline.nowMs().toFixed(1).padStart(9)} ${text}`);
  const violations: string[] = [];
  const violate = (rule: string, text: string): void => {
    violations.push(`${rule}: ${text}`);
    note(`VIOLATION ${rule}: ${text}`);
  };
  const layout = dice.pick(LAYOUTS);
  const placed = Array.from({ length: layout.groups * layout.perGroup }, (_unused, at) => ({
    id: `n${at}`,
    address: `http://n${at}`,
    replica_group: at % layout.groups,
  }));
  const config = configOf(layout, placed);
  const nodes = placed.map(({ id }) => {
    const skewMs = dice.between(-1_500, 1_500);
    return new SimulatedNode(id, {
      nowMs: () => Math.floor(EPOCH_MS + skewMs + timeline.nowMs()),
      after: (delayMs, work) => timeline.after(delayMs, work),
      taskMs: () => (dice.chance(0.05) ? dice.between(100, 1_500) : dice.between(1, 40)),
      ...(options.trace === undefined ? {} : { note }),
    });
  });
  options.plant?.nodes?.(nodes, dice);
  const network = createNetwork(timeline, dice, new Map(nodes.map((node) => [node.id, node])), options.trace && note);
  const disk = createDisk({
    timeline,
    dice,
    nowMs: () => EPOCH_MS + timeline.nowMs(),
    defect: options.plant?.store?.(dice) ?? ((store) => store),
  });
  const emitted = (name: string, fields: object): void => {
    if (options.trace !== undefined && !QUIET_EVENTS.has(name)) note(`  ${name} ${JSON.stringify(fields)}`);
  };
  const router = createRouter({ timeline, dice, network, disk, config, note, emitted });
  const hasSettings = dice.chance(0.7);
  const workload = createWorkload({ timeline, dice, router, violate, note, deletesByFilter: hasSettings });
  const groups = Array.from({ length: layout.groups }, (_unused, group) =>
    placed.filter((node) => node.replica_group === group).map(({ id }) => id),
  );
  const kinds = options.kinds ?? FAULT_KINDS;
  const topologyGroups = groups.map((ids, replicaGroup) =>
    ids.map((id) => ({ id, address: `http://${id}`, replicaGroup, state: "active" as const })),
  );
  const map = buildShardMap(
    {
      epoch: 1,
      replicationFactor: layout.copies,
      groups: topologyGroups,
      nodes: new Map(topologyGroups.flat().map((node) => [node.id, node])),
    },
    SHARDS,
  );
  return {
    timeline,
    dice,
    nodes,
    disk,
    router,
    workload,
    map,
    violations,
    violate,
    hasSettings,
    layout: `${layout.groups} groups of ${layout.perGroup}, ${layout.copies} copies`,
    faults: { timeline, dice, nodes, groups, network, disk, router, note, kinds },
  };
}

/** Checking a configuration takes longer than a whole history; there are only a few. */
const configs = new Map<Layout, Config>();

function configOf(layout: Layout, nodes: NonNullable<ConfigInput>["nodes"]): Config {
  const known = configs.get(layout);
  if (known !== undefined) return known;
  const fresh = configFrom({
    shards: SHARDS,
    replication_factor: layout.copies,
    replica_groups: layout.groups,
    nodes,
    router: { id: "router" },
    health: { interval_ms: 1_000, timeout_ms: 800, unhealthy_threshold: 2, recovery_threshold: 2 },
    scatter: { node_timeout_ms: 2_000 },
  });
  configs.set(layout, fresh);
  return fresh;
}

/** These come every second and say nothing about a violation. */
const QUIET_EVENTS: ReadonlySet<string> = new Set([
  "node.answered",
  "shards.coverage_measured",
  "shards.distributed",
  "tasks.open_measured",
  "tasks.registry_size_measured",
  "node.request_finished",
]);

/** In some histories the first write makes the index, in the middle of the faults. */
async function setUp({ router, timeline, hasSettings }: SimulatedWorld): Promise<void> {
  await until(timeline, async () => router.isUp());
  if (!hasSettings) return;
  const steps = [
    ["POST", "/indexes", { uid: INDEX, primaryKey: "id" }],
    ["PATCH", `/indexes/${INDEX}/settings`, { filterableAttributes: ["tag"] }],
  ] as const;
  for (const [method, path, body] of steps) {
    const answer = await router.request(method, path, body);
    const { taskUid } = (answer as { body: { taskUid: number } }).body;
    await until(timeline, async () => {
      const task = await router.request("GET", `/tasks/${taskUid}`);
      return (task as { body: { status: string } }).body.status === "succeeded";
    });
  }
}

async function until(timeline: Timeline, holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise<void>((resolve) => void timeline.after(20, resolve));
}

function settled(work: Promise<unknown>): () => boolean {
  let isOver = false;
  let failure: unknown;
  work.then(
    () => (isOver = true),
    (error: unknown) => {
      failure = error;
      isOver = true;
    },
  );
  return () => {
    if (failure !== undefined) throw failure;
    return isOver;
  };
}

/**
 * Every task has ended, nothing is kept for a node, no node works; then a write is taken, and answers are complete.
 * What was refused meanwhile a client would repeat, so an index that nobody could make is made by that write.
 */
async function untilQuiet(world: SimulatedWorld): Promise<void> {
  const { timeline, workload } = world;
  let isClosed = false;
  const wait = (durationMs: number): Promise<void> =>
    new Promise((resolve) => void timeline.after(durationMs, resolve));
  for (let pauseMs = 100; ; pauseMs = Math.min(1_000, pauseMs * 1.5)) {
    await wait(pauseMs);
    if (!(await isQuiet(world)) || !(await workload.askTasks())) continue;
    if (!isClosed) {
      isClosed = await workload.closingWrite();
      continue;
    }
    if ((await workload.readAll()) && (await workload.readAll())) return;
  }
}

async function isQuiet({ router, nodes, disk }: SimulatedWorld): Promise<boolean> {
  if (!router.isUp() || !nodes.every((node) => node.isIdle())) return false;
  return (await disk.durable.tasks.unfinished()).length === 0 && (await disk.durable.hints.totals()).size === 0;
}

function describeUnrest({ nodes, disk, workload, router, timeline }: SimulatedWorld): string {
  const open: string[] = [];
  void disk.durable.tasks.unfinished().then((tasks) => open.push(...tasks.map((task) => JSON.stringify(task))));
  void disk.durable.hints.totals().then((totals) => open.push(...[...totals.keys()].map((id) => `hints for ${id}`)));
  timeline.run(timeline.nowMs());
  const busy = nodes.filter((node) => !node.isIdle()).map(({ id }) => id);
  const unended = workload.writes.filter(({ outcome }) => outcome === "open").map(({ number }) => number);
  return (
    `not quiet: router ${router.isUp() ? "up" : "down"}; nodes at work: ${busy.join(" ")}; ` +
    `writes without an answer: ${unended.join(" ")}; left in the store: ${open.join("\n")}`
  );
}

/** R1 to R5: what the owners of every document hold. */
function judgeReplicas(world: SimulatedWorld): void {
  const { workload, map, nodes } = world;
  const violate = (rule: string, text: string): void => world.violate(rule, text);
  for (const key of KEYS) {
    const shard = shardOf(key, SHARDS);
    const owners = map.owners.flatMap((group) => group[shard] ?? []);
    const states = reachableStates(key, workload.writes, AFTER_HEALING);
    const copies = nodes
      .filter(({ id }) => owners.includes(id))
      .map((node) => ({ id: node.id, stored: node.indexes.get(INDEX)?.documents.get(key) ?? null }));
    const wrong = copies.filter(({ stored }) => !states.has(stateText(withoutMarkers(stored))));
    for (const { id, stored } of wrong) {
      const allowed = [...states].join(" or ");
      violate(
        rulesOf(stored, states),
        `${id} holds ${key} as ${stateText(stored)}, allowed: ${allowed}\n${describeWrites(key, workload.writes)}`,
      );
    }
    const texts = new Set(copies.map(({ stored }) => stateText(stored)));
    if (texts.size > 1 && !mayDiffer(key, workload.writes)) {
      const told = copies.map(({ id, stored }) => `${id}: ${stateText(stored)}`).join("; ");
      violate("R3", `replicas of ${key} differ: ${told}\n${describeWrites(key, workload.writes)}`);
    }
    const strays = nodes.filter(({ id, indexes }) => !owners.includes(id) && indexes.get(INDEX)?.documents.has(key));
    for (const { id } of strays) violate("R3", `${id} holds ${key}, which is not its own`);
  }
}

function rulesOf(stored: Doc | null, states: ReadonlySet<string | null>): string {
  if (stored === null) return "R1";
  return states.size === 1 && states.has(null) ? "R2" : "R4/R5";
}

/**
 * A write whose router died, whose task failed, or that could not be kept, may stand on some replicas only until it is
 * sent again or a repair compares them.
 */
function mayDiffer(key: string, writes: readonly WriteRecord[]): boolean {
  return writes.some(
    (write) =>
      write.effectOn(key) !== null &&
      (write.outcome === "lost" || write.code === "miroir_store_unavailable" || write.taskStatus === "failed"),
  );
}

function withoutMarkers(document: Doc | null): Doc | null {
  if (document === null) return null;
  return Object.fromEntries(Object.entries(document).filter(([name]) => !name.startsWith("_miroir_")));
}
