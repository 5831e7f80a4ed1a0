/**
 * Walks the hits of one answer, one at a time and only as far as the merge asks. A hit stays where it is in the
 * answer's text: what is kept of it is a list of bounds.
 */
import { decodeKey, MALFORMED, readObject, skipSpace } from "../json/scan.ts";
import type { NodeAnswer } from "./node-answer.ts";

export interface Hit {
  readonly text: string;
  /** Member bounds as `readObject` gives them. */
  readonly bounds: readonly number[];
  /** Index into `bounds` of the score details, or -1. */
  readonly details: number;
}

export interface HitCursor {
  /** The next hit, `null` at the end, `"garbage"` when the text is not a list of objects. */
  next(): Hit | null | "garbage";
}

export function createHitCursor(answer: NodeAnswer): HitCursor {
  const { text, hitsEnd } = answer;
  let at = answer.hitsStart;
  return {
    next() {
      if (at >= hitsEnd) return null;
      const bounds: number[] = [];
      const end = readObject(text, at, bounds);
      if (end === MALFORMED || end > hitsEnd) return "garbage";
      const behind = skipSpace(text, end);
      if (behind === hitsEnd) at = hitsEnd;
      else if (text.charCodeAt(behind) === COMMA) at = skipSpace(text, behind + 1);
      else return "garbage";
      return { text, bounds, details: lastMember(text, bounds, DETAILS_FIELD) };
    },
  };
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
      return JSON.parse(hit.text.slice(hit.bounds[i + 2]!, hit.bounds[i + 3]!));
    } catch {
      return undefined;
    }
  }
  return undefined;
}

export const DETAILS_FIELD = "_rankingScoreDetails";
const COMMA = 0x2c;
