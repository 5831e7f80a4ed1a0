/**
 * JSON for comparing answers: number literals stay as written (`1.0` is not `1`, integers above 2^53 keep every digit)
 * and members keep their order. Slow and simple on purpose; it is the measure, not the thing measured.
 */
import { assert } from "../../src/core/assert.ts";

export type Exact =
  | { readonly kind: "number"; readonly literal: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "plain"; readonly value: boolean | null }
  | { readonly kind: "array"; readonly items: readonly Exact[] }
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Exact> };

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;

export function parseExact(text: string): Exact {
  let position = 0;
  const next = (): RegExpExecArray => {
    TOKEN.lastIndex = position;
    const found = TOKEN.exec(text);
    assert(found !== null, `the text is JSON at ${position}: ${text.slice(position, position + 40)}`);
    position = TOKEN.lastIndex;
    return found;
  };
  const value = (token: RegExpExecArray): Exact => {
    if (token[2] !== undefined) return { kind: "string", value: JSON.parse(token[2]) as string };
    if (token[3] !== undefined) return { kind: "number", literal: token[3] };
    if (token[4] !== undefined) return { kind: "plain", value: JSON.parse(token[4]) as boolean | null };
    return token[1] === "{" ? object() : array();
  };
  const object = (): Exact => {
    const members = new Map<string, Exact>();
    for (let token = next(); token[1] !== "}"; token = next()) {
      if (token[1] === ",") token = next();
      const key = JSON.parse(token[2] ?? '""') as string;
      next();
      members.set(key, value(next()));
    }
    return { kind: "object", members };
  };
  const array = (): Exact => {
    const items: Exact[] = [];
    for (let token = next(); token[1] !== "]"; token = next()) {
      items.push(value(token[1] === "," ? next() : token));
    }
    return { kind: "array", items };
  };
  return value(next());
}

/** One text per value: equal texts mean equal values. Member order counts only where `ordered` says so. */
export function canonical(value: Exact, ordered: (path: string) => boolean, path = ""): string {
  switch (value.kind) {
    case "number":
      return value.literal;
    case "string":
      return JSON.stringify(value.value);
    case "plain":
      return String(value.value);
    case "array":
      return `[${value.items.map((item) => canonical(item, ordered, `${path}[]`)).join(",")}]`;
    case "object": {
      const members = [...value.members].map(
        ([key, member]) => `${JSON.stringify(key)}:${canonical(member, ordered, `${path}.${key}`)}`,
      );
      return `{${(ordered(path) ? members : members.sort()).join(",")}}`;
    }
  }
}

export function member(value: Exact | undefined, key: string): Exact | undefined {
  return value?.kind === "object" ? value.members.get(key) : undefined;
}

export function items(value: Exact | undefined): readonly Exact[] {
  return value?.kind === "array" ? value.items : [];
}

/** The object without some of its members. */
export function without(value: Exact, keys: ReadonlySet<string>): Exact {
  if (value.kind !== "object") return value;
  return { kind: "object", members: new Map([...value.members].filter(([key]) => !keys.has(key))) };
}

/** The object with one member replaced or added. */
export function withMember(value: Exact, key: string, replacement: Exact): Exact {
  if (value.kind !== "object") return value;
  return { kind: "object", members: new Map([...value.members, [key, replacement]]) };
}
