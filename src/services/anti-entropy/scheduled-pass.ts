/**
 * The comparison of all replicas by the clock: when it is due, how far it has come, and how it leaves the nodes in peace.
 * Its place is kept after every shard, so that a restart goes on where the last run was.
 */
import type { RepairStore, RepairPass } from "../../store/repair-store.ts";
import { passFinished } from "../../telemetry/events/anti-entropy.ts";
import type { TombstoneStore } from "../../store/tombstone-store.ts";
import { compareAll, type CompareAllDeps } from "./compare-all.ts";
import type { Pace } from "./replica-deps.ts";

export interface ScheduledPassDeps extends Omit<CompareAllDeps, "tombstones"> {
  readonly tombstones: Pick<TombstoneStore, "ofIndex" | "prune">;
  readonly store: Pick<RepairStore, "pass" | "savePass">;
}

export interface ScheduledPassOptions {
  readonly periodMs: number;
  /** Shards of one pass; 0: all. */
  readonly shardsPerPass: number;
  readonly repair: boolean;
}

/** Runs the pass if it is due and says in how many milliseconds to ask again. */
export async function scheduledPass(
  deps: ScheduledPassDeps,
  options: ScheduledPassOptions,
  signal: AbortSignal,
): Promise<number> {
  const nowMs = deps.clock.nowMs();
  const last = await deps.store.pass();
  if (last === undefined) {
    // The first pass is due a period after the store was made: there is nothing yet that could differ.
    await deps.store.savePass({ startedAt: nowMs, finishedAt: nowMs, next: null });
    return Math.min(options.periodMs, ASK_AGAIN_MAX_MS);
  }
  const isRunning = last.finishedAt === null;
  const dueAtMs = (last.finishedAt ?? 0) + options.periodMs;
  if (!isRunning && nowMs < dueAtMs) return Math.min(dueAtMs - nowMs, ASK_AGAIN_MAX_MS);
  await forgetDeletions(deps, options);
  const pass: RepairPass = isRunning ? last : { startedAt: nowMs, finishedAt: null, next: last.next };
  await runPass(deps, options, pass, signal);
  return Math.min(options.periodMs, ASK_AGAIN_MAX_MS);
}

async function runPass(
  deps: ScheduledPassDeps,
  options: ScheduledPassOptions,
  pass: RepairPass,
  signal: AbortSignal,
): Promise<void> {
  await deps.store.savePass(pass);
  const sum = { shards: 0, differing: 0, repaired: 0, open: 0 };
  let next = pass.next;
  await compareAll(
    deps,
    {
      indexUid: null,
      from: pass.next,
      repair: options.repair,
      pace: gentlePace(deps),
      found: async ({ state, differing, repaired }, following) => {
        sum.shards += 1;
        sum.differing += differing;
        sum.repaired += repaired;
        if (state === "open") sum.open += 1;
        next = following;
        await deps.store.savePass({ ...pass, next });
        await deps.clock.sleep(BETWEEN_SHARDS_MS, signal);
        return options.shardsPerPass === 0 || sum.shards < options.shardsPerPass;
      },
    },
    signal,
  );
  if (signal.aborted) return;
  const finishedAt = deps.clock.nowMs();
  // A pass of some shards goes on where it stopped; one that came to the end begins anew.
  await deps.store.savePass({ startedAt: pass.startedAt, finishedAt, next });
  const seconds = (finishedAt - pass.startedAt) / 1_000;
  deps.emit(passFinished, { ...sum, seconds, finishedAtSeconds: finishedAt / 1_000 });
}

/** After a read of some time a node is left alone for so long that reading is a fiftieth of its time. */
function gentlePace(deps: Pick<ScheduledPassDeps, "clock">): Pace {
  return (spentMs, signal) => deps.clock.sleep(Math.min(spentMs * 49, PAUSE_MAX_MS), signal).catch(() => undefined);
}

/** Longer than two passes, so that whoever missed a deletion has been compared since. */
async function forgetDeletions(deps: ScheduledPassDeps, { periodMs }: ScheduledPassOptions): Promise<void> {
  const createdBefore = deps.clock.nowMs() - Math.max(PASSES_KEPT * periodMs, KEPT_MIN_MS);
  while ((await deps.tombstones.prune(createdBefore, PRUNED_AT_ONCE)) === PRUNED_AT_ONCE) continue;
}

const PASSES_KEPT = 3;
/** A short period must not make a node that was away for an hour revive what was deleted meanwhile. */
const KEPT_MIN_MS = 86_400_000;
const PRUNED_AT_ONCE = 500;
const BETWEEN_SHARDS_MS = 200;
const PAUSE_MAX_MS = 60_000;
const ASK_AGAIN_MAX_MS = 60_000;
