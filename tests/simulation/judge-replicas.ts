/** What has to be true of the nodes' documents after everything has healed. */
import { shardOf } from "../../src/core/routing/shard-of.ts";
import { AFTER_HEALING, describeWrites, type Doc, reachableStates, stateText, type WriteRecord } from "./history.ts";
import type { SimulatedWorld } from "./simulated-world.ts";
import { INDEX, KEYS, SETTINGS, settingState } from "./plan-writes.ts";

/** R1 to R5: what the owners of every document hold. */
export function judgeReplicas(world: SimulatedWorld): void {
  const { workload, map, nodes } = world;
  const violate = (rule: string, text: string): void => world.violate(rule, text);
  for (const key of KEYS) {
    const shard = shardOf(key, map.shards);
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
    if (texts.size > 1 && (world.compares || !mayDiffer(key, workload.writes))) {
      const told = copies.map(({ id, stored }) => `${id}: ${stateText(stored)}`).join("; ");
      violate("R3", `replicas of ${key} differ: ${told}\n${describeWrites(key, workload.writes)}`);
    }
    const strays = nodes.filter(({ id, indexes }) => !owners.includes(id) && indexes.get(INDEX)?.documents.has(key));
    for (const { id } of strays) violate("R3", `${id} holds ${key}, which is not its own`);
  }
}

/** A change of settings is in effect on every node or on none, and the last one that succeeded is. */
export function judgeSettings({ workload, nodes, violate }: SimulatedWorld): void {
  for (const name of SETTINGS) {
    const states = reachableStates(name, workload.writes, AFTER_HEALING);
    const shown = nodes.map(({ id, indexes }) => {
      return { id, text: stateText(settingState(indexes.get(INDEX)?.settings ?? {}, name)) };
    });
    for (const { id, text } of shown.filter((one) => !states.has(one.text))) {
      const allowed = [...states].join(" or ");
      violate("R1", `${id} has ${name} as ${text}, allowed: ${allowed}\n${describeWrites(name, workload.writes)}`);
    }
    if (new Set(shown.map(({ text }) => text)).size === 1) continue;
    const told = shown.map(({ id, text }) => `${id}: ${text}`).join("; ");
    violate("R3", `the nodes differ in ${name}: ${told}\n${describeWrites(name, workload.writes)}`);
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
