/** Searches planned over a small map, as the tests of planning need them. */
import type { IndexEntry } from "../../../../src/core/catalog/index-entry.ts";
import type { ShardMap } from "../../../../src/core/routing/shard-map.ts";
import type { PinTable } from "../../../../src/core/search-rules/pin-table.ts";
import { planSearch, type PlannedSearch, type PlanSearchInput } from "../../../../src/core/search/plan-search.ts";
import { nodeBody, type SearchPlan } from "../../../../src/core/search/search-plan.ts";
import { readSearchRequest } from "../../../../src/core/search/search-request.ts";

/** Four shards: `a` holds 0 and 1, `b` holds 1, 2 and 3. */
const map: ShardMap = {
  epoch: 1,
  shards: 4,
  owners: [[["a"], ["a", "b"], ["b"], ["b"]]],
  shardsOf: new Map([
    ["a", [0, 1]],
    ["b", [1, 2, 3]],
  ]),
};

interface More {
  readonly forced?: readonly unknown[];
  readonly pins?: PinTable;
  readonly primaryKey?: string;
}

export function planned(body: object, settings: object = {}, more: More = {}): PlannedSearch {
  return planSearch(planningOf(body, settings, more));
}

export function planningOf(body: object, settings: object = {}, more: More = {}): PlanSearchInput {
  const read = readSearchRequest(body);
  if (read.kind !== "request") throw new TypeError(`${read.parameter} is readable`);
  const entry: IndexEntry = {
    uid: "films",
    primaryKey: more.primaryKey ?? "id",
    shards: 4,
    state: "ready",
    settingsVersion: 1,
    createdAt: 0,
    updatedAt: 0,
    settings: settings as Record<string, unknown>,
  };
  const { request } = read;
  return {
    request,
    entry,
    forced: more.forced ?? [],
    map,
    group: 0,
    permitted: () => true,
    pinnedKeysMax: 8,
    ...(more.pins === undefined ? {} : { pins: more.pins }),
  };
}

export function plan(body: object, settings: object = {}, more: More = {}): SearchPlan {
  const result = planned(body, settings, more);
  if (result.kind !== "plan") throw new TypeError(result.message);
  return result.plan;
}

export function bodies(made: SearchPlan): readonly Record<string, unknown>[] {
  return made.cover.parts.map((part) => JSON.parse(nodeBody(made.query, part)) as Record<string, unknown>);
}
