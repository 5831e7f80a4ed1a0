/** The sweeper of expired documents, where `ttl.enabled`. */
import type { Config } from "../config/config.ts";
import type { Coordinator } from "../coordinators/coordinator.ts";
import { ttlSweep } from "../coordinators/ttl-sweep.ts";
import type { IndexEntry } from "../core/catalog/index-entry.ts";
import type { TaskType } from "../core/tasks/task.ts";
import type { TtlPolicyRoutesDeps } from "../http/routes/ttl-policy.ts";
import type { Clock } from "../platform/clock.ts";
import type { DriftCheck } from "../services/admission/drift-check.ts";
import type { RepairOutcome } from "../services/admission/repair-settings.ts";
import type { Catalog } from "../services/catalog/catalog.ts";
import { deleteExpired } from "../services/documents/delete-expired.ts";
import type { WriteDeps } from "../services/documents/write-deps.ts";
import type { Fleet } from "../services/fleet/fleet.ts";
import type { Membership } from "../services/routers/membership.ts";
import type { OpenChanges } from "../services/settings/open-changes.ts";
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import { changePolicy, sweepNumbers, type SweepNumbers } from "../services/ttl/sweep-policy.ts";
import { createSweeper } from "../services/ttl/sweeper.ts";

export interface TtlParts {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly fleet: Fleet;
  readonly tasks: RunningTaskRegistry;
  readonly changes: Pick<OpenChanges, "changing">;
  readonly membership: Pick<Membership, "owns">;
  readonly drift: Pick<DriftCheck, "repair">;
  readonly writing: WriteDeps;
  readonly clock: Clock;
}

export interface BuiltTtl {
  readonly coordinators: readonly Coordinator[];
  readonly routes: TtlPolicyRoutesDeps;
}

export function buildTtl(parts: TtlParts): BuiltTtl {
  const { config, catalog, fleet, tasks, writing } = parts;
  const { ttl, scatter } = config;
  const numbersOf = (entry: IndexEntry): SweepNumbers => sweepNumbers(configuredNumbers(ttl, entry.uid), entry);
  const changing = { catalog, emit: writing.emit };
  const routes: TtlPolicyRoutesDeps = {
    enabled: ttl.enabled,
    catalog,
    numbersOf,
    change: (uid, change) => changePolicy(changing, uid, change),
  };
  if (!ttl.enabled) return { coordinators: [], routes };
  const sweeper = createSweeper({
    fleet,
    lanes: writing.lanes,
    readTimeoutMs: Math.max(scatter.node_timeout_ms, READ_TIMEOUT_MIN_MS),
    remove: (entry, plan, nowMs) => deleteExpired(writing, entry, plan, nowMs),
    indexes: () => catalog.all(),
    owns: (uid) => parts.membership.owns(`ttl ${uid}`),
    changing: ({ uid, createdAt }) =>
      catalog.get(uid)?.createdAt !== createdAt ||
      parts.changes.changing(uid) ||
      tasks.openTasks().some(({ type }) => INDEX_CHANGES.has(type)),
    numbersOf,
    taskOf: (uid) => tasks.get(uid),
    prepare: async (uid, signal) => PREPARED.has(await parts.drift.repair(uid, signal)),
    clock: parts.clock,
    emit: writing.emit,
  });
  return { coordinators: [ttlSweep(sweeper)], routes };
}

export function configuredNumbers(ttl: Config["ttl"], uid: string): SweepNumbers {
  const own = Object.hasOwn(ttl.per_index_overrides, uid) ? ttl.per_index_overrides[uid] : undefined;
  return {
    intervalMs: (own?.sweep_interval_s ?? ttl.sweep_interval_s) * 1_000,
    documentsMax: own?.max_deletes_per_sweep ?? ttl.max_deletes_per_sweep,
  };
}

const PREPARED: ReadonlySet<RepairOutcome | undefined> = new Set(["in_sync", "repaired"]);
const INDEX_CHANGES: ReadonlySet<TaskType> = new Set(["indexSwap", "indexUpdate", "indexDeletion"]);
const READ_TIMEOUT_MIN_MS = 30_000;
