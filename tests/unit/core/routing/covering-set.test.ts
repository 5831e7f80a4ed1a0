/** A read asks each shard once, evenly, steadily, and never a node it may not ask. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { buildShardMap } from "../../../../src/core/routing/build-shard-map.ts";
import { coveringSet } from "../../../../src/core/routing/covering-set.ts";
import type { CoveringSet, ShardMap } from "../../../../src/core/routing/shard-map.ts";
import { topologyOf } from "./topologies.ts";

const everyone = () => true;

const scenes = fc.record({
  nodes: fc.integer({ min: 1, max: 8 }),
  shards: fc.integer({ min: 1, max: 130 }),
  factor: fc.integer({ min: 1, max: 4 }),
  down: fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { maxLength: 4 }),
  fingerprint: fc.integer(),
  salt: fc.string({ maxLength: 5 }),
});

function sceneOf(scene: { nodes: number; shards: number; factor: number; down: readonly number[]; salt: string }) {
  const ids = Array.from({ length: scene.nodes }, (_, i) => `${scene.salt}n${i}`);
  const map = buildShardMap(topologyOf([ids], scene.factor), scene.shards);
  const down = new Set(scene.down.map((i) => `${scene.salt}n${i}`));
  return { map, permitted: (id: string) => !down.has(id) };
}

function loads(set: CoveringSet): number[] {
  return set.parts.map((part) => part.shards.length);
}

/** The smallest largest load that is possible, found by trying every limit with a plain bipartite matching. */
function bestPeak(map: ShardMap, permitted: (id: string) => boolean): number {
  const wanted = map.owners[0]!.map((owners) => owners.filter(permitted)).filter((owners) => owners.length > 0);
  for (let limit = 0; ; limit += 1) {
    const held = new Map<string, number[]>();
    const place = (shard: number, seen: Set<string>): boolean => {
      for (const id of wanted[shard]!) {
        if (seen.has(id)) continue;
        seen.add(id);
        const mine = held.get(id) ?? [];
        held.set(id, mine);
        if (mine.length < limit) return mine.push(shard) > 0;
        for (const [i, other] of mine.entries()) {
          if (place(other, seen)) {
            mine[i] = shard;
            return true;
          }
        }
      }
      return false;
    };
    if (wanted.every((_, shard) => place(shard, new Set()))) return limit;
  }
}

describe("a covering set", () => {
  test("asks each shard of one permitted owner, and names the others as uncovered", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { map, permitted } = sceneOf(scene);
        const set = coveringSet({ map, group: 0, fingerprint: scene.fingerprint, permitted });
        const asked = set.parts.flatMap((part) => part.shards);
        expect([...asked, ...set.uncovered].sort((a, b) => a - b)).toEqual([...map.owners[0]!.keys()]);
        for (const part of set.parts) {
          expect(permitted(part.nodeId)).toBe(true);
          for (const shard of part.shards) expect(map.owners[0]![shard]).toContain(part.nodeId);
          expect(part.complete).toBe(part.shards.length === map.shardsOf.get(part.nodeId)!.length);
        }
        for (const shard of set.uncovered) expect(map.owners[0]![shard]!.some(permitted)).toBe(false);
      }),
    );
  });

  test("spreads the shards as evenly as the placement allows", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { map, permitted } = sceneOf(scene);
        const set = coveringSet({ map, group: 0, fingerprint: scene.fingerprint, permitted });
        expect(Math.max(0, ...loads(set))).toBe(bestPeak(map, permitted));
      }),
      { numRuns: 60 },
    );
  });

  test("is the same for the same fingerprint, whoever is asked about it", () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const { map, permitted } = sceneOf(scene);
        const again = sceneOf(scene);
        const request = { map, group: 0, fingerprint: scene.fingerprint, permitted };
        expect(coveringSet({ ...request, map: again.map })).toEqual(coveringSet(request));
      }),
    );
  });

  test("narrowed to some shards asks for those and nothing else", () => {
    fc.assert(
      fc.property(scenes, fc.uniqueArray(fc.nat(129)), (scene, some) => {
        const { map, permitted } = sceneOf(scene);
        const shards = some.filter((shard) => shard < map.shards).sort((a, b) => a - b);
        const set = coveringSet({ map, group: 0, fingerprint: scene.fingerprint, permitted, shards });
        const asked = set.parts.flatMap((part) => part.shards);
        expect([...asked, ...set.uncovered].sort((a, b) => a - b)).toEqual(shards);
        for (const part of set.parts) expect(part.shards).toEqual(part.shards.toSorted((a, b) => a - b));
      }),
    );
  });
});

test("at RF 1 with all nodes up every part is complete, so no node needs a shard filter", () => {
  const map = buildShardMap(topologyOf([["node1", "node2", "node3"]]), 64);
  const set = coveringSet({ map, group: 0, fingerprint: 1, permitted: everyone });
  expect(set.parts.map((part) => [part.nodeId, part.shards.length, part.complete])).toEqual([
    ["node1", 27, true],
    ["node2", 22, true],
    ["node3", 15, true],
  ]);
});

test("different fingerprints ask different replicas", () => {
  const map = buildShardMap(topologyOf([["node1", "node2", "node3"]], 2), 64);
  const choices = [0, 1].map((fingerprint) => coveringSet({ map, group: 0, fingerprint, permitted: everyone }));
  expect(choices[0]).not.toEqual(choices[1]!);
});

test("a node is judged once per covering set, so its answer cannot change half-way", () => {
  const map = buildShardMap(topologyOf([["node1", "node2", "node3"]], 2), 64);
  const judged: string[] = [];
  coveringSet({ map, group: 0, fingerprint: 3, permitted: (id, print) => print !== undefined || judged.push(id) > 0 });
  expect(judged.sort()).toEqual(["node1", "node2", "node3"]);
});

test("another group's nodes are never asked", () => {
  const map = buildShardMap(
    topologyOf(
      [
        ["a", "b"],
        ["x", "y"],
      ],
      2,
    ),
    16,
  );
  const set = coveringSet({ map, group: 1, fingerprint: 3, permitted: everyone });
  expect(set.parts.map((part) => part.nodeId)).toEqual(["x", "y"]);
  expect(loads(set)).toEqual([8, 8]);
});

test("a set is the same again after more sets than are remembered", () => {
  const ids = Array.from({ length: 9 }, (_, i) => `n${i}`);
  const map = buildShardMap(topologyOf([ids], 3), 32);
  const all = Array.from({ length: 512 }, (_, without) => {
    const permitted = (id: string) => ((without >> Number(id.slice(1))) & 1) === 0;
    return { group: 0, fingerprint: without, permitted };
  });
  const first = all.map((request) => coveringSet({ ...request, map }));
  expect(all.map((request) => coveringSet({ ...request, map }))).toEqual(first);
  expect(all.map((request) => coveringSet({ ...request, map: { ...map } }))).toEqual(first);
});

test("asks nodes that are not wanted for a read only for what nobody else has", () => {
  fc.assert(
    fc.property(scenes, fc.boolean(), (scene, narrowed) => {
      const { map, permitted: wanted } = sceneOf(scene);
      const shards = narrowed ? map.owners[0]!.map((_, shard) => shard).filter((shard) => shard % 3 === 0) : undefined;
      const set = coveringSet({
        map,
        group: 0,
        fingerprint: scene.fingerprint,
        permitted: (nodeId, print) => print === undefined || wanted(nodeId),
        ...(shards === undefined ? {} : { shards }),
      });
      expect(set.uncovered).toEqual([]);
      for (const part of set.parts) {
        if (wanted(part.nodeId)) continue;
        for (const shard of part.shards) expect(map.owners[0]![shard]!.some(wanted)).toBe(false);
      }
    }),
  );
});
