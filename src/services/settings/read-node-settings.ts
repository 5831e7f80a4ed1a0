/** All settings of an index as one node shows them, numbers in their own spelling. */
import { parseExact } from "../../core/settings/exact-json.ts";
import { isObject, type JsonObject } from "../../core/settings/json-shape.ts";
import type { NodeClient } from "../../nodes/node-client.ts";

/** null: no answer, or the node has no such index. */
export async function readNodeSettings(
  client: NodeClient,
  indexUid: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<JsonObject | null> {
  const shown = await askNodeSettings(client, indexUid, timeoutMs, signal);
  return shown === "missing" ? null : shown;
}

/** null: no answer. `missing`: the node has no such index. */
export async function askNodeSettings(
  client: NodeClient,
  indexUid: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<JsonObject | "missing" | null> {
  const outcome = await client.send(
    { method: "GET", path: `/indexes/${indexUid}/settings`, operation: "settings.get", timeoutMs, repeat: "safe" },
    signal,
  );
  if (outcome.kind === "refused" && outcome.error.code === "index_not_found") return "missing";
  if (outcome.kind !== "answered") return null;
  const settings = parseExact(outcome.text);
  return isObject(settings) ? settings : null;
}
