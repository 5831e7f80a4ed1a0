/** Everything of one history, made from its seed: fleet, lines, disk, router and clients. */
import { type Config, configFrom, type ConfigInput } from "../../src/config/config.ts";
import { buildShardMap } from "../../src/core/routing/build-shard-map.ts";
import type { ShardMap } from "../../src/core/routing/shard-map.ts";
import { nodeRepaired } from "../../src/telemetry/events/anti-entropy.ts";
import { createDice, type Dice } from "./dice.ts";
import { FAULT_KINDS, type FaultKind, type FaultParts, MENDED_BY_COMPARING } from "./faults.ts";
import { createDisk, type SimulatedDisk, type StoreDefect } from "./simulated-disk.ts";
import { type Claims, INDEXES, type IndexName } from "./history.ts";
import { drawExpiry } from "./plan-writes.ts";
import { createNetwork } from "./simulated-network.ts";
import { SimulatedNode } from "./simulated-node.ts";
import { ADMIN_KEY, createRouter, EPOCH_MS, type SimulatedRouter } from "./simulated-router.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import { ODDS, type Odds, type OddsName } from "./odds.ts";
import { createWorkload, type Workload } from "./workload.ts";

export interface SeedOptions {
  readonly kinds?: readonly FaultKind[];
  readonly trace?: (line: string) => void;
  readonly plant?: Plant;
  /** False: replicas are not compared at the end, and what only a comparison can mend may differ. Default: true. */
  readonly compares?: boolean;
  /** False: nobody changes settings, or the names of indexes, while things go wrong. Default: true. */
  readonly changesSettings?: boolean;
  /** True: documents may expire. Default: false. */
  readonly expires?: boolean;
  /** Default: `usual`. */
  readonly odds?: OddsName;
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
/**
 * How long a change that every node takes waits for one that died in the middle of it, and when everything heals. In most
 * histories nodes are back before anybody gives them up.
 */
const PATIENCES = [
  { patienceS: 60, healsAfterMs: 4_000 },
  { patienceS: 1, healsAfterMs: 16_000 },
  { patienceS: 3, healsAfterMs: 4_000 },
  { patienceS: 60, healsAfterMs: 4_000 },
  { patienceS: 60, healsAfterMs: 4_000 },
] as const;
const DELETES_SALT = 0x2f6b_1d3a;
const EXPIRY_SALT = 0x51c3_09e7;

export interface SimulatedWorld {
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
  readonly indexes: readonly IndexName[];
  /** Those that are there before anything goes wrong. */
  readonly made: readonly IndexName[];
  readonly odds: Odds;
  /** How many changes of settings, or of names, a client sends while things go wrong. */
  readonly changes: number;
  readonly compares: boolean;
  readonly healsAfterMs: number;
  /** Documents may expire. */
  readonly expires: boolean;
  /** What may be gone by now because it has expired. */
  expiry(): Pick<Claims, "expiry">;
  violate(rule: string, text: string): void;
}

export function createWorld(seed: number, options: SeedOptions): SimulatedWorld {
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
  const odds = ODDS[options.odds ?? "usual"];
  const { patienceS, healsAfterMs } = PATIENCES[seed % PATIENCES.length] as (typeof PATIENCES)[number];
  const expires = options.expires ?? false;
  const config = configOf(layout, placed, patienceS, expires);
  const nodes = placed.map(({ id }) => {
    const skewMs = dice.between(-1_500, 1_500);
    return new SimulatedNode(id, {
      nowMs: () => Math.floor(EPOCH_MS + skewMs + timeline.nowMs()),
      after: (delayMs, work) => timeline.after(delayMs, work),
      taskMs: () => (dice.chance(0.05) ? dice.between(100, 1_500) : dice.between(1, 20)),
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
  const emptied = new Set<string>();
  const emitted = (name: string, fields: object): void => {
    if (name === nodeRepaired.name && "nodeId" in fields) emptied.delete(String(fields.nodeId));
    if (options.trace !== undefined && !QUIET_EVENTS.has(name)) note(`  ${name} ${JSON.stringify(fields)}`);
  };
  const router = createRouter({ timeline, dice, network, disk, config, note, emitted });
  const hasSettings = dice.chance(odds.made);
  const indexes = hasSettings && dice.chance(odds.twoIndexes) ? INDEXES : INDEXES.slice(0, 1);
  const renames = indexes.length > 1 && dice.chance(odds.renames);
  const drawn = indexes.length > 1 || dice.chance(odds.changes) ? odds.changesMin + dice.below(3) : 0;
  // Drawn by dice of its own, so that all other histories stay what they were.
  const deletes =
    options.changesSettings !== false && indexes.length === 1 && createDice(seed ^ DELETES_SALT).chance(odds.deletes);
  const changes = options.changesSettings === false ? 0 : Math.max(drawn, deletes ? 3 : 0);
  const expiryDice = createDice(seed ^ EXPIRY_SALT);
  const expiry = (): Pick<Claims, "expiry"> =>
    expires ? { expiry: { shownFromMs: (time) => router.shownFromMs(time), untilMs: timeline.nowMs() } } : {};
  const isEdited = (): boolean => nodes.some(({ wasEdited }) => wasEdited);
  const workload = createWorkload({
    timeline,
    dice,
    router,
    violate,
    note,
    deletesByFilter: hasSettings && !renames && !deletes,
    indexes,
    renames,
    deletes,
    isEdited,
    // Drawn by dice of its own, so that what is written else is the same as without.
    expires: expires ? () => drawExpiry(expiryDice, router.wallMs()) : undefined,
    expiry,
  });
  const groups = Array.from({ length: layout.groups }, (_unused, group) =>
    placed.filter((node) => node.replica_group === group).map(({ id }) => id),
  );
  const compares = options.compares ?? true;
  const kinds = options.kinds ?? (compares ? [...FAULT_KINDS, ...MENDED_BY_COMPARING] : FAULT_KINDS);
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
    changes,
    odds,
    indexes,
    made: renames ? indexes.slice(0, 1) : indexes,
    compares,
    healsAfterMs: healsAfterMs * odds.healsAfter,
    expires,
    expiry,
    layout: `${layout.groups} groups of ${layout.perGroup}, ${layout.copies} copies`,
    faults: {
      emptied,
      odds,
      edits: options.changesSettings !== false,
      hasOtherCopies: layout.groups * layout.copies > 1,
      timeline,
      dice,
      nodes,
      groups,
      network,
      disk,
      router,
      note,
      kinds,
    },
  };
}

/** Checking a configuration takes longer than a whole history; there are only a few. */
const configs = new Map<string, Config>();

function configOf(
  layout: Layout,
  nodes: NonNullable<ConfigInput>["nodes"],
  patienceS: number,
  expires: boolean,
): Config {
  const key = `${LAYOUTS.indexOf(layout)} ${patienceS} ${expires}`;
  const known = configs.get(key);
  if (known !== undefined) return known;
  const fresh = configFrom({
    shards: SHARDS,
    replication_factor: layout.copies,
    replica_groups: layout.groups,
    nodes,
    router: { id: "router" },
    admin: { api_key: ADMIN_KEY },
    health: { interval_ms: 1_000, timeout_ms: 800, unhealthy_threshold: 2, recovery_threshold: 2 },
    scatter: { node_timeout_ms: 2_000 },
    settings_broadcast: { verify_timeout_s: patienceS },
    ...(expires ? { ttl: { enabled: true, sweep_interval_s: 1 } } : {}),
  });
  configs.set(key, fresh);
  return fresh;
}

/** These come every second and say nothing about a violation. */
const QUIET_EVENTS: ReadonlySet<string> = new Set([
  "node.request_answered",
  "node.standing",
  "fleet.coverage_measured",
  "fleet.shards_distributed",
  "lane.depth_changed",
  "task.open_measured",
  "router.peers_seen",
  "job.waiting",
]);
