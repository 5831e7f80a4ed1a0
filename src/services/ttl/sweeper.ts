/**
 * When each index is swept, and what became of it. Of several routers each sweeps its share of the indexes. The next sweep
 * of an index waits until the nodes have carried out the last one, so that no node is given more than it can do; one that
 * failed is tried again when the next is due.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { expiredCounted, expirySettingsMissing, sweepFailed, sweepFinished } from "../../telemetry/events/ttl.ts";
import type { SweepNumbers } from "./sweep-policy.ts";
import { sweepIndex, type SweepDeps } from "./sweep-index.ts";

export interface SweeperDeps extends SweepDeps {
  readonly indexes: () => readonly IndexEntry[];
  /** Whether the index falls to this router. */
  readonly owns: (indexUid: string) => boolean;
  /** True while the index is being made, changed, renamed or removed. */
  readonly changing: (entry: IndexEntry) => boolean;
  readonly numbersOf: (entry: IndexEntry) => SweepNumbers;
  readonly taskOf: (uid: number) => Promise<Task | undefined>;
  /** Gives the nodes the settings by which they can be asked what has expired; false: not all of them have them yet. */
  readonly prepare: (indexUid: string, signal: AbortSignal) => Promise<boolean>;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly emit: Emit;
}

export interface Sweeper {
  /** What is due now; one at a time. */
  run(signal: AbortSignal): Promise<void>;
}

interface IndexState {
  readonly indexUid: string;
  /** How much was pending when it was last told. */
  told: number;
  /** When the last sweep began, and when the next is due as it was said then. */
  begunAtMs: number;
  dueAtMs: number;
  /** Not before then, whatever is due. */
  notBeforeMs: number;
  /** The deletion that the nodes have not carried out yet. */
  open: { readonly taskUid: number; readonly sinceMs: number; readonly pending: number } | null;
}

export function createSweeper(deps: SweeperDeps): Sweeper {
  const states = new Map<string, IndexState>();

  const count = (state: IndexState, pending: number): void => {
    state.told = pending;
    deps.emit(expiredCounted, { indexUid: state.indexUid, pending });
  };
  /** It has fallen to another router, which counts it now, or is gone. */
  const uncount = (state: IndexState): void => {
    if (state.told > 0) count(state, 0);
  };

  const sweep = async (entry: IndexEntry, state: IndexState, signal: AbortSignal): Promise<void> => {
    const { uid: indexUid } = entry;
    const sinceMs = deps.clock.monotonicMs();
    const { intervalMs, documentsMax } = deps.numbersOf(entry);
    state.begunAtMs = sinceMs;
    state.dueAtMs = sinceMs + intervalMs;
    const swept = await sweepIndex(deps, entry, { nowMs: deps.clock.nowMs(), documentsMax }, signal);
    if (signal.aborted) return;
    if (swept.kind === "not_prepared") {
      deps.emit(expirySettingsMissing, { indexUid });
      const isPrepared = await deps.prepare(indexUid, signal);
      state.dueAtMs = deps.clock.monotonicMs();
      state.notBeforeMs = state.dueAtMs + (isPrepared ? 0 : PREPARE_AGAIN_MS);
    } else if (swept.kind === "no_answer") {
      deps.emit(sweepFailed, { indexUid, reason: "no node answers" });
    } else if (swept.kind === "nothing") {
      count(state, swept.pending);
      deps.emit(sweepFinished, { indexUid, documents: 0, seconds: secondsSince(deps, sinceMs) });
    } else {
      count(state, swept.pending);
      state.open = { taskUid: swept.taskUid, sinceMs, pending: swept.pending };
    }
  };

  /** Looks whether the last deletion has been carried out. */
  const follow = async (indexUid: string, state: IndexState): Promise<void> => {
    if (state.open === null) return;
    const { taskUid, sinceMs, pending } = state.open;
    const task = await deps.taskOf(taskUid);
    if (task !== undefined && (task.status === "enqueued" || task.status === "processing")) return;
    state.open = null;
    if (task?.status !== "succeeded") {
      const reason = task === undefined ? "its task is gone" : (task.error?.message ?? `its task is ${task.status}`);
      deps.emit(sweepFailed, { indexUid, reason });
      return;
    }
    const deleted = task.details?.["deletedDocuments"];
    const documents = typeof deleted === "number" ? deleted : 0;
    count(state, Math.max(0, pending - documents));
    deps.emit(sweepFinished, { indexUid, documents, seconds: secondsSince(deps, sinceMs) });
  };

  return {
    async run(signal) {
      const living = new Set<string>();
      for (const entry of deps.indexes()) {
        if (signal.aborted) return;
        // Another index may have come to the name.
        const name = JSON.stringify([entry.uid, entry.createdAt]);
        living.add(name);
        const state = states.get(name) ?? newState(deps, entry);
        states.set(name, state);
        try {
          await follow(entry.uid, state);
          if (!deps.owns(entry.uid)) uncount(state);
          // The interval may have become a shorter one since.
          const dueAtMs = Math.min(state.dueAtMs, state.begunAtMs + deps.numbersOf(entry).intervalMs);
          const isDue = state.open === null && deps.clock.monotonicMs() >= Math.max(dueAtMs, state.notBeforeMs);
          if (isDue && isSweepable(deps, entry)) await sweep(entry, state, signal);
        } catch (error) {
          if (signal.aborted) return;
          // Full lanes, a quorum that was lost, a store that is away: as for any writer, whose turn comes again.
          if (!(error instanceof ApiError)) throw error;
          deps.emit(sweepFailed, { indexUid: entry.uid, reason: error.body.message });
        }
      }
      for (const [name, state] of states) {
        if (living.has(name)) continue;
        uncount(state);
        states.delete(name);
      }
    },
  };
}

function isSweepable(deps: SweeperDeps, entry: IndexEntry): boolean {
  const { state, primaryKey, frozen } = entry;
  return (
    state === "ready" && primaryKey !== null && frozen === undefined && deps.owns(entry.uid) && !deps.changing(entry)
  );
}

/** Swept soon after the start, but not before the nodes have been looked at. */
function newState({ clock, numbersOf }: SweeperDeps, entry: IndexEntry): IndexState {
  const nowMs = clock.monotonicMs();
  const dueAtMs = nowMs + Math.min(numbersOf(entry).intervalMs, FIRST_MS);
  return { indexUid: entry.uid, told: 0, begunAtMs: nowMs, dueAtMs, notBeforeMs: 0, open: null };
}

function secondsSince({ clock }: Pick<SweeperDeps, "clock">, sinceMs: number): number {
  return (clock.monotonicMs() - sinceMs) / 1_000;
}

const FIRST_MS = 5_000;
/** An engine that builds what it is asked by may take long; asked again too often it would build it again. */
const PREPARE_AGAIN_MS = 60_000;
