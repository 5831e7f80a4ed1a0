/** Generated dynamic search rules: crowded on few documents and few positions, so that they conflict. */
import type { Dice } from "./random.ts";
import type { DifferentialRequest } from "./request.ts";

export interface RuleWorld {
  /** Names of indexes that actions may select. */
  readonly indexes: readonly string[];
  /** Ids of documents, and some of none. */
  readonly ids: readonly string[];
  readonly words: readonly string[];
  /** Conditions on filters. */
  readonly values: readonly Readonly<Record<string, unknown>>[];
}

/** Rules by uid. No two have the same precedence: among such the engine goes by the batches in which they came. */
export function makeRules(dice: Dice, world: RuleWorld, prefix: string): Readonly<Record<string, object>> {
  const favourites = dice.some(world.ids, FAVOURITES);
  const action = (): object => ({
    selector: {
      ...(dice.chance(0.25) ? {} : { indexUid: dice.pick(world.indexes) }),
      id: dice.pick(dice.chance(0.5) ? favourites : world.ids),
    },
    action: { type: "pin", position: dice.pick(POSITIONS) },
  });
  const rules = Array.from({ length: 2 + dice.below(8) }, (_, at): [string, object] => [
    `${prefix}${at}`,
    {
      precedence: dice.below(1_000) * RULES_MAX + at,
      ...(dice.chance(0.2) ? { active: dice.chance(0.5) } : {}),
      ...(dice.chance(0.5) ? { conditions: makeConditions(dice, world) } : {}),
      actions: Array.from({ length: 1 + dice.below(4) }, action),
    },
  ]);
  return Object.fromEntries(rules);
}

/** What switches rules on and makes them. */
export function ruleWrites(rules: Readonly<Record<string, object>>): readonly DifferentialRequest[] {
  return [
    { method: "PATCH", path: "/experimental-features", body: { dynamicSearchRules: true } },
    { method: "DELETE", path: "/dynamic-search-rules" },
    ...Object.entries(rules).map(([uid, body]) => ({
      method: "PATCH" as const,
      path: `/dynamic-search-rules/${uid}`,
      body,
    })),
  ];
}

function makeConditions(dice: Dice, { words, values }: RuleWorld): object {
  const query = dice.pick([
    { isEmpty: true },
    { isEmpty: false },
    { words: dice.some(words, 2).join(" ") },
    { words: dice.pick(words) },
  ]);
  return {
    ...(dice.chance(0.6) ? { query } : {}),
    ...(dice.chance(0.3) && values.length > 0 ? { filter: { values: dice.pick(values) } } : {}),
    ...(dice.chance(0.3) ? { time: dice.pick(TIMES) } : {}),
  };
}

const FAVOURITES = 6;
const RULES_MAX = 10;
const POSITIONS = [0, 0, 1, 2, 3, 5, 9, 15, 40, 1_000];
const TIMES = [
  { start: "2020-01-01T00:00:00Z" },
  { end: "2021-01-01T00:00:00Z" },
  { start: "2020-01-01T00:00:00+02:00", end: "2099-01-01T00:00:00.5Z" },
];
