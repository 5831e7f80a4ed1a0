/** Bodies of kept writes, in a map. */
import { type RequestBody, wholeBody } from "../../src/core/documents/body-stream.ts";
import type { HintSpool } from "../../src/store/hint-spool.ts";

export function memorySpool(): HintSpool {
  const bodies = new Map<string, Uint8Array>();
  return {
    write: async (name, body) => void bodies.set(name, bytesOf(body)),
    read: async (name) => bodies.get(name),
    remove: async (name) => void bodies.delete(name),
  };
}

function bytesOf(body: RequestBody): Uint8Array {
  const whole = wholeBody(body);
  return typeof whole === "string" ? new TextEncoder().encode(whole) : whole;
}
