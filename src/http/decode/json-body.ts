/**
 * A body that has to be JSON, with the engine's own refusals: 415 for a missing or foreign content type, 400 for no
 * body and for a syntax error, which is described with line and column.
 */
import { JsonFault } from "../../core/documents/json-fault.ts";
import { skipSpace, skipValue } from "../../core/documents/json-grammar.ts";
import { apiError } from "../../core/errors/api-error.ts";
import { describeJsonError } from "./describe-json-error.ts";
import type { RequestContext } from "../route.ts";

export interface JsonBody {
  readonly text: string;
  readonly value: unknown;
}

export async function jsonBody(context: RequestContext): Promise<JsonBody> {
  requireJsonContentType(context.request.headers.get("content-type"));
  return parseJson(await context.body());
}

/** Throws 415 unless the type is JSON or one that ends in `+json`. */
export function requireJsonContentType(contentType: string | null): void {
  if (contentType === "application/json") return;
  if (contentType === null) {
    throw apiError(
      "missing_content_type",
      "A Content-Type header is missing. Accepted values for the Content-Type header are: `application/json`",
    );
  }
  if (!JSON_MEDIA_TYPE.test(contentType)) {
    throw apiError(
      "invalid_content_type",
      `The Content-Type \`${contentType}\` is invalid. Accepted values for the Content-Type header are: \`application/json\``,
    );
  }
}

/**
 * Refuses what the engine's parser refuses although JavaScript's would take it (numbers beyond a 64-bit float, broken
 * surrogates, deep nesting), so that nothing behind here has to fear unlimited recursion.
 */
export function parseJson(bytes: Uint8Array): JsonBody {
  if (bytes.byteLength === 0) throw apiError("missing_payload", "A json payload is missing.");
  try {
    if (isJson(bytes)) {
      const text = utf8.decode(bytes);
      return { text, value: ODD_WHOLE.test(text) ? JSON.parse(text, wholeAsWritten) : JSON.parse(text) };
    }
  } catch {
    // Said in the engine's words below.
  }
  throw apiError("malformed_payload", `The json payload provided is malformed. \`${describeJsonError(bytes)}\`.`);
}

/** Everything but UTF-8. */
function isJson(bytes: Uint8Array): boolean {
  try {
    return skipSpace(bytes, skipValue(bytes, skipSpace(bytes, 0), 0)) === bytes.byteLength;
  } catch (error) {
    if (error instanceof JsonFault) return false;
    throw error;
  }
}

/**
 * What the engine reads as whole numbers: `1e2` and `1.0` are none for it, however JavaScript sees them, and up to 64 bits
 * they are, though no float holds them all: whoever asks for so much gets everything.
 */
function wholeAsWritten(name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? "";
  if (!WHOLE.has(name) || typeof value !== "number") return value;
  if (/[.eE]|^-0$/.test(source)) return Number.isInteger(value) ? value + 0.5 : value;
  return value > Number.MAX_SAFE_INTEGER && BigInt(source) <= U64_MAX ? Number.MAX_SAFE_INTEGER : value;
}

const WHOLE: ReadonlySet<string> = new Set(["offset", "limit", "page", "hitsPerPage", "cropLength"]);
/** Such a member whose number is not plain or very long. */
const ODD_WHOLE = new RegExp(`"(?:${[...WHOLE].join("|")})"\\s*:\\s*(?:-?\\d+[.eE]|-0|\\d{16})`);
const U64_MAX = 2n ** 64n - 1n;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const JSON_MEDIA_TYPE = /^\s*[!#$%&'*+.^_`|~0-9a-z-]+\/(?:json|[!#$%&'*+.^_`|~0-9a-z-]+\+json)\s*(?:;.*)?$/i;
