/**
 * Writes that a node missed, kept until it can have them. They are stored in the order in which the router accepted
 * them, brought to the node in that order, and until it has them all it gets no other write and serves no read. Past the
 * limits nothing more is kept: the node then needs a repair as a whole, and stays out of reads until it has had one.
 */
import { assert } from "../../core/assert.ts";
import { bodyBytes, type RequestBody } from "../../core/documents/body-stream.ts";
import { createInTurn } from "../../platform/in-turn.ts";
import { SpoolFullError } from "../../store/hint-spool.ts";
import type { SuspectReason } from "../../store/repair-store.ts";
import { hintsChanged, hintsGivenUp } from "../../telemetry/events/writes.ts";
import { createLateWrites } from "./late-writes.ts";
import { type NodeHints, noHints } from "./node-hints.ts";
import { dropKept } from "./drop-kept.ts";
import { readDebts } from "./read-debts.ts";
import { replayHints } from "./replay-hints.ts";
import type { Hints, HintsDeps, HintsOptions, HintState, MissedWrite } from "./hints.ts";

export function createHints(deps: HintsDeps, options: HintsOptions): Hints {
  const nodes = new Map<string, NodeHints>();
  /** What is read of the rows must not come before, and be used after, a change that this router has made to them. */
  const rows = createInTurn<"rows">();

  function of(nodeId: string): NodeHints {
    const known = nodes.get(nodeId);
    if (known !== undefined) return known;
    const fresh = noHints();
    nodes.set(nodeId, fresh);
    return fresh;
  }

  /** A store that reports a failure may have made the change all the same: then only counting tells what is kept. */
  async function changeRows(node: NodeHints, change: () => Promise<void>): Promise<void> {
    await rows.run("rows", async () => {
      try {
        await change();
      } catch (error) {
        node.doubtful = true;
        throw error;
      }
    });
  }

  function note(nodeId: string, node: NodeHints): void {
    deps.emit(hintsChanged, { nodeId, count: node.count, bytes: node.bytes });
  }

  async function store(nodeId: string, write: MissedWrite): Promise<boolean> {
    const node = of(nodeId);
    if (deps.repairs.state(nodeId) === "needed") {
      // Whoever relies on the repair instead of a row must find it after a crash.
      await deps.repairs.keep(nodeId);
      return false;
    }
    const { body, ...row } = write;
    const bytes = bodyBytes(body);
    const reason = await refusal(nodeId, bytes);
    if (reason !== null) return giveUp(nodeId, reason);
    const id = deps.random.uuidV7();
    const spoolRef = body === null ? null : id;
    // The body first: a row without its body could not be replayed, a body without a row is only litter.
    const notSpooled = body === null ? null : await spooled(id, body);
    if (notSpooled !== null) return giveUp(nodeId, notSpooled);
    const wasClean = node.count === 0 && !node.noted;
    let isKept = false;
    await changeRows(node, async () => {
      // What came to need a repair while the body was written must not be brought this after it.
      if (deps.repairs.state(nodeId) === "needed") return;
      await deps.hints.append({ ...row, id, nodeId, spoolRef, bytes, createdAt: deps.clock.nowMs() });
      isKept = true;
      node.count += 1;
      node.bytes += bytes;
    });
    if (!isKept) {
      if (spoolRef !== null) await deps.spool.remove(spoolRef);
      return false;
    }
    note(nodeId, node);
    // Before anybody is told that the write holds, no router reads from the node any more.
    if (wasClean) await deps.spread?.();
    return true;
  }

  /**
   * null: the body is kept. Else what there is no room for. Rejects when the store fails: then the write itself fails, and
   * what is kept already stays of use.
   */
  async function spooled(id: string, body: RequestBody): Promise<string | null> {
    try {
      await deps.spool.write(id, body);
      return null;
    } catch (error) {
      if (error instanceof SpoolFullError) return `its body could not be kept: ${error.message}`;
      throw error;
    }
  }

  async function refusal(nodeId: string, moreBytes: number): Promise<string | null> {
    if (!options.enabled) return "keeping writes is switched off";
    let bytes = moreBytes;
    for (const node of nodes.values()) bytes += node.bytes;
    if (bytes > options.bytesMax) return "the writes kept for nodes have reached `hints.max_bytes`";
    return tooOld(nodeId);
  }

  async function tooOld(nodeId: string): Promise<string | null> {
    const [oldest] = of(nodeId).count === 0 ? [] : await deps.hints.oldest(nodeId, 1);
    if (oldest === undefined || deps.clock.nowMs() - oldest.createdAt <= options.ageMaxMs) return null;
    return "the oldest write kept for the node has reached `hints.max_age_s`";
  }

  /** What is kept becomes worthless, since the repair will bring everything; that it is needed is kept before. */
  async function giveUp(nodeId: string, why: string, reason: SuspectReason = "hints_given_up"): Promise<false> {
    deps.emit(hintsGivenUp, { nodeId, reason: why });
    await deps.repairs.need(nodeId, reason);
    await deps.spread?.();
    await forgetKept(nodeId);
    return false;
  }

  async function forgetKept(nodeId: string): Promise<void> {
    const node = of(nodeId);
    await changeRows(node, async () => {
      await dropKept(deps, nodeId);
      node.count = 0;
      node.bytes = 0;
    });
    note(nodeId, node);
  }

  async function countRows(): Promise<void> {
    const debts = await readDebts(deps.hints);
    for (const nodeId of new Set([...nodes.keys(), ...debts.keys()])) {
      const node = of(nodeId);
      const { count, bytes, settling } = debts.get(nodeId) ?? NOTHING;
      if (!settling && !node.replaying) node.settling = null;
      Object.assign(node, { count, bytes, noted: settling, doubtful: false });
      note(nodeId, node);
    }
  }

  function hasMissed(nodeId: string): boolean {
    const node = nodes.get(nodeId);
    if (node !== undefined && (node.held > 0 || node.count > 0)) return true;
    return deps.repairs.state(nodeId) === "needed";
  }

  const late = createLateWrites({ deps, changeRows, giveUp: (nodeId, why) => giveUp(nodeId, why, "task_failed") });

  const hints: Hints = {
    load: () =>
      rows.run("rows", async () => {
        await countRows();
        await deps.repairs.load();
      }),

    async settleDoubts() {
      if (![...nodes.values()].some(({ doubtful }) => doubtful)) return;
      await deps.check?.();
      await rows.run("rows", countRows);
    },

    place(nodeId) {
      const node = of(nodeId);
      const previous = node.tail;
      const { promise, resolve } = Promise.withResolvers<void>();
      node.tail = previous.then(() => promise);
      let holding = false;
      let released = false;
      const hold = (): void => {
        assert(!released, "a place is used before it is released");
        if (!holding) node.held += 1;
        holding = true;
      };
      return {
        hold,
        async record(write) {
          hold();
          await previous;
          return store(nodeId, write);
        },
        release() {
          if (released) return;
          released = true;
          if (holding) node.held -= 1;
          resolve();
        },
      };
    },

    async recordMissed({ nodeId, request, operationId }, taskUid) {
      const { method, path, contentType, operation, body } = request;
      assert(method !== "GET", "what is kept for a node is a write");
      const place = hints.place(nodeId);
      try {
        await place.record({
          indexUid: indexOf(path),
          request: { method, path, operation, ...(contentType === undefined ? {} : { contentType }) },
          taskUid,
          operationId: operationId ?? null,
          body: body ?? null,
        });
      } finally {
        place.release();
      }
    },

    // Also what only may be kept goes before everything newer.
    pending: (nodeId) => hasMissed(nodeId) || nodes.get(nodeId)?.doubtful === true,

    behind(nodeId) {
      const node = nodes.get(nodeId);
      const isSettling = node !== undefined && (node.noted || node.settling !== null);
      return isSettling || hasMissed(nodeId) || deps.repairs.state(nodeId) !== "none";
    },

    requireRepair: async (nodeId, why, reason = "disk_lost") => {
      const isKnown = deps.repairs.state(nodeId) === "needed" && deps.repairs.reason(nodeId) === reason;
      if (!isKnown) await giveUp(nodeId, why, reason);
    },

    forgetKept,

    states() {
      const told = new Map<string, HintState>();
      for (const nodeId of new Set([...nodes.keys(), ...deps.repairs.nodeIds()])) {
        const { count, bytes } = of(nodeId);
        if (hints.behind(nodeId)) told.set(nodeId, { count, bytes, repair: deps.repairs.state(nodeId) });
      }
      return told;
    },

    async replayStep(nodeId, mayGoOn = () => true) {
      const node = of(nodeId);
      if (deps.repairs.state(nodeId) === "needed" || node.replaying || node.doubtful) return "blocked";
      if (node.count === 0 && node.held > 0) return "more";
      if (node.count === 0) return late.settle(nodeId, node);
      const aged = await tooOld(nodeId);
      node.replaying = true;
      try {
        if (aged !== null) {
          await giveUp(nodeId, aged);
          return "blocked";
        }
        if (!node.noted && !(await late.begin(nodeId, node))) return "blocked";
        const end = await replayHints(deps, nodeId, options.send, mayGoOn, (hint, nodeTaskUid) =>
          changeRows(node, async () => {
            await late.brought(nodeId, node, nodeTaskUid);
            await deps.hints.remove(hint.id);
            node.count -= 1;
            node.bytes -= hint.bytes;
            note(nodeId, node);
          }),
        );
        if (end === "refused") await giveUp(nodeId, "the node refuses a write that others have taken");
        if (end === "body_lost") await giveUp(nodeId, "the body of a kept write is gone from the spool");
        // Fewer rows than were counted.
        if (end === "nothing") node.doubtful = true;
        if (end !== "progress") return "blocked";
        return "more";
      } finally {
        node.replaying = false;
      }
    },
  };
  return hints;
}

/** Empty for what concerns no single index. */
function indexOf(path: string): string {
  return /^\/indexes\/([^/?]+)/.exec(path)?.[1] ?? "";
}

const NOTHING = { count: 0, bytes: 0, settling: false };
