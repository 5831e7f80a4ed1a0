/** Reads prefer nodes with the same settings, and take only proven ones when a version is asked for. */
import { expect, test } from "bun:test";
import type { IndexEntry } from "../../../src/core/catalog/index-entry.ts";
import { buildShardMap } from "../../../src/core/routing/build-shard-map.ts";
import { buildTopology } from "../../../src/core/topology/build-topology.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import { createGroupRotation, type GroupRotation } from "../../../src/services/search/choose-group.ts";
import { chooseReaders } from "../../../src/services/search/choose-readers.ts";
import { createSettingsState } from "../../../src/services/settings/settings-state.ts";

const entry = { uid: "films", settingsVersion: 5 } as IndexEntry;

/** Nodes a0 a1 … in group 0, b0 b1 … in group 1. */
function mapOf(groups: number, replicationFactor: number) {
  const nodes = ["a", "b"]
    .slice(0, groups)
    .flatMap((name, replicaGroup) =>
      [0, 1].map((n) => ({ id: `${name}${n}`, address: `http://${name}${n}`, replicaGroup, state: "active" as const })),
    );
  return buildShardMap(buildTopology({ epoch: 1, replicationFactor, replicaGroups: groups, nodes }), 8);
}

interface Scene {
  readonly groups?: number;
  readonly replicationFactor?: number;
  readonly versions: Readonly<Record<string, number>>;
  /** Of one change that is under way: what has become of it on each node. */
  readonly parts?: Readonly<Record<string, string>>;
  readonly min?: number;
  readonly away?: readonly string[];
  /** Of the reads; 1 for nodes that are not named. */
  readonly shares?: Readonly<Record<string, number>>;
  readonly rotation?: GroupRotation;
}

function sceneOf(options: Scene) {
  const { groups = 1, replicationFactor = 1, versions, parts, min, away = [], shares = {} } = options;
  const map = mapOf(groups, replicationFactor);
  const nodeIds = [...map.shardsOf.keys()];
  const open = {
    indexUid: "films",
    flow: { kind: "settings", step: "apply", data: {} },
    nodeTasks: Object.entries(parts ?? {}).map(([nodeId, status]) => ({ nodeId, status, role: "main", taskUid: 1 })),
  } as unknown as Task;
  const settingsState = createSettingsState({
    catalog: { get: () => entry },
    versions: { get: (_uid, nodeId) => versions[nodeId] },
    changes: { changing: () => parts !== undefined, count: () => (parts === undefined ? 0 : 1) },
    fleet: { nodeIds: () => nodeIds },
    tasks: { openTasks: () => (parts === undefined ? [] : [open]) },
  });
  const deps = {
    fleet: {
      readable: (nodeId: string) => !away.includes(nodeId),
      share: (nodeId: string) => shares[nodeId] ?? 1,
      worthTrying: (nodeId: string) => Promise.resolve(!away.includes(nodeId)),
    },
    rotation: options.rotation ?? createGroupRotation(),
    settingsState,
    ...(min === undefined ? {} : { minSettingsVersion: min }),
  };
  return { nodeIds, readers: chooseReaders(deps, entry, map) };
}

function chooseReadersOf(options: Scene) {
  return sceneOf(options).readers;
}

function choose(options: Scene) {
  const { nodeIds, readers } = sceneOf(options);
  return {
    group: readers.group,
    first: nodeIds.filter((nodeId) => readers.permitted(nodeId)),
    retry: nodeIds.filter((nodeId) => readers.deps.fleet.readable(nodeId)),
  };
}

const ALL5 = { a0: 5, a1: 5, b0: 5, b1: 5 };

test("with the same settings everywhere every readable node may answer", () => {
  expect(choose({ versions: { a0: 5, a1: 5 } }).first).toEqual(["a0", "a1"]);
  expect(choose({ versions: { a0: 5, a1: 5 }, away: ["a1"] }).first).toEqual(["a0"]);
});

test("a copy that is behind is not asked while others cover its shards, but may still help out", () => {
  const readers = choose({ replicationFactor: 2, versions: { a0: 5, a1: -1 } });
  expect(readers).toEqual({ group: 0, first: ["a0"], retry: ["a0", "a1"] });
});

test("without another copy old and new settings are answered together rather than not at all", () => {
  expect(choose({ versions: { a0: 5, a1: 4 } }).first).toEqual(["a0", "a1"]);
});

test("the group whose nodes agree is chosen, whatever turn it is", () => {
  for (let turn = 0; turn < 4; turn += 1) {
    expect(choose({ groups: 2, versions: { ...ALL5, a1: 4 } }).group).toBe(1);
    expect(choose({ groups: 2, versions: { ...ALL5, b0: 4 } }).group).toBe(0);
  }
});

test("while a change is under way the group that is through with it answers, and no node that works on it", () => {
  const parts = { a0: "succeeded", a1: "succeeded", b0: "processing", b1: "succeeded" };
  expect(choose({ groups: 2, versions: ALL5, parts })).toMatchObject({ group: 0, first: ["a0", "a1", "b1"] });
  const early = { a0: "succeeded", a1: "processing", b0: "enqueued", b1: "enqueued" };
  const readers = choose({ groups: 2, versions: ALL5, parts: early });
  expect(readers).toMatchObject({ group: 1, first: ["a1", "b0", "b1"] });
});

test("a version that is asked for narrows the retries as well", () => {
  const readers = choose({ replicationFactor: 2, versions: { a0: 5, a1: 4 }, min: 5 });
  expect(readers).toEqual({ group: 0, first: ["a0"], retry: ["a0"] });
  expect(choose({ replicationFactor: 2, versions: { a0: 5, a1: 4 }, min: 4 }).retry).toEqual(["a0", "a1"]);
});

test("a version that no node has for some shard is refused as stale, shards that nobody has are not", () => {
  const stale = { status: 503, code: "miroir_settings_version_stale" };
  const refusal = (options: Parameters<typeof choose>[0]): unknown => {
    try {
      return choose(options).first;
    } catch (error) {
      return error;
    }
  };
  expect(refusal({ versions: { a0: 5, a1: 5 }, min: 6 })).toMatchObject(stale);
  expect(refusal({ versions: { a0: 5, a1: 4 }, min: 5 })).toMatchObject(stale);
  expect(refusal({ versions: { a0: 5 }, min: 0 })).toMatchObject(stale);
  expect(refusal({ versions: { a0: 5, a1: 4 }, min: 5, away: ["a1"] })).toEqual(["a0"]);
});

test("a node that is back is wanted for its share of the reads only, and may be asked for all", () => {
  const versions = { a0: 5, a1: 5 };
  const { permitted } = chooseReadersOf({ replicationFactor: 2, versions, shares: { a1: 0.25 } });
  const prints = Array.from({ length: 10_000 }, (_unused, print) => print);
  expect(prints.filter((print) => permitted("a0", print))).toHaveLength(prints.length);
  expect(prints.filter((print) => permitted("a1", print)).length / prints.length).toBeCloseTo(0.25, 2);
  expect(permitted("a1")).toBe(true);
});

test("a group whose node is back gets its share of the turns, while the other takes the rest", () => {
  const rotation = createGroupRotation();
  const turns = (shares: Readonly<Record<string, number>>): number => {
    const options = { groups: 2, versions: ALL5, shares, rotation };
    return Array.from({ length: 1_000 }, () => choose(options).group).filter((group) => group === 1).length;
  };
  expect(turns({})).toBe(500);
  expect(turns({ b0: 0.2 })).toBeGreaterThan(70);
  expect(turns({ b0: 0.2 })).toBeLessThan(130);
  expect(turns({ b0: 0 })).toBe(0);
  // Nobody is left to take the rest.
  expect(turns({ a0: 0, b0: 0 })).toBe(500);
});
