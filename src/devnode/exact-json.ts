/**
 * JSON whose numbers are not rounded: `1.0` and integers above 2^53 must leave the node as they came. Documents are
 * stored as the text of their top-level values and only parsed where a value is needed.
 */

/** A piece of JSON text that is printed unchanged. */
export class RawText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Parses like `JSON.parse`, with every number as `RawText`. */
export function parseExact(text: string): unknown {
  return (JSON.parse as ParseWithSource)(text, (_key, value, context) =>
    typeof value === "number" ? new RawText(context.source) : value,
  );
}

/** The reviver's third argument is newer than the type declarations. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
) => unknown;

/** Prints like `JSON.stringify`, with `RawText` as it is and a `Map` as an object in its order. Undefined members are left out. */
export function toJson(value: unknown): string {
  if (value instanceof RawText) return value.text;
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members: string[] = [];
    for (const [key, member] of value instanceof Map ? (value as Map<string, unknown>) : Object.entries(value)) {
      if (member !== undefined) members.push(`${JSON.stringify(key)}:${toJson(member)}`);
    }
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** A number as the engine prints it: integers of 64 bits as written, others as floating point numbers with a fraction. */
export function canonicalNumber(text: string): string {
  if (/^-?\d{1,18}$/.test(text)) return text === "-0" ? "-0.0" : text;
  if (/^-?\d+$/.test(text) && BigInt(text) >= -(2n ** 63n) && BigInt(text) < 2n ** 64n) return text;
  const value = Number(text);
  if (Math.abs(value) >= 1e16 || (value !== 0 && Math.abs(value) < 1e-5)) return value.toExponential();
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A value with all its numbers as the engine prints them. */
export function canonicalText(text: string): string {
  if (/^-?\d/.test(text)) return canonicalNumber(text);
  if (!/^[[{]/.test(text) || !/\d[.eE]|\d{19}|-0/.test(text)) return text;
  return toJson(canonicalValue(parseExact(text)));
}

function canonicalValue(value: unknown): unknown {
  if (value instanceof RawText) return new RawText(canonicalNumber(value.text));
  if (Array.isArray(value)) return value.map(canonicalValue);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, canonicalValue(member)]));
}

/** The top-level members of an object, raw; `text` is known to be valid JSON and to start with `{` at `start`. */
export function rawMembers(text: string, start: number): { members: Map<string, string>; end: number } {
  const members = new Map<string, string>();
  let at = skipSpace(text, start + 1);
  while (text[at] !== "}") {
    const keyEnd = skipString(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = skipValue(text, valueStart);
    members.set(key, text.slice(valueStart, valueEnd));
    at = skipSpace(text, valueEnd);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return { members, end: at + 1 };
}

/** The members of every object in a JSON text that is one object or an array of objects. */
export function rawObjects(text: string): Map<string, string>[] {
  let at = skipSpace(text, 0);
  if (text[at] === "{") return [rawMembers(text, at).members];
  const objects: Map<string, string>[] = [];
  at = skipSpace(text, at + 1);
  while (text[at] === "{") {
    const { members, end } = rawMembers(text, at);
    objects.push(members);
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return objects;
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (" \t\n\r".includes(text[at] ?? "x")) at += 1;
  return at;
}

function skipString(text: string, from: number): number {
  let at = text.indexOf('"', from + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at + 1;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === "\\") slashes += 1;
  return slashes % 2 === 1;
}

export function skipValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return skipString(text, from);
  if (first !== "{" && first !== "[") {
    let at = from;
    while (!",]} \t\n\r".includes(text[at] ?? ",")) at += 1;
    return at;
  }
  let depth = 0;
  for (let at = from; ; at += 1) {
    const char = text[at];
    if (char === '"') at = skipString(text, at) - 1;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
}
