/**
 * Writes to a node that the router has given up without knowing whether they came. One may still wait in a node that stands
 * still, and be read when that goes on: behind a newer write it would bring back what is old, and behind a deletion make the
 * index anew. So the node gets nothing newer before it has answered and had time to read what was sent to it before.
 */
import { ARRIVES_WITHIN_MS } from "../../nodes/arrives-within.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Clock } from "../../platform/clock.ts";
import { newestTask } from "../fleet/has-carried-out.ts";

export interface StraysDeps {
  readonly client: (nodeId: string) => NodeClient;
  readonly clock: Pick<Clock, "sleep">;
}

export interface Strays {
  /** A write to the node was given up just now. */
  note(nodeId: string): void;
  /** True while one may still come. */
  pending(nodeId: string): boolean;
  /** Nodes of which `pending` is true. */
  nodeIds(): readonly string[];
  /** Waits until nothing can come any more. False: the node does not answer. */
  letArrive(nodeId: string): Promise<boolean>;
}

export function createStrays({ client, clock }: StraysDeps): Strays {
  /** How many have been noted of each node, as long as one of them may come. */
  const noted = new Map<string, number>();
  return {
    note: (nodeId) => void noted.set(nodeId, (noted.get(nodeId) ?? 0) + 1),
    pending: (nodeId) => noted.has(nodeId),
    nodeIds: () => [...noted.keys()],
    async letArrive(nodeId) {
      for (let seen = noted.get(nodeId); seen !== undefined; seen = noted.get(nodeId)) {
        if ((await newestTask(client(nodeId))) === undefined) return false;
        await clock.sleep(ARRIVES_WITHIN_MS);
        if (noted.get(nodeId) === seen) noted.delete(nodeId);
      }
      return true;
    },
  };
}
