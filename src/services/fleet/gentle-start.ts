/**
 * A node that comes back gets a slowly growing share of the reads: its caches are cold, and a fleet that falls upon it
 * all at once takes it down again. The share counts only where another copy can answer instead.
 */
import type { NodeId } from "../../core/topology/topology.ts";

export interface GentleStart {
  /** The node answers no more reads for now. */
  away(nodeId: NodeId): void;
  /** Which part of the reads it is to be given, 0 to 1. `readable`: whether it may answer reads now. */
  share(nodeId: NodeId, readable: () => boolean): number;
}

export function createGentleStart(monotonicMs: () => number): GentleStart {
  /** When the node was first seen to be back; null: not yet. Others have never been away, or are long back. */
  const returning = new Map<NodeId, number | null>();
  return {
    away: (nodeId) => void returning.set(nodeId, null),
    share(nodeId, readable) {
      const since = returning.get(nodeId);
      if (since === undefined) return 1;
      if (!readable()) return 0;
      if (since === null) returning.set(nodeId, monotonicMs());
      const progress = since === null ? 0 : (monotonicMs() - since) / GENTLE_START_MS;
      if (progress < 1) return SHARE_FIRST + (1 - SHARE_FIRST) * progress;
      returning.delete(nodeId);
      return 1;
    },
  };
}

/**
 * Whether a read with this fingerprint is among those that a node with this share is given. One that is stays so while
 * the share grows, so that the second page is asked where the first was.
 */
export function takesShare(share: number, fingerprint: number): boolean {
  return share >= 1 || (Math.imul(fingerprint, SPREAD) >>> 0) / 2 ** 32 < share;
}

/** From the first share to all of them. */
export const GENTLE_START_MS = 30_000;
export const SHARE_FIRST = 0.1;
/** An odd number without pattern: neighbouring fingerprints come far apart. */
const SPREAD = 0x9e3779b1;
