/**
 * Chat workspaces: their settings are the same on every node, read from one. Conversations themselves are not served: a
 * node searches its own shards only. A node judges every request, in its own words.
 */
import { nodeError } from "../../core/errors/api-error.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { type AskableFleet, askReadable } from "../broadcast/ask-readable.ts";
import { type EveryNodeDeps, onEveryNode } from "../broadcast/on-every-node.ts";

export interface ChatsDeps extends EveryNodeDeps {
  readonly fleet: EveryNodeDeps["fleet"] & AskableFleet;
  /** One change at a time. */
  readonly queue: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface ChatAnswer {
  readonly status: number;
  /** JSON, or empty. */
  readonly text: string;
}

/** `path` with its query, as the client sent it. */
export async function readChats(deps: ChatsDeps, path: string, signal: AbortSignal): Promise<ChatAnswer> {
  const outcome = await askReadable(deps.fleet, request("GET", path), signal);
  if (outcome.kind === "refused") throw nodeError(outcome.status, outcome.error);
  return outcome;
}

/** `body`: the client's, for PATCH. What cannot be told is put back; a masked API key is left as it is then. */
export function changeChats(
  deps: ChatsDeps,
  method: "PATCH" | "DELETE",
  path: string,
  body?: string,
): Promise<ChatAnswer> {
  return deps.queue(async () => {
    const undo = await undoOf(deps, path);
    return onEveryNode(deps, { request: request(method, path, body), tolerated: ["chat_not_found"], undo });
  });
}

async function undoOf(deps: ChatsDeps, path: string): Promise<NodeRequest> {
  const workspace = path.replace(/\/settings$/, "");
  const before = await askReadable(deps.fleet, request("GET", `${workspace}/settings`));
  if (before.kind === "refused") return request("DELETE", workspace);
  const settings: unknown = JSON.parse(before.text);
  const { apiKey: _masked, ...rest } = isObject(settings) ? settings : {};
  return request("PATCH", `${workspace}/settings`, JSON.stringify(rest));
}

function request(method: "GET" | "PATCH" | "DELETE", path: string, body?: string): NodeRequest {
  return {
    method,
    path,
    operation: method === "GET" ? "chats.get" : "chats.change",
    timeoutMs: TIMEOUT_MS,
    repeat: method === "GET" ? "safe" : "once",
    ...(body === undefined ? {} : { body }),
  };
}

const TIMEOUT_MS = 10_000;
