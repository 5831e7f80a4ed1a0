/** The primary key: found by inference, read from a document, and judged. */
import { parseExact, RawText, toJson } from "../exact-json.ts";
import { NodeError } from "../node-error.ts";
import { isObject, valuesAt } from "./walk-fields.ts";

export type Members = ReadonlyMap<string, string>;

/** The only field of the first document whose name ends in `id`. */
export function inferPrimaryKey(first: Members): string {
  const candidates = [...first.keys()].filter((name) => name.toLowerCase().endsWith("id")).sort();
  const [only, second] = candidates;
  const advice = "Please specify the primary key manually using the `primaryKey` query parameter.";
  if (only === undefined) {
    throw new NodeError(
      "index_primary_key_no_candidate_found",
      `The primary key inference failed as the engine did not find any field ending with \`id\` in its name. ${advice}`,
    );
  }
  if (second !== undefined) {
    throw new NodeError(
      "index_primary_key_multiple_candidates_found",
      `The primary key inference failed as the engine found ${candidates.length} fields ending with \`id\` in their names: '${only}' and '${second}'. ${advice}`,
    );
  }
  return only;
}

/** The document's id as text; throws when it is absent, given more than once, or of a form that is not allowed. */
export function documentId(members: Members, primaryKey: string): string {
  const found = primaryKey.includes(".") ? nestedIds(members, primaryKey) : flatId(members, primaryKey);
  if (found.length > 1) {
    throw new NodeError(
      "invalid_document_id",
      `Document have too many matching \`${primaryKey}\` attribute: \`${membersText(members)}\`.`,
    );
  }
  if (found.length === 0) {
    throw new NodeError(
      "missing_document_id",
      `Document doesn't have a \`${primaryKey}\` attribute: \`${membersText(members)}\`.`,
    );
  }
  return judged(found[0]);
}

/** The text form of an id that a delete names: a string or an integer. */
export function judged(value: unknown): string {
  if (typeof value === "string" && /^[a-zA-Z0-9_-]{1,511}$/.test(value)) return value;
  if (value instanceof RawText && /^-?\d+$/.test(value.text) && fits64Bits(value.text))
    return value.text === "-0" ? "0" : value.text;
  throw new NodeError(
    "invalid_document_id",
    `Document identifier \`${toJson(value)}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.`,
  );
}

export function membersText(members: Members): string {
  return `{${[...members].map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}`;
}

function flatId(members: Members, primaryKey: string): unknown[] {
  const text = members.get(primaryKey);
  return text === undefined ? [] : [parseExact(text)];
}

function nestedIds(members: Members, primaryKey: string): unknown[] {
  const whole: Record<string, unknown> = {};
  for (const [key, text] of members) {
    if (key === primaryKey || primaryKey.startsWith(`${key}.`)) whole[key] = parseExact(text);
  }
  return valuesAt(whole, primaryKey)
    .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter((value) => !isObject(value));
}

function fits64Bits(text: string): boolean {
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 64n;
}
