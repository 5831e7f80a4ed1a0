/**
 * What is wrong with one document, though its JSON is right. `code` and `message` are the engine's own, as they would
 * stand in its failed task; only a reserved field has no counterpart there.
 */
import type { ErrorCode } from "../errors/codes.ts";
import { jsonText } from "./json-text.ts";
import type { DocumentSpan } from "./scan-document.ts";

export interface DocumentProblem {
  /** Position of the first bad document in the batch, from 0. */
  readonly position: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** Set for the errors that the engine finds only while indexing; its message then names the index first. */
  readonly late?: boolean;
  /** For an inference that failed: the names that would have qualified. */
  readonly candidates?: readonly string[];
}

type Found = Omit<DocumentProblem, "position">;

export function missingKey(primaryKey: string, bytes: Uint8Array, start: number, end: number): Found {
  return {
    code: "missing_document_id",
    message: `Document doesn't have a \`${primaryKey}\` attribute: \`${compact(bytes, start, end)}\`.`,
  };
}

export function ambiguousKey(primaryKey: string, bytes: Uint8Array, start: number, end: number): Found {
  return {
    code: "invalid_document_id",
    message: `Document have too many matching \`${primaryKey}\` attribute: \`${compact(bytes, start, end)}\`.`,
  };
}

export function invalidKey(bytes: Uint8Array, start: number, end: number): Found {
  return { code: "invalid_document_id", message: invalidKeyMessage(engineValue(jsonText(bytes, start, end))) };
}

function invalidKeyMessage(value: string): string {
  return (
    `Document identifier \`${value}\` is invalid. A document identifier can be of type integer or string, ` +
    "only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), " +
    "and can not be more than 511 bytes."
  );
}

export function reservedField(name: string): Found {
  return { code: "miroir_reserved_field", message: `The field \`${name}\` is reserved for Miroir.` };
}

export function invalidExpiry(name: string, bytes: Uint8Array, { expiryStart, expiryEnd }: DocumentSpan): Found {
  const value = jsonText(bytes, expiryStart, expiryEnd);
  const shown = value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value;
  return {
    code: "miroir_invalid_expiry",
    message:
      `The field \`${name}\` says when a document expires: it must be null, or a whole number of milliseconds since ` +
      `1970 of at most 9007199254740991, and is \`${shown}\`.`,
  };
}

export function noCandidate(): Found {
  return {
    code: "index_primary_key_no_candidate_found",
    message:
      "The primary key inference failed as the engine did not find any field ending with `id` in its name. " +
      "Please specify the primary key manually using the `primaryKey` query parameter.",
    candidates: [],
  };
}

export function severalCandidates(candidates: readonly string[]): Found {
  return {
    code: "index_primary_key_multiple_candidates_found",
    message:
      `The primary key inference failed as the engine found ${candidates.length} fields ending with \`id\` in their names: ` +
      `'${candidates[0]}' and '${candidates[1]}'. Please specify the primary key manually using the \`primaryKey\` query parameter.`,
    candidates,
  };
}

const SHOWN_MAX = 100;

/** A document as the engine prints it in a message: without white space, of a repeated name the last value. */
function compact(bytes: Uint8Array, start: number, end: number): string {
  return JSON.stringify(JSON.parse(jsonText(bytes, start, end)));
}

/** A value as the engine prints it: a number that is not an integer of 64 bits appears as a float. */
function engineValue(text: string): string {
  if (!/^-?[0-9]/.test(text)) return JSON.stringify(JSON.parse(text));
  return floatText(Number(text));
}

/** The engine's shortest form of a float: always with a point or an exponent. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const shortest = value.toExponential();
  const [mantissa = "", exponentText = "0"] = shortest.split("e");
  const exponent = Number(exponentText);
  if (exponent < -5 || exponent >= 16) return `${mantissa}e${exponent > 0 ? `+${exponent}` : exponent}`;
  const plain = exponent < 0 ? decimals(mantissa, exponent) : String(value);
  return plain.includes(".") ? plain : `${plain}.0`;
}

/** JavaScript writes 1e-7 and smaller with an exponent but keeps 0.00001; the limits here are the engine's. */
function decimals(mantissa: string, exponent: number): string {
  const negative = mantissa.startsWith("-");
  const digits = mantissa.replace("-", "").replace(".", "");
  return `${negative ? "-" : ""}0.${"0".repeat(-exponent - 1)}${digits}`;
}
