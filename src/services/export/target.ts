/**
 * The other side of an export: a Meilisearch, or a Miroir, at an address that a client named. Requests that may succeed
 * later are told from those that never will.
 */
import { gzipSync } from "node:zlib";
import type { ErrorBody } from "../../core/errors/api-error.ts";
import { errorBody } from "../../core/errors/api-error.ts";
import type { Outgoing, OutgoingRequest } from "../../outgoing/outgoing.ts";

export type TargetOutcome =
  | { readonly kind: "done" }
  /** Only for a question: there is none. */
  | { readonly kind: "missing" }
  | { readonly kind: "refused"; readonly error: ErrorBody }
  | { readonly kind: "try_later"; readonly error: ErrorBody };

export interface ExportTarget {
  hasIndex(uid: string, signal: AbortSignal): Promise<TargetOutcome>;
  send(
    method: "POST" | "PATCH",
    path: string,
    body: { readonly json: unknown } | { readonly documents: readonly string[] },
    signal: AbortSignal,
  ): Promise<TargetOutcome>;
}

export function createExportTarget(outgoing: Outgoing, url: string, apiKey: string | null): ExportTarget {
  const base = url.replace(/\/+$/, "");
  const credential = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
  const exchange = async (request: Omit<OutgoingRequest, "timeoutMs">, signal: AbortSignal): Promise<TargetOutcome> => {
    const outcome = await outgoing.send({ ...request, timeoutMs: TIMEOUT_MS }, signal);
    if (outcome.kind === "failed") {
      const error = errorBody("internal", `The target of the export cannot be reached: ${outcome.message}.`);
      const never = outcome.reason === "rejected_ip" || outcome.reason === "invalid_url";
      return { kind: never ? "refused" : "try_later", error };
    }
    if (outcome.status >= 200 && outcome.status < 300) return { kind: "done" };
    const error = errorBody("internal", failureText(outcome.status, outcome.text));
    if (TRANSIENT.has(outcome.status)) return { kind: "try_later", error };
    return isMissingIndex(outcome.text) ? { kind: "missing" } : { kind: "refused", error };
  };
  return {
    hasIndex: (uid, signal) =>
      exchange({ method: "GET", url: `${base}/indexes/${uid}`, headers: { ...credential } }, signal),
    send: (method, path, body, signal) => {
      const packed =
        "json" in body
          ? { type: { "content-type": "application/json" }, bytes: Buffer.from(JSON.stringify(body.json)) }
          : {
              type: { "content-type": "application/x-ndjson", "content-encoding": "gzip" },
              bytes: gzipSync(body.documents.join("\n")),
            };
      const headers = { ...packed.type, ...credential };
      return exchange({ method, url: base + path, headers, body: packed.bytes }, signal);
    },
  };
}

/** In the engine's words. */
function failureText(status: number, text: string): string {
  const error = errorIn(text);
  if (error === null) return `Failed to export documents to remote server: it answered with status ${status}`;
  const { code, type, message, link } = error;
  return `Failed to export documents to remote server ${code} (${type}): ${message} <${link}>`;
}

function isMissingIndex(text: string): boolean {
  return errorIn(text)?.code === "index_not_found";
}

function errorIn(text: string): ErrorBody | null {
  try {
    const parsed = JSON.parse(text) as Partial<ErrorBody> | null;
    return typeof parsed?.code === "string" && typeof parsed.message === "string"
      ? { message: parsed.message, code: parsed.code, type: parsed.type ?? "", link: parsed.link ?? "" }
      : null;
  } catch {
    return null;
  }
}

const TIMEOUT_MS = 30_000;
/** What a server says that may be well again soon. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
