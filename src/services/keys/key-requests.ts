/** The requests about keys that nodes get. */
import type { NodeRequest } from "../../nodes/node-client.ts";

const KEY_TIMEOUT_MS = 10_000;

/** What the engine shows of a key. */
export interface KeyView {
  readonly name: string | null;
  readonly description: string | null;
  readonly key: string;
  readonly uid: string;
  readonly actions: readonly string[];
  readonly indexes: readonly string[];
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Keys read at once from a node; a fleet with more has its newest ones compared only. */
export const KEYS_MAX = 10_000;

export const keyRequests = {
  list: (query: string): NodeRequest => read(`/keys${query}`, "keys.list"),
  get: (id: string): NodeRequest => read(`/keys/${encodeURIComponent(id)}`, "keys.get"),
  create: (body: string): NodeRequest => write("POST", "/keys", "keys.create", body),
  update: (id: string, body: string): NodeRequest =>
    write("PATCH", `/keys/${encodeURIComponent(id)}`, "keys.update", body),
  remove: (id: string): NodeRequest => write("DELETE", `/keys/${encodeURIComponent(id)}`, "keys.delete"),
  /** The same key again, from what a node shows of it. */
  recreate: (key: KeyView): NodeRequest => {
    const { uid, name, description, actions, indexes, expiresAt } = key;
    return keyRequests.create(JSON.stringify({ uid, name, description, actions, indexes, expiresAt }));
  },
} as const;

function read(path: string, operation: string): NodeRequest {
  return { method: "GET", path, operation, timeoutMs: KEY_TIMEOUT_MS, repeat: "safe" };
}

function write(method: NodeRequest["method"], path: string, operation: string, body?: string): NodeRequest {
  const request: NodeRequest = { method, path, operation, timeoutMs: KEY_TIMEOUT_MS, repeat: "once" };
  return body === undefined ? request : { ...request, body };
}
