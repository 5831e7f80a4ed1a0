/**
 * Reads the actions of a rule from its JSON text and writes other positions into it. Everything else stays as it was
 * written: a rule that is parsed and printed again would have lost digits of its numbers.
 */
import { decodeKey, MALFORMED, readArray, readObject, skipSpace } from "../json/scan.ts";
import type { RuleAction } from "./search-rule.ts";

export interface ReadAction extends Omit<RuleAction, "mark"> {
  /** Where the digits of the position stand in the text. */
  readonly start: number;
  readonly end: number;
}

/** null: not what the engine takes for a list of actions, so that a node has to say what is wrong with it. */
export function readActions(text: string): readonly ReadAction[] | null {
  const elements: number[] = [];
  if (readArray(text, skipSpace(text, 0), elements) === MALFORMED) return null;
  const actions: ReadAction[] = [];
  for (let i = 0; i < elements.length; i += 2) {
    const action = readAction(text, elements[i]!);
    if (action === null) return null;
    actions.push(action);
  }
  return actions;
}

/** The text with these positions, in the order of the actions. */
export function withPositions(text: string, actions: readonly ReadAction[], positions: readonly number[]): string {
  let out = "";
  let copied = 0;
  for (const [i, { start, end }] of actions.entries()) {
    out += text.slice(copied, start) + String(positions[i]!);
    copied = end;
  }
  return out + text.slice(copied);
}

function readAction(text: string, at: number): ReadAction | null {
  const whole = members(text, at);
  const selector = membersOf(text, whole, "selector");
  const action = membersOf(text, whole, "action");
  if (selector === null || action === null) return null;
  const id = stringOf(text, selector.get("id"));
  const index = selector.get("indexUid");
  const indexUid = index === undefined || text.slice(index[0], index[1]) === "null" ? null : stringOf(text, index);
  const position = action.get("position");
  if (id === undefined || indexUid === undefined || position === undefined) return null;
  const [start, end] = position;
  const digits = text.slice(start, end);
  return /^\d+$/.test(digits) && Number(digits) <= POSITION_MAX
    ? { indexUid, id, position: Number(digits), start, end }
    : null;
}

type Members = ReadonlyMap<string, readonly [start: number, end: number]>;

function membersOf(text: string, whole: Members | null, name: string): Members | null {
  const bounds = whole?.get(name);
  return bounds === undefined ? null : members(text, bounds[0]);
}

/** Of two members of one name the last counts, as in the engine. */
export function members(text: string, at: number): Members | null {
  const bounds: number[] = [];
  if (readObject(text, at, bounds) === MALFORMED) return null;
  const found = new Map<string, readonly [number, number]>();
  for (let i = 0; i < bounds.length; i += 4) {
    const name = decodeKey(text, bounds[i]!, bounds[i + 1]!);
    if (name !== undefined) found.set(name, [bounds[i + 2]!, bounds[i + 3]!]);
  }
  return found;
}

function stringOf(text: string, bounds: readonly [number, number] | undefined): string | undefined {
  if (bounds === undefined || text[bounds[0]] !== '"') return undefined;
  return decodeKey(text, bounds[0], bounds[1] - 1);
}

/** Positions are unsigned numbers of 32 bits. */
const POSITION_MAX = 4_294_967_295;
