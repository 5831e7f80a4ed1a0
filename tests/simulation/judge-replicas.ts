/** What has to be true of the nodes' documents after everything has healed. */
import { shardOf } from "../../src/core/routing/shard-of.ts";
import {
  AFTER_HEALING,
  describeState,
  describeWrites,
  type Doc,
  type IndexName,
  reachableStates,
  type State,
  type WriteRecord,
} from "./history.ts";
import { KEYS, SETTINGS, settingState } from "./plan-writes.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** R1 to R5: what the owners of every document hold. */
export function judgeReplicas(world: SimulatedWorld): void {
  const { workload, map, nodes } = world;
  for (const key of KEYS) {
    const shard = shardOf(key, map.shards);
    const owners = map.owners.flatMap((group) => group[shard] ?? []);
    const copies = nodes.filter(({ id }) => owners.includes(id)).map((node) => ({ id: node.id, ...held(node, key) }));
    judgeCopies(world, key, copies);
    const texts = new Set(copies.map(({ whole }) => describeState(whole)));
    if (texts.size > 1 && (world.compares || !mayDiffer(key, workload.writes))) {
      const told = copies.map(({ id, whole }) => `${id}: ${describeState(whole)}`).join("; ");
      world.violate("R3", `replicas of ${key} differ: ${told}\n${describeWrites(key, workload.writes)}`);
    }
    const strays = nodes.filter((node) => !owners.includes(node.id) && !isNothing(held(node, key).whole));
    for (const { id } of strays) world.violate("R3", `${id} holds ${key}, which is not its own`);
  }
}

/** A change of settings is in effect on every node or on none, and the last one that succeeded is. */
export function judgeSettings(world: SimulatedWorld): void {
  for (const name of SETTINGS) {
    const shown = world.nodes.map(({ id, indexes }) => {
      const of = (index: IndexName): Doc | null => settingState(indexes.get(index)?.settings ?? {}, name);
      const whole = { films: of("films"), shows: of("shows") };
      return { id, whole, bare: whole };
    });
    judgeCopies(world, name, shown);
    if (new Set(shown.map(({ whole }) => describeState(whole))).size === 1) continue;
    const told = shown.map(({ id, whole }) => `${id}: ${describeState(whole)}`).join("; ");
    world.violate("R3", `the nodes differ in ${name}: ${told}\n${describeWrites(name, world.workload.writes)}`);
  }
}

interface Copy {
  readonly id: string;
  /** As the node has it, and without what is the router's own. */
  readonly whole: State;
  readonly bare: State;
}

function held({ indexes }: SimulatedNode, key: string): Omit<Copy, "id"> {
  const of = (index: IndexName): Doc | null => indexes.get(index)?.documents.get(key) ?? null;
  const whole = { films: of("films"), shows: of("shows") };
  return { whole, bare: { films: withoutMarkers(whole.films), shows: withoutMarkers(whole.shows) } };
}

function judgeCopies(world: SimulatedWorld, key: string, copies: readonly Copy[]): void {
  const states = reachableStates(key, world.workload.writes, { ...AFTER_HEALING, ...world.expiry() });
  for (const { id, bare, whole } of copies.filter((copy) => !states.has(describeState(copy.bare)))) {
    const allowed = [...states.keys()].join(" or ");
    const told = `${id} holds ${key} as ${describeState(whole)}, allowed: ${allowed}`;
    world.violate(rulesOf(bare, [...states.values()]), `${told}\n${describeWrites(key, world.workload.writes)}`);
  }
}

function rulesOf(stored: State, states: readonly State[]): string {
  if (isNothing(stored)) return "R1";
  return states.every(isNothing) ? "R2" : "R4/R5";
}

function isNothing({ films, shows }: State): boolean {
  return films === null && shows === null;
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
