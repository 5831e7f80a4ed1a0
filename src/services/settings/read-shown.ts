/** What several nodes show of the settings of one index, as far as it can be judged now. */
import type { JsonObject } from "../../core/settings/json-shape.ts";
import type { NodeSettings } from "../../core/settings/verify-settings.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { MissedWrites } from "../broadcast/missed-writes.ts";
import { askNodeSettings } from "./read-node-settings.ts";

export interface Shown {
  readonly answers: readonly NodeSettings[];
  readonly silent: readonly string[];
  /** Those of the silent that say that they have no such index. */
  readonly missing: readonly string[];
  /** What is still kept for them comes before anything can be seen there. */
  readonly behind: readonly string[];
}

export interface ShownDeps {
  readonly client: (nodeId: string) => NodeClient;
  readonly missed: Pick<MissedWrites, "pending">;
}

export async function readShown(
  { client, missed }: ShownDeps,
  indexUid: string,
  nodeIds: readonly string[],
  timeoutMs: number,
): Promise<Shown> {
  const requestMs = Math.min(timeoutMs, READ_TIMEOUT_MS);
  const reads = await Promise.all(
    nodeIds
      .filter((nodeId) => !missed.pending(nodeId))
      .map(async (nodeId) => ({ nodeId, shown: await askNodeSettings(client(nodeId), indexUid, requestMs) })),
  );
  // What was kept meanwhile may be missing in what was shown.
  const behind = nodeIds.filter((nodeId) => missed.pending(nodeId));
  const seen = reads.filter(({ nodeId }) => !behind.includes(nodeId));
  return {
    answers: seen.flatMap(({ nodeId, shown }) => (isSilent(shown) ? [] : [{ nodeId, settings: shown }])),
    silent: seen.filter(({ shown }) => isSilent(shown)).map(({ nodeId }) => nodeId),
    missing: seen.filter(({ shown }) => shown === "missing").map(({ nodeId }) => nodeId),
    behind,
  };
}

function isSilent(shown: JsonObject | "missing" | null): shown is "missing" | null {
  return shown === null || shown === "missing";
}

const READ_TIMEOUT_MS = 10_000;
