/**
 * Walks the hits of one answer, one at a time and only as far as the merge asks. A hit stays where it is in the
 * answer's text: what is kept of it is a list of bounds.
 */
import { COMMA, decodeKey, MALFORMED, readObject, skipSpace } from "../json/scan.ts";
import type { AnswerList } from "./answer-list.ts";

export interface Hit {
  readonly text: string;
  /** Member bounds as `readObject` gives them. */
  readonly bounds: readonly number[];
}

export interface HitCursor {
  /** The next hit, `null` at the end, `"garbage"` when the text is not a list of objects. */
  next(): Hit | null | "garbage";
}

export function createHitCursor(list: AnswerList): HitCursor {
  const { text, end: listEnd } = list;
  let at = list.start;
  return {
    next() {
      if (at >= listEnd) return null;
      const bounds: number[] = [];
      const end = readObject(text, at, bounds);
      if (end === MALFORMED || end > listEnd) return "garbage";
      const behind = skipSpace(text, end);
      if (behind === listEnd) at = listEnd;
      else if (text.charCodeAt(behind) !== COMMA) return "garbage";
      else {
        at = skipSpace(text, behind + 1);
        if (at >= listEnd) return "garbage";
      }
      return { text, bounds };
    },
  };
}

/** All of them; null: garbage. */
export function readHits(list: Pick<AnswerList, "text" | "start" | "end">): readonly Hit[] | null {
  const cursor = createHitCursor({ ...list, members: new Map() });
  const hits: Hit[] = [];
  for (let hit = cursor.next(); hit !== null; hit = cursor.next()) {
    if (hit === "garbage") return null;
    hits.push(hit);
  }
  return hits;
}

/** Where a name repeats, its last member is the one that counts. */
export function lastMember(text: string, bounds: readonly number[], name: string): number {
  for (let i = bounds.length - 4; i >= 0; i -= 4) {
    if (bounds[i + 1]! - bounds[i]! - 1 === name.length && text.startsWith(name, bounds[i]! + 1)) return i;
  }
  return -1;
}

/** The value of a member, parsed; undefined when there is none. Only for what decides order, never for what is shown. */
export function parseMember(hit: Hit, name: string): unknown {
  for (let i = hit.bounds.length - 4; i >= 0; i -= 4) {
    if (decodeKey(hit.text, hit.bounds[i]!, hit.bounds[i + 1]!) !== name) continue;
    try {
      return JSON.parse(hit.text.slice(hit.bounds[i + 2], hit.bounds[i + 3]));
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** The text of the last member of that name, or null. */
export function memberText(hit: Hit, name: string): string | null {
  const member = lastMember(hit.text, hit.bounds, name);
  return member === -1 ? null : hit.text.slice(hit.bounds[member + 2], hit.bounds[member + 3]);
}
