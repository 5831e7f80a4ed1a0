/**
 * Nodes that can no longer be caught up write by write: they are compared with the others as a whole, and stay out of
 * reads until that has been done. Known durably before anybody relies on it, so that a crash starts it anew.
 */
import type { RepairStore, Suspect, SuspectReason } from "../../store/repair-store.ts";
import type { Clock } from "../../platform/clock.ts";

/** `needed`: it gets no writes and answers no reads. `running`: it gets writes again while the rest is brought. */
export type RepairState = "none" | "needed" | "running";

export interface RepairStates {
  /** Reads what a former run has left, or what other routers have changed. */
  load(): Promise<void>;
  state(nodeId: string): RepairState;
  /** Why, while there is something to repair. */
  reason(nodeId: string): SuspectReason | null;
  nodeIds(): readonly string[];
  /** From this instant the node needs a repair; also when one is running, which then no longer counts. */
  need(nodeId: string, reason: SuspectReason): Promise<void>;
  /** Resolves when what is known of the node is kept; rejects while the store does not take it. */
  keep(nodeId: string): Promise<void>;
  /**
   * The node gets writes again, from every router, once this has resolved. The repair that begins is told from others by
   * what is returned.
   */
  begin(nodeId: string): Promise<Suspect | null>;
  /** From this instant back to `needed`: the node went away while it was repaired. */
  interrupt(nodeId: string): Promise<void>;
  /** False when the node has come to need another repair meanwhile. */
  end(begun: Suspect): Promise<boolean>;
}

export interface RepairStatesDeps {
  readonly store: Pick<RepairStore, "suspects" | "suspect" | "clear">;
  readonly clock: Pick<Clock, "nowMs">;
  /** Resolves when every other router knows it. Default: there are none. */
  readonly spread?: () => Promise<void>;
}

export function createRepairStates({ store, clock, spread }: RepairStatesDeps): RepairStates {
  const nodes = new Map<string, Known>();

  const save = async (known: Known): Promise<void> => {
    const { suspect } = known;
    known.isKept = false;
    await store.suspect(suspect);
    if (known.suspect === suspect) known.isKept = true;
  };

  return {
    async load() {
      const rows = (await store.suspects()).filter(({ nodeId, indexUid }) => indexUid === "" && nodeId !== "");
      const named = new Set(rows.map(({ nodeId }) => nodeId));
      for (const [nodeId, { isKept }] of nodes) if (isKept && !named.has(nodeId)) nodes.delete(nodeId);
      for (const suspect of rows) {
        const known = nodes.get(suspect.nodeId);
        // The store does not know yet what this router knows.
        if (known?.isKept === false) continue;
        // A repair of this router's own goes on.
        if (known?.suspect.since === suspect.since && known.suspect.running === suspect.running) continue;
        nodes.set(suspect.nodeId, { suspect, state: suspect.running === true ? "running" : "needed", isKept: true });
      }
    },
    state: (nodeId) => nodes.get(nodeId)?.state ?? "none",
    reason: (nodeId) => nodes.get(nodeId)?.suspect.reason ?? null,
    nodeIds: () => [...nodes.keys()],
    async need(nodeId, reason) {
      const before = nodes.get(nodeId)?.suspect;
      // A lost disk is never forgotten over something lesser.
      const worst = before?.reason === "disk_lost" ? before.reason : reason;
      const since = Math.max(clock.nowMs(), (before?.since ?? 0) + 1);
      const suspect: Suspect = { nodeId, indexUid: "", reason: worst, since };
      const known: Known = { suspect, state: "needed", isKept: false };
      nodes.set(nodeId, known);
      await save(known);
    },
    async keep(nodeId) {
      const known = nodes.get(nodeId);
      if (known !== undefined && !known.isKept) await save(known);
    },
    async begin(nodeId) {
      const node = nodes.get(nodeId);
      if (node === undefined || node.state === "running") return node?.suspect ?? null;
      node.suspect = { ...node.suspect, running: true };
      node.state = "running";
      await save(node);
      await spread?.();
      return nodes.get(nodeId)?.suspect ?? null;
    },
    async interrupt(nodeId) {
      const node = nodes.get(nodeId);
      if (node?.state !== "running") return;
      node.suspect = { ...node.suspect, running: false, since: node.suspect.since + 1 };
      node.state = "needed";
      await save(node);
      await spread?.();
    },
    async end(begun) {
      if (nodes.get(begun.nodeId)?.suspect !== begun) return false;
      await store.clear(begun);
      // Only now: a crash before it would have started the repair anew.
      if (nodes.get(begun.nodeId)?.suspect !== begun) return false;
      nodes.delete(begun.nodeId);
      return true;
    },
  };
}

interface Known {
  suspect: Suspect;
  state: Exclude<RepairState, "none">;
  /** The store has it as it stands here. */
  isKept: boolean;
}
