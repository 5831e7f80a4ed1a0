/**
 * Have indexes changed their names on a node? A swap or a renaming rewrites the index of every earlier task, so what was
 * written to an index before is no longer listed under its name.
 */
import { rfc3339 } from "../core/tasks/time-text.ts";
import type { NodeClient } from "../nodes/node-client.ts";

/** How far the clocks of router and node may be apart. */
export const CLOCK_SKEW_MS = 120_000;

/** Since that moment, as far as tasks tell that have been taken; undefined: the node does not say. */
export async function indexesRenamed(
  client: NodeClient,
  sinceMs: number,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean | undefined> {
  const search = new URLSearchParams({ types: "indexSwap,indexUpdate", limit: "1", afterEnqueuedAt: rfc3339(sinceMs) });
  const outcome = await client.send(
    { method: "GET", path: `/tasks?${search.toString()}`, operation: "tasks.list", timeoutMs, repeat: "safe" },
    signal,
  );
  if (outcome.kind !== "answered") return undefined;
  const { results } = JSON.parse(outcome.text) as { results?: unknown };
  return Array.isArray(results) ? results.length > 0 : undefined;
}
