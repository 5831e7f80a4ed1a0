/**
 * One run of real processes under faults: the router, nodes, a fault proxy before each of them, writers and searchers.
 * Afterwards every document is looked for on every node that should have it, and on those that should not.
 */
import { shardOf } from "../../src/core/routing/shard-of.ts";
import { createDice } from "../simulation/dice.ts";
import { causeFaults, type ChaosFault, type ChaosFleet } from "./chaos-faults.ts";
import { createWriters, type ChaosWriters } from "./chaos-writers.ts";
import { behindProxy, startFaultProxy } from "./fault-proxy.ts";
import { startMiroir, type TestMiroir } from "./miroir.ts";
import { nodeRequest, startNodes, type NodeKind } from "./nodes.ts";

export interface ChaosOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly replicationFactor?: number;
  readonly replicaGroups?: number;
  /** Documents to be written or deleted. */
  readonly count: number;
  readonly kinds: readonly ChaosFault[];
  /** Documents per request. */
  readonly batch?: number;
  /** Between two faults, at most. */
  readonly pauseMs?: number;
  readonly kind?: NodeKind;
  readonly note?: (text: string) => void;
}

export interface ChaosReport {
  readonly seed: number;
  readonly documents: number;
  readonly tasks: number;
  readonly faults: number;
  readonly searches: number;
  /** Searches that the router refused, and those that it answered with less than everything. */
  readonly searchesFailed: number;
  readonly searchesDegraded: number;
  readonly seconds: number;
  /** From the last fault until everything was equal. */
  readonly healingMs: number;
  readonly refusals: Readonly<Record<string, number>>;
  /** One sentence for everything that should not be; empty: all promises were kept. */
  readonly violations: readonly string[];
}

const INDEX = "entries";
const SHARDS = 16;
const HEALING_MAX_MS = 60_000;
const WRITERS = { writers: 6, keysPerWriter: 400 };
const BATCH = 20;
const PAUSE_MS = 1_500;
const LASTS_MS = 2_500;
/** With one group every write needs all its copies, so that nothing would move; with two the other one takes writes. */
const WHOLE_MAX_MS = { copies: 120_000, groups: 4_000 };

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { replicationFactor = 1, replicaGroups = 1, note = () => {} } = options;
  const dice = createDice(options.seed);
  const nodes = await startNodes(options.nodes, options.kind === undefined ? {} : { kind: options.kind });
  const proxies = await Promise.all(nodes.map((node) => startFaultProxy(node)));
  const miroir = await startMiroir({
    use: nodes.map((node, at) => behindProxy(node, proxies[at] as (typeof proxies)[0])),
    replicationFactor,
    replicaGroups,
    shards: SHARDS,
    config: "  scatter: { node_timeout_ms: 2000 }\n",
  });
  const fleet: ChaosFleet = { miroir, nodes, proxies };
  try {
    await miroir.write("POST", "/indexes", { uid: INDEX, primaryKey: "id" });
    const writers = createWriters({ miroir, index: INDEX, dice, batch: options.batch ?? BATCH, ...WRITERS });
    const startedMs = performance.now();
    const written = new AbortController();
    const over = new AbortController();
    const violations: string[] = [];
    const plan = {
      dice,
      kinds: options.kinds,
      pauseMs: options.pauseMs ?? PAUSE_MS,
      lastsMs: LASTS_MS,
      wholeMaxMs: replicaGroups > 1 ? WHOLE_MAX_MS.groups : WHOLE_MAX_MS.copies,
    };
    const noted = { ...plan, note: (text: string) => note(`${writers.done()} done, ${text}`) };
    const faults = causeFaults(fleet, noted, written.signal);
    const searches = searchAll(fleet, { violations, note: noted.note }, over.signal);
    try {
      await writers.run(options.count);
    } finally {
      written.abort();
      await faults;
    }
    for (const proxy of proxies) proxy.heal();
    const healedMs = performance.now();
    violations.push(...(await untilWhole(fleet, writers)));
    const healingMs = performance.now() - healedMs;
    over.abort();
    if (violations.length > 0) note(await explain(miroir));
    return {
      seed: options.seed,
      documents: writers.done(),
      tasks: writers.tasks.length,
      faults: await faults,
      ...(await searches),
      seconds: (performance.now() - startedMs) / 1_000,
      healingMs,
      refusals: Object.fromEntries(writers.refusals()),
      violations,
    };
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await miroir.stop();
  }
}

type Searches = Pick<ChaosReport, "searches" | "searchesFailed" | "searchesDegraded">;

interface Told {
  readonly violations: string[];
  readonly note: (text: string) => void;
}

/** Searches all the while; an answer must not show a document twice. The first of refusals in a row is told, with its reason. */
async function searchAll({ miroir }: ChaosFleet, { violations, note }: Told, over: AbortSignal): Promise<Searches> {
  let [searches, searchesFailed, searchesDegraded, isRefused] = [0, 0, 0, false];
  while (!over.aborted) {
    const answer = await miroir
      .request("POST", `/indexes/${INDEX}/search`, { limit: 1_000, attributesToRetrieve: ["id"] })
      .catch(() => undefined);
    searches += 1;
    await Bun.sleep(20);
    // Without an answer it is the router that was killed.
    if (answer === undefined) continue;
    if (answer.status !== 200) {
      searchesFailed += 1;
      if (!isRefused) note(`a search is refused (${answer.text}); ${await nodeStates(miroir)}`);
      isRefused = true;
      continue;
    }
    isRefused = false;
    if (answer.headers.has("x-miroir-degraded")) searchesDegraded += 1;
    const ids = (answer.body.hits as { id: string }[]).map(({ id }) => id);
    if (new Set(ids).size !== ids.length) violations.push("R6: a search showed a document twice");
  }
  return { searches, searchesFailed, searchesDegraded };
}

/** What is still wrong when the time is over; nothing, as soon as nothing is. */
async function untilWhole(fleet: ChaosFleet, writers: ChaosWriters): Promise<readonly string[]> {
  const deadline = performance.now() + HEALING_MAX_MS;
  let wrong: readonly string[] = ["not looked at"];
  while (performance.now() < deadline) {
    wrong = await openEnds(fleet.miroir, writers).catch((error: unknown) => [String(error)]);
    if (wrong.length === 0) wrong = await wrongDocuments(fleet, writers);
    if (wrong.length === 0) return [];
    await Bun.sleep(250);
  }
  return wrong.slice(0, WRONG_SHOWN_MAX);
}

/** Tasks that have not ended or failed although they were acknowledged, and nodes that do not read yet. */
async function openEnds(miroir: ChaosFleet["miroir"], writers: ChaosWriters): Promise<readonly string[]> {
  const admin = { "x-admin-key": miroir.adminKey };
  const topology = await miroir.request("GET", "/_miroir/topology", undefined, admin);
  if (topology.body?.degraded_node_count !== 0) return [`nodes are not well: ${topology.text.slice(0, 600)}`];
  const open = await miroir.request("GET", "/tasks?statuses=enqueued,processing&limit=5");
  if (open.body.total > 0) return [`R9: ${open.body.total} tasks have not ended: ${open.text.slice(0, 600)}`];
  const failed = await miroir.request("GET", "/tasks?statuses=failed,canceled&limit=1000");
  const acknowledged = new Set(writers.tasks);
  return (failed.body.results as { uid: number }[])
    .filter(({ uid }) => acknowledged.has(uid))
    .map((task) => `R9: an acknowledged task failed: ${JSON.stringify(task)}`);
}

/** What the router has to say of a fleet that has not healed. */
async function explain(miroir: ChaosFleet["miroir"]): Promise<string> {
  const metrics = await fetch(miroir.metricsUrl).then((answer) => answer.text());
  const lines = metrics.split("\n").filter((line) => /^miroir_(?:hints|lane|node_(?:healthy|catching))/.test(line));
  return [...lines, await miroir.told()].join("\n");
}

interface ShardRow {
  readonly shard: number;
  readonly groups: readonly (readonly string[])[];
}

async function wrongDocuments({ miroir, nodes }: ChaosFleet, writers: ChaosWriters): Promise<readonly string[]> {
  const admin = { "x-admin-key": miroir.adminKey };
  const answer = await miroir.request("GET", `/_miroir/shards?index=${INDEX}`, undefined, admin);
  const owners = new Map((answer.body.shards as ShardRow[]).map(({ shard, groups }) => [shard, groups.flat()]));
  const stored = await Promise.all(nodes.map((node) => documentsOf(node)));
  const wrong: string[] = [];
  for (const [key, version] of writers.expected) {
    const holders = owners.get(shardOf(key, SHARDS)) ?? [];
    const texts = new Set<string | undefined>();
    for (const [at, documents] of stored.entries()) {
      const found = documents.get(key);
      const isOwner = holders.includes(`node-${at}`);
      if (!isOwner && found !== undefined) wrong.push(`R3: node-${at} has ${key}, which is not its own`);
      if (!isOwner) continue;
      texts.add(JSON.stringify(found));
      if ((found?.["version"] ?? null) === version) continue;
      const rule = version === null ? "R2: revived" : found === undefined ? "R1: lost" : "R4: another version";
      wrong.push(`${rule}: node-${at} has ${key} in version ${String(found?.["version"])}, expected ${version}`);
    }
    if (texts.size > 1) wrong.push(`R3: the replicas of ${key} differ: ${[...texts].join(" ")}`);
  }
  for (const [at, documents] of stored.entries()) {
    for (const key of documents.keys())
      if (!writers.expected.has(key)) wrong.push(`node-${at} has ${key}, never written`);
  }
  return wrong;
}

async function documentsOf(
  node: ChaosFleet["nodes"][0],
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const answer = await nodeRequest(node, "POST", `/indexes/${INDEX}/documents/fetch`, { limit: 1_000_000 });
  const list = (answer.body?.results ?? []) as Readonly<Record<string, unknown>>[];
  return new Map(list.map((document) => [String(document["id"]), document]));
}

const WRONG_SHOWN_MAX = 20;

async function nodeStates(miroir: TestMiroir): Promise<string> {
  const headers = { "x-admin-key": miroir.adminKey };
  const topology = await miroir.request("GET", "/_miroir/topology", undefined, headers).catch(() => undefined);
  const nodes = (topology?.body.nodes ?? []) as readonly { readonly id: string; readonly status: string }[];
  return nodes.map(({ id, status }) => `${id} is ${status}`).join(", ");
}
