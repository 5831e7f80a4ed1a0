/**
 * Query strings as the engine reads them: parameters are taken in the order in which they stand, the first offending
 * one decides the error, an unknown one is refused, and of a repeated one the last value counts.
 */
import { apiError, type ApiError } from "../../core/errors/api-error.ts";
import type { ErrorCode } from "../../core/errors/codes.ts";
import { didYouMean } from "./did-you-mean.ts";

export interface QueryParameter<T> {
  /** Throws `ApiError`; `name` is for the message. */
  readonly parse: (text: string, name: string) => T;
}

export type QuerySpec = Readonly<Record<string, QueryParameter<unknown>>>;

/** A parameter that was not given is absent. */
export type DecodedQuery<Spec extends QuerySpec> = {
  readonly [Name in keyof Spec]?: Spec[Name] extends QueryParameter<infer T> ? T : never;
};

/** The order of `spec` is the order in which an error message lists what would have been accepted. */
export function decodeQuery<Spec extends QuerySpec>(query: URLSearchParams, spec: Spec): DecodedQuery<Spec> {
  const last = new Map<string, string>();
  for (const [name, text] of query) last.set(name, text);
  const decoded: Record<string, unknown> = {};
  for (const [name, text] of last) {
    if (!Object.hasOwn(spec, name)) throw unknownParameter(name, Object.keys(spec));
    decoded[name] = (spec[name] as QueryParameter<unknown>).parse(text, name);
  }
  return decoded as DecodedQuery<Spec>;
}

/** The engine's refusal of a parameter it does not know, with a hint at the nearest one it does. */
export function unknownParameter(name: string, accepted: readonly string[]): ApiError {
  const list = accepted.map((one) => `\`${one}\``).join(", ");
  return apiError("bad_request", `Unknown parameter \`${name}\`: ${didYouMean(name, accepted)}expected one of ${list}`);
}

/** The engine's sentence around what is wrong with one value. */
export function invalidParameter(code: ErrorCode, name: string, what: string): ApiError {
  return apiError(code, `Invalid value in parameter \`${name}\`: ${what}`);
}

/** Any text. */
export const text: QueryParameter<string> = { parse: (value) => value };

/** An unsigned integer; `max` is the largest the engine's type holds (default: what a number holds exactly). */
export function unsigned(code: ErrorCode, max: number = Number.MAX_SAFE_INTEGER): QueryParameter<number> {
  return {
    parse: (value, name) => {
      const number = /^\+?[0-9]+$/.test(value) ? Number(value) : Number.NaN;
      if (number <= max) return number;
      if (max === Number.MAX_SAFE_INTEGER && number > max && BigInt(value.replace("+", "")) <= U64_MAX) return max;
      throw invalidParameter(code, name, `could not parse \`${value}\` as a positive integer`);
    },
  };
}

/** `true` or `false`, nothing else. */
export function bool(code: ErrorCode): QueryParameter<boolean> {
  return {
    parse: (value, name) => {
      if (value === "true") return true;
      if (value === "false") return false;
      throw invalidParameter(
        code,
        name,
        `could not parse \`${value}\` as a boolean, expected either \`true\` or \`false\``,
      );
    },
  };
}

/** Texts separated by commas; white space around each is dropped. An empty value is an empty list. */
export const commaSeparated: QueryParameter<readonly string[]> = {
  parse: (value) => (value === "" ? [] : value.split(",").map((one) => one.trim())),
};

/** The largest value of the engine's own unsigned integers. */
const U64_MAX = 2n ** 64n - 1n;
