/**
 * The lanes in memory: one chain of writes per node and index, bounded per node. What does not fit is refused before
 * anything is submitted, so that a slow node costs no more memory than its limit.
 */
import { bodyBytes } from "../core/documents/body-stream.ts";
import { apiError } from "../core/errors/api-error.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import { type LaneSendDeps, type LaneSendOptions, sendOnce } from "./lane-send.ts";
import type { EnqueueOutcome, LaneEntry, Lanes } from "./lane.ts";

export interface LanesDeps extends LaneSendDeps {
  client(nodeId: string): NodeClient;
  /** True while the node has to receive earlier, missed writes first; writes to it are then missed at once. */
  blocked?(nodeId: string): boolean;
  /** Told of everything that enters, in the same instant. */
  entered?(indexUid: string, entries: readonly LaneEntry[]): void;
  /** Told of every task that a node has made of a write. */
  taken?(outcome: Extract<EnqueueOutcome, { kind: "enqueued" }>): void;
  /** Told at every change, for `miroir_lane_depth`. */
  depthChanged?(nodeId: string, depth: number): void;
}

export interface LanesOptions extends LaneSendOptions {
  /** Writes waiting or running for one node, over all of its lanes. */
  readonly entriesPerNodeMax: number;
  /** Bodies of those writes. */
  readonly bytesPerNodeMax: number;
}

export const DEFAULT_LANES_OPTIONS: LanesOptions = {
  entriesPerNodeMax: 1024,
  bytesPerNodeMax: 268_435_456,
  sendsMax: 3,
  lookupsMax: 5,
  lookupPauseMs: 100,
  lookupTimeoutMs: 2_000,
};

export function createLanes(deps: LanesDeps, options: LanesOptions = DEFAULT_LANES_OPTIONS): Lanes {
  const lanes = new Map<string, Waiting[]>();
  const loads = new Map<string, Load>();
  const idlers = new Set<() => void>();
  const underWay = new Set<Promise<unknown>>();

  function load(nodeId: string): Load {
    const known = loads.get(nodeId);
    if (known !== undefined) return known;
    const fresh = { entries: 0, bytes: 0 };
    loads.set(nodeId, fresh);
    return fresh;
  }

  function change(entry: LaneEntry, direction: 1 | -1): void {
    const of = load(entry.nodeId);
    of.entries += direction;
    of.bytes += direction * bodyBytes(entry.request.body);
    deps.depthChanged?.(entry.nodeId, of.entries);
    if (of.entries === 0) loads.delete(entry.nodeId);
    if (loads.size === 0) for (const wake of idlers) wake();
  }

  /** One body shared by several entries counts for each of their nodes, since each of them may be the slow one. */
  function refuseIfFull(entries: readonly LaneEntry[]): void {
    const more = new Map<string, Load>();
    for (const entry of entries) {
      const sum = more.get(entry.nodeId) ?? { ...(loads.get(entry.nodeId) ?? { entries: 0, bytes: 0 }) };
      const alone = sum.entries === 0;
      sum.entries += 1;
      sum.bytes += bodyBytes(entry.request.body);
      more.set(entry.nodeId, sum);
      // A single body above the limit passes when nothing else waits; `server.max_body_bytes` has bounded it.
      if (sum.entries <= options.entriesPerNodeMax && (alone || sum.bytes <= options.bytesPerNodeMax)) continue;
      throw apiError(
        "miroir_overloaded",
        `Too many writes are waiting for the node \`${entry.nodeId}\`. Send this one again later.`,
      );
    }
  }

  async function run(key: string, indexUid: string, lane: Waiting[]): Promise<void> {
    for (let waiting = lane[0]; waiting !== undefined; waiting = lane[0]) {
      const outcome = await attempt(indexUid, waiting.entry);
      lane.shift();
      change(waiting.entry, -1);
      waiting.resolve(outcome);
    }
    lanes.delete(key);
  }

  async function attempt(indexUid: string, entry: LaneEntry): Promise<EnqueueOutcome> {
    const outcome = await bring(indexUid, entry).catch((error: unknown): EnqueueOutcome => ({
      kind: "missed",
      nodeId: entry.nodeId,
      message: String(error),
    }));
    // Before the next write of the lane is looked at, so that it cannot overtake the one that was missed.
    if (outcome.kind === "missed") entry.onMissed?.();
    if (outcome.kind === "enqueued") deps.taken?.(outcome);
    return outcome;
  }

  const blocked = (nodeId: string): boolean => deps.blocked?.(nodeId) === true;

  async function bring(indexUid: string, entry: LaneEntry): Promise<EnqueueOutcome> {
    if (blocked(entry.nodeId)) {
      const message = "the node has to receive earlier writes first";
      return { kind: "missed", nodeId: entry.nodeId, message, unsent: true };
    }
    return sendOnce(deps.client(entry.nodeId), indexUid, entry, deps, options);
  }

  return {
    submit(indexUid, entries) {
      refuseIfFull(entries);
      deps.entered?.(indexUid, entries);
      const outcomes = entries.map((entry) => {
        const { promise, resolve } = Promise.withResolvers<EnqueueOutcome>();
        const key = `${entry.nodeId}\n${indexUid}`;
        const lane = lanes.get(key);
        change(entry, 1);
        if (lane !== undefined) lane.push({ entry, resolve, left: promise });
        else {
          const fresh = [{ entry, resolve, left: promise }];
          lanes.set(key, fresh);
          void run(key, indexUid, fresh);
        }
        return promise;
      });
      const all = Promise.all(outcomes);
      underWay.add(all);
      void all.then(() => underWay.delete(all));
      return all;
    },

    settled: async () => void (await Promise.all(underWay)),

    async passed(nodeIds) {
      const waiting = [...lanes.values()].flatMap((lane) => lane.at(-1) ?? []);
      await Promise.all(waiting.filter(({ entry }) => nodeIds.includes(entry.nodeId)).map(({ left }) => left));
    },

    blocked,

    depth: (nodeId) => loads.get(nodeId)?.entries ?? 0,

    idle(deadlineMs) {
      if (loads.size === 0) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = deps.clock.startTimer(deadlineMs, wake);
      idlers.add(wake);
      function wake(): void {
        timer.cancel();
        idlers.delete(wake);
        resolve();
      }
      return promise;
    },
  };
}

interface Waiting {
  readonly entry: LaneEntry;
  resolve(outcome: EnqueueOutcome): void;
  readonly left: Promise<unknown>;
}

interface Load {
  entries: number;
  bytes: number;
}
