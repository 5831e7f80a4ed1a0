/**
 * The last copy that can be reached is never given up. A node that counts as unwell is asked all the same for what nobody
 * else can answer, if what it says would be complete: it served when it went away, has missed nothing since, and holds
 * the disk that it held. The last is asked of it first, which also tells whether it answers at all.
 */
import type { NodeId } from "../../core/topology/topology.ts";
import type { CheckDisk } from "./disk-doubts.ts";

export interface LastCopyDeps {
  /** As far as is known without asking it, the node holds everything that it should. */
  readonly complete: (nodeId: NodeId) => boolean;
  readonly checkDisk: CheckDisk;
  readonly monotonicMs: () => number;
}

/**
 * Reads that come at the same time share one question. A node that left it unanswered is left alone for as long as it
 * was waited for: a closed port is asked again at once, a silent machine takes at most half of a reader's time.
 */
export function createLastCopy(deps: LastCopyDeps): (nodeId: NodeId) => Promise<boolean> {
  const asking = new Map<NodeId, Promise<boolean>>();
  const notBeforeMs = new Map<NodeId, number>();

  const ask = async (nodeId: NodeId): Promise<boolean> => {
    const startedMs = deps.monotonicMs();
    const disk = await deps.checkDisk(nodeId);
    const endedMs = deps.monotonicMs();
    if (disk === "unknown") notBeforeMs.set(nodeId, endedMs + (endedMs - startedMs));
    else notBeforeMs.delete(nodeId);
    return disk === "same";
  };

  return async (nodeId) => {
    if (!deps.complete(nodeId)) return false;
    if (deps.monotonicMs() < (notBeforeMs.get(nodeId) ?? 0)) return false;
    let running = asking.get(nodeId);
    if (running === undefined) {
      running = ask(nodeId).finally(() => asking.delete(nodeId));
      asking.set(nodeId, running);
    }
    // What it missed may have come up while it was asked.
    return (await running) && deps.complete(nodeId);
  };
}
