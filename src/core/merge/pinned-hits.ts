/**
 * The hits of the nodes' answers that a search rule has pinned. On a node they stand in front of the others, where their
 * marks put them; what they show as their position is what the client's rule says.
 */
import { decodeKey, readObject } from "../json/scan.ts";
import type { PinTable } from "../search-rules/pin-table.ts";
import { createHitCursor, memberText, parseMember, type Hit } from "./hit-cursor.ts";
import type { NodeAnswer } from "./node-answer.ts";
import type { Placed } from "./place-pins.ts";
import { createMemberWriter, DETAILS_FIELD } from "./render-hit.ts";

/** Of an index on which rules may pin. */
export interface PinSpec {
  readonly table: PinTable;
  readonly primaryKey: string;
}

export interface PinnedHit extends Placed<Hit> {
  /** Which answer it stood in. */
  readonly answer: number;
}

export function isPinned(hit: Hit): boolean {
  return memberText(hit, DETAILS_FIELD)?.startsWith(PIN_DETAILS) === true;
}

/** Where a pinned hit says it belongs. */
export function pinPosition(hit: Hit): number | null {
  const position = /"position":(\d+)/.exec(memberText(hit, DETAILS_FIELD) ?? "")?.[1];
  return position === undefined || !isPinned(hit) ? null : Number(position);
}

/** In the order of precedence; a pin of no rule that is known comes last. A node tells of a document once. */
export function pinnedHits(answers: readonly NodeAnswer[], { table, primaryKey }: PinSpec): readonly PinnedHit[] {
  const found: (PinnedHit & { readonly rank: number })[] = [];
  for (const [answer, { hits }] of answers.entries()) {
    const cursor = createHitCursor(hits);
    for (let read = 0; read < table.most; read += 1) {
      const hit = cursor.next();
      // What is garbage is found by the merge.
      if (hit === null || hit === "garbage") break;
      const mark = pinPosition(hit);
      if (mark === null) continue;
      const pin = table.find(documentId(hit, primaryKey), mark);
      const position = pin?.position ?? mark;
      found.push({ hit: withPosition(hit, position), position, answer, rank: pin?.rank ?? Number.POSITIVE_INFINITY });
    }
  }
  return found.sort((a, b) => (a.rank < b.rank ? -1 : Number(a.rank > b.rank))).slice(0, PINS_SHOWN_MAX);
}

/** As rules name documents: the digits of a number are its name. */
function documentId(hit: Hit, primaryKey: string): string {
  const text = memberText(hit, primaryKey);
  if (text !== null) return text.startsWith('"') ? (decodeKey(text, 0, text.length - 1) ?? "") : text;
  const [top, ...rest] = primaryKey.split(".");
  return String(follow(parseMember(hit, top!), rest));
}

function follow(value: unknown, path: readonly string[]): unknown {
  if (path.length === 0 || typeof value !== "object" || value === null) return value;
  for (let end = 1; end <= path.length; end += 1) {
    const key = path.slice(0, end).join(".");
    if (Object.hasOwn(value, key)) return follow((value as Record<string, unknown>)[key], path.slice(end));
  }
  return undefined;
}

function withPosition({ text, bounds }: Hit, position: number): Hit {
  const writer = createMemberWriter(text);
  for (let i = 0; i < bounds.length; i += 4) {
    if (decodeKey(text, bounds[i]!, bounds[i + 1]!) !== DETAILS_FIELD) writer.keep(bounds, i);
    else writer.replace(bounds, i, `${PIN_DETAILS}"order":0,"position":${position}}}`);
  }
  const written = writer.end();
  const own: number[] = [];
  readObject(written, 0, own);
  return { text: written, bounds: own };
}

/** The engine writes nothing else into the details of such a hit. */
const PIN_DETAILS = '{"pin":{';
/** The engine places no more, unless its operator says otherwise. */
const PINS_SHOWN_MAX = 100;
