/** Checks of request values in the engine's own words: what was expected, what was found, and where. */
import { NodeError } from "../node-error.ts";

export type Kind = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

const DESCRIPTION: Readonly<Record<Kind, string>> = {
  null: "null",
  boolean: "a boolean",
  integer: "a positive integer",
  number: "a number",
  string: "a string",
  array: "an array",
  object: "an object",
};

export type Fields = Readonly<Record<string, unknown>>;

/** A check takes a value and its path and gives the value to use; it throws a `NodeError` with its code. */
export type Check<T> = (value: unknown, path: string, code: string) => T;

/** The error for a value of the wrong kind. */
export function wrongKind(value: unknown, path: string, expected: string, code: string): NodeError {
  const at = path === "" ? "" : ` at \`${path}\``;
  return new NodeError(code, `Invalid value type${at}: expected ${expected}, but found ${described(value)}`);
}

export const string: Check<string> = (value, path, code) => {
  if (typeof value !== "string") throw wrongKind(value, path, "a string", code);
  return value;
};

export const boolean: Check<boolean> = (value, path, code) => {
  if (typeof value !== "boolean") throw wrongKind(value, path, "a boolean", code);
  return value;
};

export const integer: Check<number> = (value, path, code) => {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw wrongKind(value, path, "a positive integer", code);
  }
  return value;
};

export const number: Check<number> = (value, path, code) => {
  if (typeof value !== "number") throw wrongKind(value, path, "a number", code);
  return value;
};

export const object: Check<Fields> = (value, path, code) => {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw wrongKind(value, path, "an object", code);
  return value as Fields;
};

export function arrayOf<T>(check: Check<T>): Check<T[]> {
  return (value, path, code) => {
    if (!Array.isArray(value)) throw wrongKind(value, path, "an array", code);
    return value.map((item, index) => check(item, `${path}[${index}]`, code));
  };
}

export const strings = arrayOf(string);

/** One of a closed list of words. */
export function oneOf(...words: readonly string[]): Check<string> {
  return (value, path, code) => {
    const word = string(value, path, code);
    if (!words.includes(word)) {
      const choices = words.map((choice) => `\`${choice}\``).join(", ");
      throw new NodeError(
        code,
        `Unknown value \`${word}\` at \`${path}\`: ${didYouMean(word, words)}expected one of ${choices}`,
      );
    }
    return word;
  };
}

/** A number between 0 and 1; `what` names it in the message. */
export function ratio(what: string): Check<number> {
  return (value, path, code) => {
    const given = number(value, path, code);
    if (given < 0 || given > 1) {
      throw new NodeError(
        code,
        `Invalid value at \`${path}\`: the value of \`${what}\` is invalid, expected a float between \`0.0\` and \`1.0\`.`,
      );
    }
    return given;
  };
}

export interface FieldSpec {
  readonly check: Check<unknown>;
  readonly code: string;
  /** Null is refused instead of counting as absent. */
  readonly refusesNull?: boolean;
}

/** Checks an object field by field in the order it was written; null mostly counts as absent. Unknown fields are refused. */
export function checkFields(
  value: unknown,
  specs: Readonly<Record<string, FieldSpec>>,
  path = "",
  code = "bad_request",
): Fields {
  const known = Object.keys(specs);
  const checked: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(object(value, path, code))) {
    const spec = specs[key];
    if (spec === undefined) throw unknownField(key, known, path, code);
    if (member !== null || spec.refusesNull === true) checked[key] = spec.check(member, `${path}.${key}`, spec.code);
  }
  return checked;
}

export function unknownField(key: string, known: readonly string[], path: string, code: string): NodeError {
  const inside = path === "" ? "" : ` inside \`${path}\``;
  const expected = known.map((name) => `\`${name}\``).join(", ");
  return new NodeError(code, `Unknown field \`${key}\`${inside}: ${didYouMean(key, known)}expected one of ${expected}`);
}

export function missingField(field: string, path: string, code: string): NodeError {
  return new NodeError(code, `Missing field \`${field}\`${path === "" ? "" : ` inside \`${path}\``}`);
}

/** The known word that is within two edits of the given one, as the beginning of a sentence. */
export function didYouMean(key: string, known: readonly string[]): string {
  const distances = known.map((name) => ({ name, distance: plainDistance(key.toLowerCase(), name.toLowerCase()) }));
  const limit = Math.min(...distances.map(({ distance }) => distance));
  const allowed = key.length <= 3 ? 1 : key.length <= 8 ? 2 : 3;
  const best = distances.find(({ distance }) => distance === limit);
  return best === undefined || limit > allowed ? "" : `did you mean \`${best.name}\`? `;
}

function plainDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, j) => j);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

function described(value: unknown): string {
  if (value === null || value === undefined) return "null";
  const text = JSON.stringify(value);
  if (Array.isArray(value)) return `an array: \`${text}\``;
  if (typeof value === "number") {
    const kind = !Number.isInteger(value) ? "number" : value < 0 ? null : "integer";
    return `${kind === null ? "a negative integer" : DESCRIPTION[kind]}: \`${text}\``;
  }
  return `${DESCRIPTION[typeof value as Kind]}: \`${text}\``;
}
