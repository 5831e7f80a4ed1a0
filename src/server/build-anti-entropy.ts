/** Comparing and repairing replicas: everything that is built from the same parts, and the loops that drive it. */
import type { Config } from "../config/config.ts";
import { parsePeriodSeconds } from "../config/forms.ts";
import { antiEntropy } from "../coordinators/anti-entropy.ts";
import type { Coordinator } from "../coordinators/coordinator.ts";
import { nodeRepair } from "../coordinators/node-repair.ts";
import type { IndexEntry } from "../core/catalog/index-entry.ts";
import type { JsonObject } from "../core/settings/json-shape.ts";
import type { TaskType } from "../core/tasks/task.ts";
import type { VerifyRoutesDeps } from "../http/routes/verify.ts";
import type { Clock } from "../platform/clock.ts";
import type { InTurn } from "../platform/in-turn.ts";
import type { Random } from "../platform/random.ts";
import type { Lanes } from "../scatter/lane.ts";
import { settleSuspicion } from "../services/anti-entropy/compare-index.ts";
import { createOfSameIndex } from "../services/anti-entropy/same-index.ts";
import { createRepairProgress, createRepairReporter, repairNode } from "../services/anti-entropy/repair-node.ts";
import type { Pace } from "../services/anti-entropy/replica-deps.ts";
import { scheduledPass } from "../services/anti-entropy/scheduled-pass.ts";
import type { Suspicions } from "../services/anti-entropy/suspicions.ts";
import { createVerification } from "../services/anti-entropy/verification.ts";
import type { Catalog } from "../services/catalog/catalog.ts";
import type { NodeVersions } from "../services/catalog/node-versions.ts";
import type { WriteHolds } from "../services/documents/write-holds.ts";
import type { WriteWatch } from "../services/documents/write-watch.ts";
import type { Fleet } from "../services/fleet/fleet.ts";
import type { NodeMarks } from "../services/fleet/node-marks.ts";
import type { Hints } from "../services/hints/hints.ts";
import type { Strays } from "../services/hints/strays.ts";
import type { RepairStates } from "../services/hints/repair-states.ts";
import type { LeaseKeeper } from "../services/routers/lease-keeper.ts";
import type { Membership } from "../services/routers/membership.ts";
import type { Renames } from "../services/routers/renames.ts";
import type { Turns } from "../services/routers/turns.ts";
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import type { Store } from "../store/store.ts";
import { nodeFormOf } from "./limits.ts";
import type { Emit } from "../telemetry/event.ts";

export interface AntiEntropyParts {
  readonly config: Config;
  readonly store: Pick<Store, "repairs" | "tombstones" | "tasks">;
  readonly fleet: Fleet;
  readonly lanes: Lanes;
  readonly watch: WriteWatch;
  readonly holds: WriteHolds;
  readonly tasks: RunningTaskRegistry;
  readonly catalog: Catalog;
  readonly hints: Hints;
  readonly strays: Pick<Strays, "note">;
  readonly repairs: RepairStates;
  readonly suspicions: Suspicions;
  readonly marks: NodeMarks;
  readonly turns: Turns;
  readonly nameTurns: Pick<Turns, "run">;
  readonly renames: Pick<Renames, "watch">;
  readonly gate: Pick<InTurn<string>, "run">;
  readonly leases: Pick<LeaseKeeper, "acquire">;
  readonly membership: Pick<Membership, "name" | "living" | "owns">;
  readonly nodeVersions: Pick<NodeVersions, "get" | "doubt">;
  readonly wantedSettings: (uid: string) => JsonObject;
  /** It has the indexes and settings of the catalog. */
  readonly isPrepared: (nodeId: string) => boolean;
  readonly lacksIndex: (nodeId: string, indexUid: string) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
}

export interface BuiltAntiEntropy {
  readonly coordinators: readonly Coordinator[];
  readonly routes: VerifyRoutesDeps;
  close(): Promise<void>;
}

export function buildAntiEntropy(parts: AntiEntropyParts): BuiltAntiEntropy {
  const { config, store, fleet, tasks, catalog, hints, repairs, suspicions, marks, clock, emit } = parts;
  const { anti_entropy: options, scatter } = config;
  const accepted = new Set<string>();
  const deps = {
    fleet,
    lanes: parts.lanes,
    watch: parts.watch,
    holds: parts.holds,
    tombstones: store.tombstones,
    taskOf: (uid: number) => tasks.get(uid),
    indexesChange: ({ uid, createdAt }: IndexEntry) =>
      // Another index may have come to its name.
      catalog.get(uid)?.createdAt !== createdAt || tasks.openTasks().some(({ type }) => INDEX_CHANGES.has(type)),
    ofSameIndex: createOfSameIndex({ ...parts, createdAt: (uid) => catalog.get(uid)?.createdAt }),
    checkDisk: (nodeId: string, signal?: AbortSignal) => marks.check(nodeId, signal),
    underRepair: (nodeId: string) => repairs.state(nodeId) === "running" && !hints.pending(nodeId),
    hasLostDisk: (nodeId: string) => repairs.reason(nodeId) === "disk_lost",
    expiry: config.ttl.enabled,
    clock,
    random: parts.random,
    emit,
    limits: {
      batchSize: options.fingerprint_batch_size,
      readsMax: options.max_read_concurrency,
      readTimeoutMs: Math.max(scatter.node_timeout_ms, READ_TIMEOUT_MIN_MS),
      carryOutMaxMs: CARRY_OUT_MAX_MS,
    },
    indexes: () => catalog.all(),
    turns: parts.turns,
    nameTurns: parts.nameTurns,
    gate: parts.gate,
    taskStore: store.tasks,
    isPrepared: parts.isPrepared,
    lacksIndex: parts.lacksIndex,
    wantedSettings: parts.wantedSettings,
    form: nodeFormOf(config),
    nodeVersions: parts.nodeVersions,
    strayed: (nodeId: string) => parts.strays.note(nodeId),
    repairs,
    hints,
    suspicions,
    repairsCopies: options.auto_repair,
    progress: createRepairProgress(),
    lossAccepted: (nodeId: string) => accepted.has(nodeId),
  };
  const verification = createVerification(deps);
  const report = createRepairReporter(deps);

  /** Of several routers one repairs. */
  const repair = async (stopping: AbortSignal): Promise<boolean> => {
    if (repairs.nodeIds().length === 0 && (await suspicions.list()).length === 0) return true;
    const lease = await parts.leases.acquire("node-repair");
    if (lease === undefined) return false;
    try {
      return await repairUnderLease(AbortSignal.any([stopping, lease.signal]));
    } finally {
      await lease.release();
    }
  };
  const repairUnderLease = async (signal: AbortSignal): Promise<boolean> => {
    let isDone = true;
    for (const nodeId of repairs.nodeIds()) {
      const problem = await repairNode(deps, nodeId, AT_ONCE, signal);
      report(nodeId, problem);
      if (problem === null) accepted.delete(nodeId);
      isDone = isDone && problem === null;
    }
    for (const suspect of await suspicions.list()) {
      if (signal.aborted) return false;
      const entry = catalog.get(suspect.indexUid);
      isDone = (await settleSuspicion(deps, entry, suspect, AT_ONCE, signal)) && isDone;
    }
    return isDone;
  };

  const periodMs = (parsePeriodSeconds(options.schedule) ?? DEFAULT_PERIOD_S) * 1_000;
  const passing = { periodMs, shardsPerPass: options.shards_per_pass, repair: options.auto_repair };
  const { membership } = parts;
  const routers = {
    name: membership.name,
    living: () => membership.living().map(({ name }) => name),
    owns: (key: string) => membership.owns(key),
  };
  const flush = async (): Promise<void> => {
    await suspicions.flush();
    await marks.flush();
  };
  return {
    coordinators: [
      nodeRepair({ flush, repair }),
      ...(options.enabled
        ? [antiEntropy((signal) => scheduledPass({ ...deps, store: store.repairs, routers }, passing, signal))]
        : []),
    ],
    routes: {
      verification,
      acceptLoss: (nodeId) => {
        const isWaiting = repairs.state(nodeId) !== "none";
        if (isWaiting) accepted.add(nodeId);
        return isWaiting;
      },
    },
    close: () => verification.close(),
  };
}

const AT_ONCE: Pace = () => Promise.resolve();
const INDEX_CHANGES: ReadonlySet<TaskType> = new Set(["indexSwap", "indexUpdate", "indexDeletion", "indexCreation"]);
const READ_TIMEOUT_MIN_MS = 30_000;
/** A node that indexes for longer is compared later. */
const CARRY_OUT_MAX_MS = 300_000;
const DEFAULT_PERIOD_S = 21_600;
