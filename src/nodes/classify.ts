/** From what came back, or did not, to a `NodeOutcome`. Knows the engine's error shape and nothing of the request's meaning. */
import type { ErrorBody } from "../core/errors/api-error.ts";
import type { NodeRequest } from "./node-client.ts";
import type { NodeOutcome, NodeUnavailable, UnavailableReason } from "./node-outcome.ts";

/** Codes with which a node rejects the router's own credential; never the caller's fault. */
const CREDENTIAL_CODES: ReadonlySet<string> = new Set(["invalid_api_key", "missing_authorization_header"]);

/** Failures in which no byte of the request can have reached the node. */
const NOT_SENT_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ConnectionRefused",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "FailedToOpenSocket",
]);

export function classifyAnswer(nodeId: string, request: NodeRequest, status: number, text: string): NodeOutcome {
  if (status >= 200 && status < 300) {
    if (request.expects !== "text" && !looksLikeJson(text, status)) {
      return unavailable(nodeId, "garbage", true, `node ${nodeId} answered ${status} with something that is not JSON`);
    }
    return { kind: "answered", nodeId, status, text };
  }
  if (status >= 500) {
    return unavailable(nodeId, "server_error", true, `node ${nodeId} answered ${status}${codeIn(text)}`);
  }
  const error = readError(text);
  if (error === undefined) {
    return unavailable(nodeId, "garbage", false, `node ${nodeId} answered ${status} without the engine's error object`);
  }
  if (CREDENTIAL_CODES.has(error.code)) {
    return unavailable(
      nodeId,
      "credentials",
      false,
      `node ${nodeId} refuses the router's key (${error.code}); compare miroir.node_master_key with the node's master key`,
    );
  }
  return { kind: "refused", nodeId, status, error };
}

export function classifyFailure(nodeId: string, cause: unknown, signal: AbortSignal | undefined): NodeUnavailable {
  if (signal?.aborted) return unavailable(nodeId, "aborted", true, `the request to node ${nodeId} was given up`);
  const code = failureCode(cause);
  return unavailable(nodeId, "connection", !NOT_SENT_CODES.has(code), `node ${nodeId} is not reachable (${code})`);
}

export function unavailable(
  nodeId: string,
  reason: UnavailableReason,
  ambiguous: boolean,
  message: string,
): NodeUnavailable {
  return { kind: "unavailable", nodeId, reason, ambiguous, message };
}

/** A full parse is the reader's business; the first character already tells an error page or a truncated answer. */
function looksLikeJson(text: string, status: number): boolean {
  if (text.length === 0) return status === 204;
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  if ((first === 0x7b && last === 0x7d) || (first === 0x5b && last === 0x5d)) return true;
  return text.length <= SCALAR_CHARS_MAX && isScalar(text);
}

/** A single setting may be a text, a number, true, false or null: short enough to be read in full. */
const SCALAR_CHARS_MAX = 65_536;

function isScalar(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value !== "object" || value === null;
  } catch {
    return false;
  }
}

function readError(text: string): ErrorBody | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { message, code, type, link } = value as Record<string, unknown>;
    if (typeof message !== "string" || typeof code !== "string") return undefined;
    return {
      message,
      code,
      type: typeof type === "string" ? type : "invalid_request",
      link: typeof link === "string" ? link : "",
    };
  } catch {
    return undefined;
  }
}

function codeIn(text: string): string {
  const error = readError(text);
  return error === undefined ? "" : ` (${error.code})`;
}

function failureCode(cause: unknown): string {
  if (typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string") {
    return cause.code;
  }
  return cause instanceof Error ? cause.name : "unknown failure";
}
