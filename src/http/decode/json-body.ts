/**
 * A body that has to be JSON, with the engine's own refusals: 415 for a missing or foreign content type, 400 for no
 * body and for a syntax error, which is described with line and column.
 */
import { apiError } from "../../core/errors/api-error.ts";
import { describeJsonError } from "./describe-json-error.ts";
import type { RequestContext } from "../route.ts";

export interface JsonBody {
  readonly text: string;
  readonly value: unknown;
}

export async function jsonBody(context: RequestContext): Promise<JsonBody> {
  requireJsonContentType(context.request.headers.get("content-type"));
  const bytes = await context.body();
  return parseJson(bytes);
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
 * Refuses what the engine's parser refuses and JavaScript's would take: nesting beyond its limit, so that nothing
 * behind here has to fear deep recursion.
 */
export function parseJson(bytes: Uint8Array): JsonBody {
  if (bytes.byteLength === 0) throw apiError("missing_payload", "A json payload is missing.");
  try {
    const text = utf8.decode(bytes);
    if (!nestsTooDeep(bytes)) return { text, value: JSON.parse(text) };
  } catch {
    // Said in the engine's words below.
  }
  throw apiError("malformed_payload", `The json payload provided is malformed. \`${describeJsonError(bytes)}\`.`);
}

function nestsTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth >= NESTING_LIMIT) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return false;
}

const NESTING_LIMIT = 128;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const JSON_MEDIA_TYPE = /^\s*[!#$%&'*+.^_`|~0-9a-z-]+\/(?:json|[!#$%&'*+.^_`|~0-9a-z-]+\+json)\s*(?:;.*)?$/i;
