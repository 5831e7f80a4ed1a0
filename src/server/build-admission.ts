/** Puts together what decides whether a node may serve, and what looks for nodes that were changed by others. */
import type { Config } from "../config/config.ts";
import type { Coordinator } from "../coordinators/coordinator.ts";
import { catalogSettle } from "../coordinators/catalog-settle.ts";
import { endedChanges } from "../coordinators/ended-changes.ts";
import { driftCheck } from "../coordinators/drift-check.ts";
import { nodeAdmission } from "../coordinators/node-admission.ts";
import { passOver } from "../coordinators/pass-over.ts";
import type { MiroirSettingsRoutesDeps } from "../http/routes/miroir-settings.ts";
import type { Clock } from "../platform/clock.ts";
import type { Lanes } from "../scatter/lane.ts";
import { createDriftCheck, type DriftCheck } from "../services/admission/drift-check.ts";
import { type AdmissionDeps, createNodeAdmission, type NodeAdmission } from "../services/admission/node-admission.ts";
import { openRenamings, renamingIndexes } from "../services/admission/renaming-indexes.ts";
import { thaw } from "../services/admission/thaw.ts";
import type { MissedWrites } from "../services/broadcast/missed-writes.ts";
import type { Catalog } from "../services/catalog/catalog.ts";
import type { NodeVersions } from "../services/catalog/node-versions.ts";
import type { ManagedFleet } from "../services/fleet/create-fleet.ts";
import type { NodeFacts } from "../services/fleet/node-facts.ts";
import type { Hints } from "../services/hints/hints.ts";
import type { Strays } from "../services/hints/strays.ts";
import { CREATE_INDEX } from "../services/indexes/create-index.ts";
import { DELETE_INDEX } from "../services/indexes/delete-index.ts";
import { unsettledNodes } from "../services/indexes/settle-names.ts";
import { SWAP_INDEXES } from "../services/indexes/swap-data.ts";
import { UPDATE_INDEX } from "../services/indexes/update-index.ts";
import type { Membership } from "../services/routers/membership.ts";
import type { Turns } from "../services/routers/turns.ts";
import { type OpenChanges, SETTINGS_FLOW } from "../services/settings/open-changes.ts";
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import type { TaskStore } from "../store/task-store.ts";
import type { Emit } from "../telemetry/event.ts";

export interface AdmissionParts extends Pick<AdmissionDeps, "hints" | "timeoutMs" | "form"> {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly versions: NodeVersions;
  readonly fleet: ManagedFleet;
  readonly lanes: Lanes;
  readonly turns: Pick<Turns, "run">;
  readonly taskStore: Pick<TaskStore, "list">;
  readonly tasks: Pick<RunningTaskRegistry, "openTasks" | "passOver">;
  readonly changes: Pick<OpenChanges, "changing" | "wanted" | "all" | "remove">;
  readonly facts: Pick<NodeFacts, "aligned" | "refresh">;
  readonly strays: Pick<Strays, "note">;
  /** Of several routers only one looks at each index. */
  readonly membership: Pick<Membership, "owns">;
  readonly clock: Clock;
  readonly emit: Emit;
}

export interface Admission {
  readonly admission: NodeAdmission;
  readonly drift: DriftCheck;
  readonly coordinators: readonly Coordinator[];
  readonly routes: MiroirSettingsRoutesDeps;
  /** A node that should have the index says that it does not. */
  lacksIndex(nodeId: string, indexUid: string): void;
}

export function buildAdmission({
  config,
  fleet,
  changes,
  facts,
  tasks,
  taskStore,
  ...parts
}: AdmissionParts): Admission {
  const { catalog, emit } = parts;
  const look = {
    ...parts,
    owns: (uid: string) => parts.membership.owns(uid),
    nodeIds: () => fleet.nodeIds(),
    healthy: (nodeId: string) => fleet.healthy(nodeId),
    client: (nodeId: string) => fleet.client(nodeId),
    changing: (uid: string) => changes.changing(uid),
    renaming: async () => renamingIndexes(await openRenamings(taskStore)),
    wantedSettings: (uid: string) => changes.wanted(uid),
  };
  const admission = createNodeAdmission({
    ...look,
    // What cannot be compared now is compared when the node has been repaired once more.
    compareAll: (uid, nodeId) => void drift.repair(uid, undefined, nodeId).catch(() => undefined),
    // With the turn on an index comes the knowledge of what other routers have under way.
    confirmSettled: (uid) => parts.turns.run([uid], async () => !changes.changing(uid)),
    unsettled: async () => unsettledNodes(await openRenamings(taskStore)),
    lanesPassed: (nodeId) => parts.lanes.passed([nodeId]),
    strayed: (nodeId) => parts.strays.note(nodeId),
    alignKeys: async (nodeId, signal) => {
      if (!facts.aligned(nodeId)) await facts.refresh(signal);
      return facts.aligned(nodeId);
    },
  });
  const { interval_s: intervalS, auto_repair: autoRepair } = config.settings_drift_check;
  const drift = createDriftCheck({
    ...look,
    autoRepair,
    // What is still kept for a node comes before anything can be seen there: it counts as silent until then.
    healthy: (nodeId) => fleet.healthy(nodeId) && !parts.hints.behind(nodeId),
    admitted: (nodeId) => admission.admitted(nodeId),
    answers: (nodeId) => fleet.healthy(nodeId),
    expel: (nodeId) => admission.expel(nodeId),
  });
  const passing = {
    ...look,
    tasks,
    flowKinds: new Set([CREATE_INDEX, UPDATE_INDEX, DELETE_INDEX, SWAP_INDEXES, SETTINGS_FLOW]),
    patienceMs: config.settings_broadcast.verify_timeout_s * 1_000,
  };
  return {
    admission,
    drift,
    coordinators: [
      nodeAdmission(admission),
      driftCheck(drift, intervalS * 1_000),
      passOver(passing),
      endedChanges({ changes, taskStore }),
      catalogSettle(catalog),
    ],
    lacksIndex: (nodeId, uid) => {
      const isReady = catalog.get(uid)?.state === "ready";
      if (isReady && !renamingIndexes(tasks.openTasks()).has(uid)) admission.expel(nodeId);
    },
    routes: { catalog, drift, thaw: (uid) => thaw({ catalog, emit }, uid) },
  };
}

/** Writes that a node does not get now, because it has, or may have, to get others first or is not as the catalog says. */
export function missedWrites(hints: Hints, strays: Strays, closed: (nodeId: string) => boolean): MissedWrites {
  return {
    pending: (nodeId) => hints.pending(nodeId) || strays.pending(nodeId) || closed(nodeId),
    place: (nodeId) => hints.place(nodeId),
  };
}

/** `settings_broadcast` as the parts take it. */
export function settingsLimits({ settings_broadcast: keys }: Config) {
  return {
    strategy: keys.strategy,
    repairsMax: keys.max_repair_retries,
    verifyTimeoutMs: keys.verify_timeout_s * 1_000,
    freezes: keys.freeze_writes_on_unrepairable,
  };
}
