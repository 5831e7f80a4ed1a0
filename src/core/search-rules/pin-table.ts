/** The actions that can pin documents of one index, found by what a node says of a pin: the document and the mark. */
import type { RuleState, SearchRule } from "./search-rule.ts";

export interface Pin {
  /** Where the client wants it. */
  readonly position: number;
  /** Its turn: of conflicting pins the lower one wins. */
  readonly rank: number;
}

export interface PinTable {
  /** undefined: no rule says so, or none any more. */
  find(id: string, mark: number): Pin | undefined;
  /** All pins of a node stand among its first hits, and these are never more. */
  readonly most: number;
}

/** undefined: nothing can be pinned there. */
export function pinTable(rules: Iterable<SearchRule>, indexUid: string): PinTable | undefined {
  const states: RuleState[] = [];
  for (const { versions } of rules) {
    for (const { rule } of versions) if (rule !== null && rule.fields.active !== "false") states.push(rule);
  }
  states.sort((a, b) => precedenceOf(a) - precedenceOf(b) || a.place - b.place);
  const pins = new Map<string, Pin>();
  let rank = 0;
  let highest = 0;
  for (const { actions } of states) {
    for (const { id, mark, position, indexUid: selected } of actions) {
      rank += 1;
      if (selected !== null && selected !== indexUid) continue;
      // Later states of a rule that leave its actions alone share their marks.
      pins.set(keyOf(id, mark), { position, rank });
      highest = Math.max(highest, mark);
    }
  }
  if (pins.size === 0) return undefined;
  return { find: (id, mark) => pins.get(keyOf(id, mark)), most: Math.min(pins.size, PINS_MAX) + highest };
}

/** A rule without a precedence comes behind all that have one. */
function precedenceOf({ fields }: RuleState): number {
  return fields.precedence === undefined ? Number.MAX_VALUE : Number(fields.precedence);
}

function keyOf(id: string, mark: number): string {
  return `${mark} ${id}`;
}

/** A node looks at no more rules than this, and by default at a tenth of as many pins. */
const PINS_MAX = 1_000;
