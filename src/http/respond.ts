/** The few ways in which a handler makes its answer. */
import type { Reply } from "./route.ts";

/** A value as JSON. For text that is JSON already (a node's answer, a merged page) use `jsonText`. */
export function json(status: number, value: unknown, headers?: Readonly<Record<string, string>>): Reply {
  return jsonText(status, JSON.stringify(value), headers);
}

/** Text that is JSON already; it is sent unchanged. */
export function jsonText(status: number, text: string, headers?: Readonly<Record<string, string>>): Reply {
  return headers === undefined ? { status, body: text } : { status, headers, body: text };
}

/** No body, as for 204. */
export function empty(status: number, headers?: Readonly<Record<string, string>>): Reply {
  return headers === undefined ? { status, body: null } : { status, headers, body: null };
}
