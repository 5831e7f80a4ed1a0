/**
 * Splits a node's answer into its list and the members around it, without reading the list. The engine writes the list
 * first and one known member right behind it; as a raw quote cannot stand inside a JSON string, the last `],"…":` with
 * that member's name is where the list ends, unless something behind it has a list in front of a member of the same
 * name, which no answer of the engine has. Where an answer is laid out in another way it is read member by member.
 */
import { CLOSE_BRACKET, COMMA, decodeKey, endOfValue, MALFORMED, QUOTE, readObject, skipSpace } from "../json/scan.ts";

export interface AnswerList {
  readonly text: string;
  /** First unit of the first element, or the closing bracket of an empty list. */
  readonly start: number;
  /** The closing bracket. */
  readonly end: number;
  /** The other members as JSON text, by name. */
  readonly members: ReadonlyMap<string, string>;
}

/** null: not an object with such a list. */
export function splitAnswer(text: string, list: string, behind: string): AnswerList | null {
  const found = quickBounds(text, `{"${list}":[`, `],"${behind}":`) ?? slowBounds(text, list);
  if (found === null) return null;
  const members = new Map<string, string>();
  const { start, end, others } = found;
  for (let i = 0; i < others.length; i += 4) {
    const key = decodeKey(text, others[i]!, others[i + 1]!);
    if (key === undefined) return null;
    members.set(key, text.slice(others[i + 2], others[i + 3]));
  }
  return { text, start, end, members };
}

interface ListBounds {
  readonly start: number;
  readonly end: number;
  /** Member bounds of everything else, as `readObject` gives them. */
  readonly others: readonly number[];
}

function quickBounds(text: string, head: string, seam: string): ListBounds | null {
  if (!text.startsWith(head)) return null;
  const end = text.lastIndexOf(seam);
  if (end < head.length - 1) return null;
  const others: number[] = [];
  return readTail(text, end + 2, others) ? { start: head.length, end, others } : null;
}

/** The members behind the list; `at` is the opening quote of the first key. */
function readTail(text: string, at: number, bounds: number[]): boolean {
  let i = at;
  for (;;) {
    const keyEnd = text.indexOf('"', i + 1);
    if (keyEnd === -1 || text.charCodeAt(keyEnd + 1) !== COLON) return false;
    const end = endOfValue(text, keyEnd + 2);
    if (end === MALFORMED) return false;
    bounds.push(i, keyEnd, keyEnd + 2, end);
    const unit = text.charCodeAt(end);
    if (unit === CLOSE_BRACE) return skipSpace(text, end + 1) === text.length;
    if (unit !== COMMA || text.charCodeAt(end + 1) !== QUOTE) return false;
    i = end + 1;
  }
}

function slowBounds(text: string, list: string): ListBounds | null {
  const others: number[] = [];
  const end = readObject(text, skipSpace(text, 0), others);
  if (end === MALFORMED || skipSpace(text, end) !== text.length) return null;
  for (let i = 0; i < others.length; i += 4) {
    if (decodeKey(text, others[i]!, others[i + 1]!) !== list) continue;
    const value = others[i + 2]!;
    const close = others[i + 3]! - 1;
    if (text.charCodeAt(value) !== OPEN_BRACKET || text.charCodeAt(close) !== CLOSE_BRACKET) return null;
    others.splice(i, 4);
    return { start: skipSpace(text, value + 1), end: close, others };
  }
  return null;
}

/** A member that is a whole number; null when it is absent or something else. */
export function countMember(members: ReadonlyMap<string, string>, name: string): number | null {
  const text = members.get(name);
  return text === undefined || !/^\d+$/.test(text) ? null : Number(text);
}

const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
