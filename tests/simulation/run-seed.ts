/**
 * One history from one number: a fleet, clients, faults, healing, and what must hold then. The same number gives the
 * same history, so a violation can be looked at as often as it takes.
 */
import { decodeExpiry } from "../../src/core/markers/expiry.ts";
import { EXPIRES_AT_FIELD } from "../../src/core/markers/fields.ts";
import { heal, scheduleFaults } from "./faults.ts";
import { misplacedIndexes } from "./judge-indexes.ts";
import { judgeReplicas, judgeSettings } from "./judge-replicas.ts";
import { createWorld, type SeedOptions, type SimulatedWorld } from "./simulated-world.ts";
import type { Timeline } from "./timeline.ts";

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

const QUIET_AFTER_MAX_MS = 120_000;
const ASK_AGAIN_MS = 60;
const INDEXES_RIGHT_WITHIN_MS = 60_000;
/** An index that was to be made, and that no task is about any more, is told to the nodes again every 15 seconds. */
const ADOPTED_WITHIN_MS = 35_000;

export function runSeed(seed: number, options: SeedOptions = {}): SeedResult {
  const world = createWorld(seed, options);
  const { timeline, dice, workload, router, violations, odds } = world;
  try {
    router.start();
    if (!timeline.run(60_000, settled(setUp(world)))) world.violate("R0", "the index could not be made");
    const startMs = timeline.nowMs();
    scheduleFaults(world.faults, startMs, startMs + odds.faultsBeginWithinMs);
    const clients = [
      workload.writer(5 + dice.below(6), dice.between(...odds.writesEveryMs)),
      workload.writer(5 + dice.below(6), dice.between(...odds.writesEveryMs)),
      workload.reader(odds.reads, odds.readsEveryMs),
      workload.administrator(world.changes, odds.changesEveryMs),
      workload.taskWatcher(startMs + world.healsAfterMs),
    ];
    timeline.run(startMs + world.healsAfterMs);
    heal(world.faults);
    const quiet = settled(Promise.all(clients).then(() => untilQuiet(world)));
    if (!timeline.run(timeline.nowMs() + QUIET_AFTER_MAX_MS, quiet)) world.violate("R9", describeUnrest(world));
    judgeReplicas(world);
    judgeSettings(world);
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

/** In some histories the first write makes the index, in the middle of the faults. */
async function setUp({ router, timeline, hasSettings, made }: SimulatedWorld): Promise<void> {
  await until(timeline, async () => router.isUp());
  if (!hasSettings) return;
  const steps = made.flatMap((uid) => [
    ["POST", "/indexes", { uid, primaryKey: "id" }] as const,
    ["PATCH", `/indexes/${uid}/settings`, { filterableAttributes: ["tag"] }] as const,
  ]);
  for (const [method, path, body] of steps) {
    const answer = await router.request(method, path, body);
    const { taskUid } = (answer as { body: { taskUid: number } }).body;
    await until(timeline, async () => {
      const task = await router.request("GET", `/tasks/${taskUid}`);
      return (task as { body: { status: string } }).body.status === "succeeded";
    });
  }
}

/** Asks again and again, in the time of the history. */
export async function until(timeline: Timeline, holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise<void>((resolve) => void timeline.after(ASK_AGAIN_MS, resolve));
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
 * Every task has ended, nothing is kept for a node, no node works; then a write is taken, every node serves, and answers
 * are complete.
 * What was refused meanwhile a client would repeat, so an index that nobody could make is made by that write.
 */
async function untilQuiet(world: SimulatedWorld): Promise<void> {
  const { timeline, workload } = world;
  const startedMs = timeline.nowMs();
  let quietSinceMs: number | null = null;
  let areIndexesRight = false;
  let isClosed = false;
  let isCompared = false;
  let isEdited = world.nodes.some((node) => node.wasEdited);
  const wait = (durationMs: number): Promise<void> =>
    new Promise((resolve) => void timeline.after(durationMs, resolve));
  for (let pauseMs = 100; ; pauseMs = Math.min(1_000, pauseMs * 1.5)) {
    await wait(pauseMs);
    if (!(await isQuiet(world)) || !(await workload.askTasks())) continue;
    // Before the closing write, which would make what is missing.
    if (!areIndexesRight) {
      const misplaced = misplacedIndexes(world, await world.disk.durable.catalog.all());
      // That a node has come back without its indexes is not known at once, nor that nobody makes an index any more.
      quietSinceMs ??= timeline.nowMs();
      const untilMs = Math.max(startedMs + INDEXES_RIGHT_WITHIN_MS, quietSinceMs + ADOPTED_WITHIN_MS);
      if (misplaced.length > 0 && timeline.nowMs() < untilMs) continue;
      for (const text of misplaced) world.violate("R3", text);
      areIndexesRight = true;
    }
    if (!isClosed) {
      isClosed = await workload.closingWrite();
      continue;
    }
    if (isEdited) {
      isEdited = !(await repairSettings(world));
      continue;
    }
    if (world.compares && !isCompared) {
      isCompared = await compareReplicas(world);
      continue;
    }
    if (!(await isWhole(world))) continue;
    if (!(await workload.readAll()) || !(await workload.readAll())) continue;
    // Not in the middle of a sweep, when one replica has carried out what another is about to.
    if (!world.expires || ((await isQuiet(world)) && expired(world).length === 0)) return;
  }
}

/** Documents that have expired and are still there, by node. */
function expired({ nodes, router }: SimulatedWorld): readonly string[] {
  return nodes.flatMap(({ id, indexes }) =>
    [...indexes.values()].flatMap(({ uid, documents }) =>
      [...documents].flatMap(([key, document]) => {
        const marker = document[EXPIRES_AT_FIELD];
        const expiresAt = typeof marker === "string" ? decodeExpiry(marker) : null;
        return expiresAt !== null && expiresAt <= router.wallMs()
          ? [`${key} of ${uid} on ${id} since ${expiresAt}`]
          : [];
      }),
    ),
  );
}

/** No node is still to be looked at, or repaired, before it serves. */
async function isWhole({ router }: SimulatedWorld): Promise<boolean> {
  const answer = await router.request("GET", "/_miroir/topology");
  return answer.kind !== "lost" && (answer.body as { degraded_node_count?: number }).degraded_node_count === 0;
}

/** What the check of settings does every few minutes; says whether it has found, or made, them equal. */
async function repairSettings({ router, indexes }: SimulatedWorld): Promise<boolean> {
  for (const index of indexes) {
    const answer = await router.request("POST", `/_miroir/settings/${index}/repair`);
    if (answer.kind === "lost" || answer.status !== 200) return false;
    const { outcome } = answer.body as { outcome: string };
    if (outcome !== "in_sync" && outcome !== "repaired") return false;
  }
  return true;
}

/** One comparison of all replicas; says whether it has found them equal. */
async function compareReplicas({ router, timeline }: SimulatedWorld): Promise<boolean> {
  const started = await router.request("POST", "/_miroir/verify", { repair: true });
  if (started.kind === "lost" || started.status !== 202) return false;
  let state: Comparison | null = null;
  await until(timeline, async () => {
    const answer = await router.request("GET", "/_miroir/verify");
    if (answer.kind === "lost") return true;
    state = answer.body as Comparison;
    return state.state !== "running";
  });
  const found = state as Comparison | null;
  if (found?.state !== "finished") return false;
  return found.indexes.every(({ different, open, absent, repaired }) => different + open + absent + repaired === 0);
}

interface Comparison {
  readonly state: "running" | "finished" | "stopped";
  readonly indexes: readonly {
    readonly different: number;
    readonly open: number;
    readonly absent: number;
    readonly repaired: number;
  }[];
}

async function isQuiet({ router, nodes, disk }: SimulatedWorld): Promise<boolean> {
  if (!router.isUp() || !nodes.every((node) => node.isIdle())) return false;
  return (await disk.durable.tasks.unfinished()).length === 0 && (await disk.durable.hints.totals()).size === 0;
}

function describeUnrest(world: SimulatedWorld): string {
  const { nodes, disk, workload, router, timeline } = world;
  const open: string[] = [];
  void disk.durable.tasks.unfinished().then((tasks) => open.push(...tasks.map((task) => JSON.stringify(task))));
  void disk.durable.hints.totals().then((totals) => open.push(...[...totals.keys()].map((id) => `hints for ${id}`)));
  timeline.run(timeline.nowMs());
  const busy = nodes.filter((node) => !node.isIdle()).map(({ id }) => id);
  const unended = workload.writes.filter(({ outcome }) => outcome === "open").map(({ number }) => number);
  return (
    `not quiet: router ${router.isUp() ? "up" : "down"}; nodes at work: ${busy.join(" ")}; ` +
    `writes without an answer: ${unended.join(" ")}; expired: ${expired(world).join(", ")}; left in the store: ${open.join("\n")}`
  );
}
