/**
 * Writes that a node was brought late: it answers reads only when it has carried them out, and none of them failed that
 * others have carried out. Whoever sent such a write has been told long ago that it succeeded, so nobody else would look
 * for it on this node. What says that is kept beside the writes, so that a crash or another router forgets nothing.
 */
import { hasCarriedOut, newestTask } from "../fleet/has-carried-out.ts";
import { failedLate } from "./failed-late.ts";
import type { HintsDeps } from "./hints.ts";
import type { NodeHints } from "./node-hints.ts";
import { isNote, lateSince, noteOfSettling } from "./read-debts.ts";

export interface LateWritesDeps {
  readonly deps: Pick<HintsDeps, "hints" | "client" | "clock" | "random" | "taskNamed">;
  /** Runs a change of the rows; a failure makes the node doubtful. */
  readonly changeRows: (node: NodeHints, change: () => Promise<void>) => Promise<void>;
  /** The node needs a repair as a whole. */
  readonly giveUp: (nodeId: string, why: string) => Promise<false>;
}

export interface LateWrites {
  /** Before the first is brought. False: the node does not answer. */
  begin(nodeId: string, node: NodeHints): Promise<boolean>;
  /** The node has made this task of one. Called within a change of the rows, before the write leaves them. */
  brought(nodeId: string, node: NodeHints, nodeTaskUid: number): Promise<void>;
  /** Everything has been brought. `idle`: and carried out. New writes go to the node meanwhile. */
  settle(nodeId: string, node: NodeHints): Promise<"idle" | "blocked">;
}

export function createLateWrites({ deps, changeRows, giveUp }: LateWritesDeps): LateWrites {
  const say = async (nodeId: string, node: NodeHints, from: number): Promise<void> => {
    await deps.hints.append(noteOfSettling(nodeId, deps.random.uuidV7(), deps.clock.nowMs(), from));
    node.lateFrom = from;
  };

  /** null: nothing has to be removed, or cannot be yet. */
  async function settled(nodeId: string, node: NodeHints): Promise<"carried_out" | "failed" | null> {
    // Whoever brought the writes is gone: what the node has taken since has to be carried out as well.
    if (node.settling === null) {
      const newest = await newestTask(deps.client(nodeId));
      if (newest === undefined) return null;
      node.settling = newest?.uid ?? NO_TASK;
    }
    const { settling } = node;
    if (settling === NO_TASK) return "carried_out";
    if (!(await hasCarriedOut(deps.client(nodeId), settling))) return null;
    const notes = (await deps.hints.oldest(nodeId, PAGE)).filter(isNote);
    const range = { from: Math.min(node.lateFrom, lateSince(notes)), to: settling };
    const hasFailed = await failedLate(deps.client(nodeId), range, deps.taskNamed);
    if (hasFailed === null || node.settling !== settling) return null;
    return hasFailed ? "failed" : "carried_out";
  }

  async function removeNotes(nodeId: string, node: NodeHints): Promise<void> {
    await changeRows(node, async () => {
      const left = await deps.hints.oldest(nodeId, PAGE);
      if (!left.every(isNote)) node.doubtful = true;
      if (node.doubtful) return;
      for (const row of left) await deps.hints.remove(row.id);
      node.settling = null;
      node.lateFrom = Infinity;
      node.noted = false;
    });
  }

  return {
    async begin(nodeId, node) {
      const newest = await newestTask(deps.client(nodeId));
      if (newest === undefined) return false;
      await changeRows(node, async () => {
        node.noted = true;
        await say(nodeId, node, (newest?.uid ?? NO_TASK) + 1);
      });
      return true;
    },

    async brought(nodeId, node, nodeTaskUid) {
      // Its first sending had arrived after all.
      if (nodeTaskUid < node.lateFrom) await say(nodeId, node, nodeTaskUid);
      node.settling = Math.max(node.settling ?? 0, nodeTaskUid);
    },

    async settle(nodeId, node) {
      if (node.settling === null && !node.noted) return "idle";
      const how = await settled(nodeId, node);
      if (how === null || node.count > 0) return "blocked";
      // First, since a crash after it only repeats the look.
      if (how === "failed") await giveUp(nodeId, "the node has failed a write that others have carried out");
      await removeNotes(nodeId, node);
      return how === "failed" || node.doubtful ? "blocked" : "idle";
    },
  };
}

const NO_TASK = -1;
const PAGE = 100;
