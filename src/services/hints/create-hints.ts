/**
 * Writes that a node missed, kept until it can have them. They are stored in the order in which the router accepted
 * them, brought to the node in that order, and until it has them all it gets no other write and serves no read. Past the
 * limits nothing more is kept: the node then needs a repair as a whole, and stays out of reads until it has had one.
 */
import { assert } from "../../core/assert.ts";
import { bodyBytes, type RequestBody } from "../../core/documents/body-stream.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { LaneSendOptions } from "../../scatter/lane-send.ts";
import type { LaneEntry } from "../../scatter/lane.ts";
import type { HintSpool } from "../../store/hint-spool.ts";
import type { HintStore, NewHint } from "../../store/hint-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { hintsChanged, hintsGivenUp } from "../../telemetry/events/writes.ts";
import type { TaskRegistry } from "../tasks/task-registry.ts";
import { hasCarriedOut, REPAIR_NEEDED, replayHints } from "./replay-hints.ts";

export interface HintsDeps {
  readonly hints: HintStore;
  readonly spool: HintSpool;
  readonly tasks: Pick<TaskRegistry, "replayed">;
  client(nodeId: string): NodeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
}

export interface HintsOptions {
  /** False: nothing is kept, so a node that misses a write needs a repair at once. */
  readonly enabled: boolean;
  /** Bodies kept for all nodes together. */
  readonly bytesMax: number;
  /** The oldest write that is still worth keeping. */
  readonly ageMaxMs: number;
  readonly send: LaneSendOptions;
}

/** What a write needs to become a hint; the rest of the row is filled in here. */
export type MissedWrite = Omit<NewHint, "id" | "nodeId" | "spoolRef" | "bytes" | "createdAt"> & {
  readonly body: RequestBody | null;
};

/**
 * The place of one write among the writes to one node. Taken before the write is sent, so that the order of places is
 * the order of acceptance; must be given back by `release` in every case.
 */
export interface HintPlace {
  /** The write is missed: from this instant the node gets no other write. */
  hold(): void;
  /** Keeps the write durably, behind those that were accepted before it. False: past the limits, not kept. */
  record(write: MissedWrite): Promise<boolean>;
  release(): void;
}

export interface HintState {
  readonly count: number;
  readonly bytes: number;
  readonly needsRepair: boolean;
}

export interface Hints {
  /** Reads what a former run has left. Nothing else may be called before it has resolved. */
  load(): Promise<void>;
  place(nodeId: string): HintPlace;
  /** Keeps a write that was never sent, behind everything accepted before it. */
  recordMissed(entry: LaneEntry, taskUid: number | null): Promise<void>;
  /** True while the node has not got every write: no other writes to it before those. */
  pending(nodeId: string): boolean;
  /** True while the node has not carried out every write that it got late: no reads from it. */
  behind(nodeId: string): boolean;
  /** The node has lost what it had: writes alone cannot make it whole, so it stays out of reads until it was repaired. */
  requireRepair(nodeId: string, reason: string): Promise<void>;
  /** Nodes with something to say. */
  states(): ReadonlyMap<string, HintState>;
  /** Brings some hints to a node. `more`: call again; `blocked`: call again later; `idle`: it has them all. */
  replayStep(nodeId: string): Promise<"idle" | "more" | "blocked">;
}

export function createHints(deps: HintsDeps, options: HintsOptions): Hints {
  const nodes = new Map<string, NodeHints>();

  function of(nodeId: string): NodeHints {
    const known = nodes.get(nodeId);
    if (known !== undefined) return known;
    const fresh = {
      tail: Promise.resolve(),
      held: 0,
      count: 0,
      bytes: 0,
      needsRepair: false,
      replaying: false,
      settling: null,
    };
    nodes.set(nodeId, fresh);
    return fresh;
  }

  function note(nodeId: string, node: NodeHints): void {
    deps.emit(hintsChanged, { nodeId, count: node.count, bytes: node.bytes });
  }

  async function store(nodeId: string, write: MissedWrite): Promise<boolean> {
    const node = of(nodeId);
    if (node.needsRepair) return false;
    const { body, ...row } = write;
    const bytes = bodyBytes(body);
    const reason = await refusal(nodeId, bytes);
    if (reason !== null) {
      await giveUp(nodeId, reason);
      return false;
    }
    const id = deps.random.uuidV7();
    const spoolRef = body === null ? null : id;
    // The body first: a row without its body could not be replayed, a body without a row is only litter.
    if (body !== null) await deps.spool.write(id, body);
    await deps.hints.append({ ...row, id, nodeId, spoolRef, bytes, createdAt: deps.clock.nowMs() });
    node.count += 1;
    node.bytes += bytes;
    note(nodeId, node);
    return true;
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

  /** What is kept becomes worthless, since the repair will bring everything; one row without a body says so durably. */
  async function giveUp(nodeId: string, reason: string): Promise<void> {
    const node = of(nodeId);
    node.needsRepair = true;
    deps.emit(hintsGivenUp, { nodeId, reason });
    await deps.hints.append({
      id: deps.random.uuidV7(),
      nodeId,
      indexUid: "",
      request: { method: "POST", path: "", operation: REPAIR_NEEDED },
      taskUid: null,
      operationId: null,
      spoolRef: null,
      bytes: 0,
      createdAt: deps.clock.nowMs(),
    });
    for (;;) {
      const page = (await deps.hints.oldest(nodeId, PAGE)).filter((one) => one.request.operation !== REPAIR_NEEDED);
      if (page.length === 0) break;
      for (const hint of page) {
        await deps.hints.remove(hint.id);
        if (hint.spoolRef !== null) await deps.spool.remove(hint.spoolRef);
      }
    }
    node.count = 0;
    node.bytes = 0;
    note(nodeId, node);
  }

  /** Everything has been brought; reads wait until the node has carried it out. New writes go to it meanwhile. */
  async function settle(nodeId: string): Promise<"idle" | "blocked"> {
    const node = of(nodeId);
    const { settling } = node;
    if (settling === null) return "idle";
    if (!(await hasCarriedOut(deps, nodeId, settling))) return "blocked";
    if (node.settling === settling) node.settling = null;
    return node.settling === null ? "idle" : "blocked";
  }

  const hints: Hints = {
    async load() {
      for (const [nodeId, { count, bytes }] of await deps.hints.totals()) {
        const node = of(nodeId);
        node.needsRepair = (await deps.hints.oldest(nodeId, PAGE)).some(
          (hint) => hint.request.operation === REPAIR_NEEDED,
        );
        node.count = node.needsRepair ? 0 : count;
        node.bytes = bytes;
        note(nodeId, node);
      }
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

    pending(nodeId) {
      const node = nodes.get(nodeId);
      return node !== undefined && (node.held > 0 || node.count > 0 || node.needsRepair);
    },

    behind(nodeId) {
      return hints.pending(nodeId) || (nodes.get(nodeId)?.settling ?? null) !== null;
    },

    requireRepair: async (nodeId, reason) => (of(nodeId).needsRepair ? undefined : giveUp(nodeId, reason)),

    states() {
      const told = [...nodes].filter(([, node]) => node.count > 0 || node.needsRepair || node.settling !== null);
      return new Map(told.map(([nodeId, { count, bytes, needsRepair }]) => [nodeId, { count, bytes, needsRepair }]));
    },

    async replayStep(nodeId) {
      const node = of(nodeId);
      if (node.needsRepair || node.replaying) return "blocked";
      if (node.count === 0 && node.held > 0) return "more";
      if (node.count === 0) return settle(nodeId);
      const aged = await tooOld(nodeId);
      node.replaying = true;
      try {
        if (aged !== null) {
          await giveUp(nodeId, aged);
          return "blocked";
        }
        const end = await replayHints(deps, nodeId, options.send, (hint, nodeTaskUid) => {
          node.settling = Math.max(node.settling ?? 0, nodeTaskUid);
          node.count -= 1;
          node.bytes -= hint.bytes;
          note(nodeId, node);
        });
        if (end === "body_lost") await giveUp(nodeId, "the body of a kept write is gone from the spool");
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

interface NodeHints {
  /** Settles when every place taken so far has been released. */
  tail: Promise<void>;
  /** The last node task made of a write that was brought late, while it may not have been carried out. */
  settling: number | null;
  /** Missed writes that are about to be kept. */
  held: number;
  count: number;
  bytes: number;
  needsRepair: boolean;
  replaying: boolean;
}

const PAGE = 100;
