/**
 * Where the value of a dotted primary key stands in a document. `a.b.c` may be one flat name, `a` holding `b.c`, and so
 * on; the engine takes whichever is there and refuses a document in which two of them are.
 */
import { members } from "./members.ts";

export type NestedKey =
  | { readonly kind: "found"; readonly start: number; readonly end: number; readonly repeatsKey: boolean }
  | { readonly kind: "missing" }
  | { readonly kind: "ambiguous" };

/** `lastWins`: of a repeated top-level name only the last counts, as when the engine reads a JSON array. */
export function nestedKey(bytes: Uint8Array, documentStart: number, path: string, lastWins: boolean): NestedKey {
  const found: Span[] = [];
  let repeatsKey = false;
  if (lastWins) {
    const last = new Map<string, Span>();
    for (const member of members(bytes, documentStart)) {
      if (!couldLead(path, member.name)) continue;
      repeatsKey ||= last.has(member.name);
      last.set(member.name, { start: member.valueStart, end: member.valueEnd });
    }
    for (const [name, value] of last) follow(bytes, name, value, path, found);
  } else collect(bytes, documentStart, path, found);
  const [only, second] = found;
  if (second !== undefined) return { kind: "ambiguous" };
  return only === undefined ? { kind: "missing" } : { kind: "found", ...only, repeatsKey };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function collect(bytes: Uint8Array, objectStart: number, path: string, found: Span[]): void {
  for (const member of members(bytes, objectStart)) {
    follow(bytes, member.name, { start: member.valueStart, end: member.valueEnd }, path, found);
  }
}

function follow(bytes: Uint8Array, name: string, value: Span, path: string, found: Span[]): void {
  if (name === path) found.push(value);
  else if (couldLead(path, name)) collect(bytes, value.start, path.slice(name.length + 1), found);
}

function couldLead(path: string, name: string): boolean {
  return name !== "" && (path === name || path.startsWith(`${name}.`));
}
