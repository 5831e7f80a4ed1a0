/**
 * Runs one of the scripts beside this file: what must happen together happens inside the server, in one step. A server
 * that has been restarted has forgotten the scripts; they are then sent again.
 */
import { createHash } from "node:crypto";
import { ApiError } from "../../core/errors/api-error.ts";
import type { RedisConnection, RedisValue } from "./connect.ts";

export interface Script {
  readonly text: string;
  readonly sha1: string;
}

/** `texts` are put together in their order: what several scripts share stands in a text of its own. */
export function script(...texts: readonly string[]): Script {
  const text = texts.join("\n");
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
}

/** Scripts name their keys themselves, since these follow from what they read; a Redis Cluster is therefore no backend. */
export async function runScript<T>(
  redis: RedisConnection,
  { text, sha1 }: Script,
  ...values: readonly RedisValue[]
): Promise<T> {
  try {
    return await redis.command<T>("EVALSHA", sha1, 0, ...values);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return await redis.command<T>("EVAL", text, 0, ...values);
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof ApiError && error.message.includes("NOSCRIPT");
}
