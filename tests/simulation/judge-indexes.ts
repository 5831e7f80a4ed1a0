/** What has to be true of the indexes themselves once everything has come to rest: each is on every node or on none. */
import type { IndexEntry } from "../../src/core/catalog/index-entry.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** Nodes that have an index that nobody knows of, and nodes that lack one that there is. */
export function misplacedIndexes(
  { nodes }: Pick<SimulatedWorld, "nodes">,
  catalog: readonly IndexEntry[],
): readonly string[] {
  const strays = nodes.flatMap(({ id, indexes }) => {
    const unknown = [...indexes.keys()].filter((uid) => catalog.every((entry) => entry.uid !== uid));
    return unknown.map((uid) => `${id} has index ${uid}, which nobody knows of`);
  });
  const gaps = catalog.flatMap(({ uid, state }) => {
    const lacking = nodes.filter(({ indexes }) => !indexes.has(uid)).map(({ id }) => id);
    // One that no node has been told of is made by the next write.
    if (state === "creating" && lacking.length === nodes.length) return [];
    return lacking.map((id) => `${id} lacks index ${uid}, which is ${state}`);
  });
  return [...strays, ...gaps];
}
