/**
 * The facts about nodes that change seldom: the engine's version on each, and whether their API keys are those of the
 * others. Read when a node comes (back) up, and not again while it stays.
 */
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Emit } from "../../telemetry/event.ts";
import { nodeVersionsDiffer } from "../../telemetry/events/nodes.ts";
import type { Fleet } from "./fleet.ts";

export interface NodeFactsDeps {
  readonly fleet: Pick<Fleet, "nodeIds" | "healthy" | "client">;
  /** Makes the API keys of all nodes the same, knowing which are so since they came up; says which are still to be done. */
  readonly adoptKeys: (aligned: ReadonlySet<string>) => Promise<{ readonly pending: readonly string[] }>;
  readonly timeoutMs: number;
  readonly emit: Emit;
}

export interface NodeFacts {
  version(nodeId: string): string | null;
  /** Its API keys have been made the same as those of the others since it came up. */
  aligned(nodeId: string): boolean;
  /** The node went away: it may come back as something else, another version, or with an empty disk. */
  forget(nodeId: string): void;
  /** One round for the nodes that came up since the last; cheap when there are none. One at a time: who asks joins it. */
  refresh(signal?: AbortSignal): Promise<void>;
}

export function createNodeFacts(deps: NodeFactsDeps): NodeFacts {
  const versions = new Map<string, string>();
  const aligned = new Set<string>();
  let running: Promise<void> | null = null;
  /** Rises whenever a node is forgotten, so that a round that was under way does not count for it. */
  let forgotten = 0;
  let reported = "";

  const readVersion = async (client: NodeClient, signal?: AbortSignal): Promise<void> => {
    const { timeoutMs } = deps;
    const outcome = await client.send(
      { method: "GET", path: "/version", operation: "version", timeoutMs, repeat: "safe" },
      signal,
    );
    if (outcome.kind !== "answered") return;
    const { pkgVersion } = JSON.parse(outcome.text) as { pkgVersion?: unknown };
    if (typeof pkgVersion === "string") versions.set(client.nodeId, pkgVersion);
  };

  const reportVersions = (): void => {
    const found = [...new Set(versions.values())].sort();
    const text = found.join(" ");
    if (found.length > 1 && text !== reported) deps.emit(nodeVersionsDiffer, { versions: found });
    reported = text;
  };

  const forget = (nodeId: string): void => {
    forgotten += 1;
    versions.delete(nodeId);
    aligned.delete(nodeId);
  };

  const round = async (signal?: AbortSignal): Promise<void> => {
    const nodeIds = deps.fleet.nodeIds();
    for (const nodeId of nodeIds) if (!deps.fleet.healthy(nodeId)) forget(nodeId);
    const up = nodeIds.filter((nodeId) => deps.fleet.healthy(nodeId));
    const before = forgotten;
    const [adopted] = await Promise.all([
      up.every((nodeId) => aligned.has(nodeId)) ? null : deps.adoptKeys(aligned),
      ...up.filter((nodeId) => !versions.has(nodeId)).map((nodeId) => readVersion(deps.fleet.client(nodeId), signal)),
    ]);
    reportVersions();
    if (adopted === null || before !== forgotten) return;
    const { pending } = adopted;
    for (const nodeId of up) if (!pending.includes(nodeId)) aligned.add(nodeId);
  };

  return {
    version: (nodeId) => versions.get(nodeId) ?? null,
    aligned: (nodeId) => aligned.has(nodeId),
    forget,
    refresh: (signal) =>
      (running ??= round(signal).finally(() => {
        running = null;
      })),
  };
}
