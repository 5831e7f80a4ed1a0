/**
 * A node whose connection broke may have been started anew in between, with another disk. An index that a write makes
 * there answers reads at once, and lacks everything earlier. So such a node is doubted until it has been seen to have the
 * disk that it had; that is asked at once, by every probe, and by whoever has nobody else to read from.
 */
import type { NodeId } from "../../core/topology/topology.ts";

export type DiskState = "same" | "lost" | "unknown";
/** `unknown`: the node does not answer. */
export type CheckDisk = (nodeId: NodeId, signal?: AbortSignal) => Promise<DiskState>;

export interface DiskDoubts {
  readonly doubted: (nodeId: NodeId) => boolean;
  /** Doubted from this instant on. */
  connectionBroke(nodeId: NodeId): void;
  /** Also ends the doubts that were there when it began. */
  readonly check: CheckDisk;
}

export interface DiskDoubtsDeps {
  readonly checkDisk: CheckDisk;
  /** A node in doubt did not answer: since it gets no reads, this is how it is found to be away. */
  readonly silent: (nodeId: NodeId) => void;
}

export function createDiskDoubts({ checkDisk, silent }: DiskDoubtsDeps): DiskDoubts {
  /** How often a node's connection broke since it was last known to have its disk. */
  const breaks = new Map<NodeId, number>();
  const asking = new Set<NodeId>();

  const check: CheckDisk = async (nodeId, signal) => {
    const before = breaks.get(nodeId);
    const disk = await checkDisk(nodeId, signal);
    // What broke meanwhile may have been after the answer was made.
    if (disk !== "unknown" && breaks.get(nodeId) === before) breaks.delete(nodeId);
    if (disk === "unknown" && breaks.has(nodeId) && signal?.aborted !== true) silent(nodeId);
    return disk;
  };

  const settle = async (nodeId: NodeId): Promise<void> => {
    if (asking.has(nodeId)) return;
    asking.add(nodeId);
    try {
      while (breaks.has(nodeId)) if ((await check(nodeId)) === "unknown") return;
    } finally {
      asking.delete(nodeId);
    }
  };

  return {
    doubted: (nodeId) => breaks.has(nodeId),
    connectionBroke(nodeId) {
      breaks.set(nodeId, (breaks.get(nodeId) ?? 0) + 1);
      // What could not be asked or noted now is with the next probe.
      settle(nodeId).catch(() => undefined);
    },
    check,
  };
}
