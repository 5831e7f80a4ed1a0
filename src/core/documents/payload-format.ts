/** Which format a batch of documents is in, from its content type and `csvDelimiter`; refusals are the engine's. */
import { apiError } from "../errors/api-error.ts";

export type PayloadFormat =
  | { readonly kind: "json" }
  | { readonly kind: "ndjson" }
  /** `delimiter` is one ASCII byte. */
  | { readonly kind: "csv"; readonly delimiter: number };

export function payloadFormat(contentType: string | null, csvDelimiter: number | undefined): PayloadFormat {
  if (contentType === null) {
    throw apiError("missing_content_type", `A Content-Type header is missing. ${ACCEPTED}`);
  }
  const essence = MEDIA_TYPE.exec(contentType)?.[1]?.toLowerCase();
  if (essence === "text/csv") return { kind: "csv", delimiter: csvDelimiter ?? COMMA };
  if (essence !== "application/json" && essence !== "application/x-ndjson") {
    throw apiError(
      "invalid_content_type",
      `The Content-Type \`${essence?.replace(/\+.*$/, "") ?? contentType}\` is invalid. ${ACCEPTED}`,
    );
  }
  if (csvDelimiter !== undefined) {
    throw apiError(
      "invalid_content_type",
      `The Content-Type \`${essence}\` does not support the use of a csv delimiter. The csv delimiter can only be used with the Content-Type \`text/csv\`.`,
    );
  }
  return { kind: essence === "application/json" ? "json" : "ndjson" };
}

const ACCEPTED =
  "Accepted values for the Content-Type header are: `application/json`, `application/x-ndjson`, `text/csv`";
const MEDIA_TYPE = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:;.*)?$/i;
const COMMA = 0x2c;
