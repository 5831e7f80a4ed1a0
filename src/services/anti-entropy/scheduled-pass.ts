/**
 * The comparison of all replicas by the clock: when it is due, how far it has come, and how it leaves the nodes in peace.
 * Of several routers each compares its share of the shards, and keeps its place after every one, so that a restart goes on
 * where the last run was; what a router that is gone has left is finished by one that has just come. A shard that changes
 * hands in the middle of a pass may be left out until the next.
 */
import type { RepairStore, RepairPass } from "../../store/repair-store.ts";
import { passFinished } from "../../telemetry/events/anti-entropy.ts";
import type { TombstoneStore } from "../../store/tombstone-store.ts";
import { compareAll, type CompareAllDeps } from "./compare-all.ts";
import type { Pace } from "./replica-deps.ts";

export interface ScheduledPassDeps extends Omit<CompareAllDeps, "tombstones"> {
  readonly tombstones: Pick<TombstoneStore, "ofIndex" | "prune">;
  readonly store: Pick<RepairStore, "passes" | "savePass" | "forgetPass">;
  readonly routers: PassingRouters;
}

export interface PassingRouters {
  /** Of this router. */
  readonly name: string;
  living(): readonly string[];
  /** Whether this router is the one of the living to which this falls. */
  owns(key: string): boolean;
}

export interface ScheduledPassOptions {
  readonly periodMs: number;
  /** Shards of one pass, of all routers together; 0: all. */
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
  const passes = await deps.store.passes();
  const last = passes.get(deps.routers.name) ?? (await takeUp(deps, passes, nowMs));
  const isRunning = last.finishedAt === null;
  const dueAtMs = (last.finishedAt ?? 0) + options.periodMs;
  if (!isRunning && nowMs < dueAtMs) return Math.min(dueAtMs - nowMs, ASK_AGAIN_MAX_MS);
  await forgetDeletions(deps, options);
  if (!isRunning) for (const [router] of leftBehind(deps, passes)) await deps.store.forgetPass(router);
  const pass: RepairPass = isRunning ? last : { startedAt: nowMs, finishedAt: null, next: last.next };
  await runPass(deps, options, pass, signal);
  return Math.min(options.periodMs, ASK_AGAIN_MAX_MS);
}

/**
 * For a router that has never made a pass. It goes on with what one that is gone has left unfinished; else it keeps step
 * with the others, or counts from now: there is nothing yet that could differ.
 */
async function takeUp(
  deps: ScheduledPassDeps,
  passes: ReadonlyMap<string, RepairPass>,
  nowMs: number,
): Promise<RepairPass> {
  const unfinished = leftBehind(deps, passes).find(([, { finishedAt }]) => finishedAt === null);
  const startedAt = passes.size === 0 ? nowMs : Math.max(...[...passes.values()].map((one) => one.startedAt));
  const pass = unfinished === undefined ? { startedAt, finishedAt: startedAt, next: null } : unfinished[1];
  await deps.store.savePass(deps.routers.name, pass);
  if (unfinished !== undefined) await deps.store.forgetPass(unfinished[0]);
  return pass;
}

/** Passes of routers that do not live. */
function leftBehind(
  { routers }: Pick<ScheduledPassDeps, "routers">,
  passes: ReadonlyMap<string, RepairPass>,
): readonly (readonly [string, RepairPass])[] {
  const living = routers.living();
  return [...passes].filter(([router]) => router !== routers.name && !living.includes(router));
}

async function runPass(
  deps: ScheduledPassDeps,
  options: ScheduledPassOptions,
  pass: RepairPass,
  signal: AbortSignal,
): Promise<void> {
  const { routers } = deps;
  const save = (changed: RepairPass): Promise<void> => deps.store.savePass(routers.name, changed);
  await save(pass);
  const shardsMax = Math.ceil(options.shardsPerPass / Math.max(1, routers.living().length));
  const sum = { shards: 0, differing: 0, repaired: 0, open: 0 };
  /** Where the next pass goes on; null: this one comes to the end, also when its last shards fall to others. */
  let next: RepairPass["next"] = null;
  await compareAll(
    deps,
    {
      indexUid: null,
      from: pass.next,
      repair: options.repair,
      // Nobody waits for it: what is open is compared by the next pass.
      holds: false,
      mine: ({ indexUid, shard }) => routers.owns(`anti_entropy ${indexUid} ${shard}`),
      pace: gentlePace(deps),
      found: async ({ state, differing, repaired }, following) => {
        sum.shards += 1;
        sum.differing += differing;
        sum.repaired += repaired;
        if (state === "open") sum.open += 1;
        await save({ ...pass, next: following });
        await deps.clock.sleep(BETWEEN_SHARDS_MS, signal);
        const isEnough = shardsMax > 0 && sum.shards >= shardsMax;
        if (isEnough) next = following;
        return !isEnough;
      },
    },
    signal,
  );
  if (signal.aborted) return;
  const finishedAt = deps.clock.nowMs();
  // A pass of some shards goes on where it stopped; one that came to the end begins anew.
  await save({ startedAt: pass.startedAt, finishedAt, next });
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
