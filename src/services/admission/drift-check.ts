/**
 * Compares every node with the catalog now and then: somebody may have changed one behind the router's back. What is
 * wrong is put right, or only told; an index that is gone takes the node out of service until it is whole again.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { driftReported } from "../../telemetry/events/admission.ts";
import { settingsVersionKnown } from "../../telemetry/events/settings.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { compareSettings, type IndexSettingsReport, reportSettings } from "./compare-settings.ts";
import { type Finding, type InspectDeps, inspectNode } from "./inspect-node.ts";
import { describe } from "./node-admission.ts";
import { repairNode } from "./repair-node.ts";
import { checkSettings, type RepairOutcome, type RepairSettingsDeps } from "./repair-settings.ts";

export interface DriftDeps extends RepairSettingsDeps, InspectDeps {
  readonly catalog: Catalog;
  readonly wantedSettings: (indexUid: string) => Readonly<Record<string, unknown>>;
  readonly admitted: (nodeId: string) => boolean;
  /** It answers, whatever it has still to be brought. */
  readonly answers: (nodeId: string) => boolean;
  /** Of several routers only one looks at each index. */
  readonly owns: (indexUid: string) => boolean;
  /** `settings_drift_check.auto_repair`. */
  readonly autoRepair: boolean;
}

export interface DriftCheck {
  /** Every node and every index once. */
  run(signal: AbortSignal): Promise<void>;
  /** What is wrong with a node although it serves, in sentences. */
  problems(nodeId: string): readonly string[];
  /** One index, looked at now. undefined: there is no such index. */
  report(indexUid: string, signal?: AbortSignal): Promise<IndexSettingsReport | undefined>;
  /**
   * One index, put right now. undefined: there is no such index. `mending`: a node that counts although it has still to be
   * brought writes, since it had all that came before it was found to differ.
   */
  repair(indexUid: string, signal?: AbortSignal, mending?: string): Promise<RepairOutcome | undefined>;
}

export function createDriftCheck(deps: DriftDeps): DriftCheck {
  const ofNode = new Map<string, readonly string[]>();
  const ofIndex = new Map<string, ReadonlyMap<string, readonly string[]>>();
  const ready = (indexUid: string): IndexEntry | undefined => {
    const entry = deps.catalog.get(indexUid);
    return entry?.state === "ready" ? entry : undefined;
  };
  const check = async (
    entry: IndexEntry,
    repairs: boolean,
    signal?: AbortSignal,
    mending?: string,
  ): Promise<RepairOutcome> => {
    const healthy = (nodeId: string): boolean => (nodeId === mending ? deps.answers(nodeId) : deps.healthy(nodeId));
    const outcome = await checkSettings({ ...deps, healthy }, entry, repairs, signal);
    if (outcome === "in_sync" || outcome === "repaired" || outcome === "incomplete") ofIndex.delete(entry.uid);
    if (outcome === "reported" || outcome === "unrepaired") {
      ofIndex.set(entry.uid, (await compareSettings(deps, entry, signal)).diagnosis.wrong);
    }
    return outcome;
  };

  return {
    async run(signal) {
      for (const nodeId of deps.nodeIds()) {
        if (!deps.admitted(nodeId)) continue;
        const findings = await lookAtNode(deps, nodeId, signal);
        if (findings !== null) ofNode.set(nodeId, findings.map(describe));
      }
      for (const { uid, settingsVersion } of deps.catalog.list()) {
        deps.emit(settingsVersionKnown, { index: uid, version: settingsVersion });
        const entry = ready(uid);
        if (entry === undefined) ofIndex.delete(uid);
        else if (deps.owns(uid) && !deps.changing(uid) && !signal.aborted) {
          await check(entry, deps.autoRepair, signal);
        }
      }
      for (const uid of ofIndex.keys()) if (ready(uid) === undefined) ofIndex.delete(uid);
    },
    problems: (nodeId) => [
      ...(ofNode.get(nodeId) ?? []),
      ...[...ofIndex].flatMap(([indexUid, wrong]) => {
        const keys = wrong.get(nodeId);
        return keys === undefined ? [] : [describe({ kind: "settings_differ", indexUid, keys, shown: {} })];
      }),
    ],
    report: async (indexUid, signal) => {
      const entry = ready(indexUid);
      return entry === undefined ? undefined : reportSettings(deps, await compareSettings(deps, entry, signal));
    },
    repair: async (indexUid, signal, mending) => {
      const entry = ready(indexUid);
      return entry === undefined ? undefined : check(entry, true, signal, mending);
    },
  };
}

/** Which indexes it has, and by which primary key. null: it does not answer. What is left is what was not put right. */
async function lookAtNode(deps: DriftDeps, nodeId: string, signal: AbortSignal): Promise<readonly Finding[] | null> {
  const inspection = await inspectNode(deps, deps.client(nodeId), () => false, signal);
  if (inspection === null || !deps.admitted(nodeId)) return null;
  const { findings } = inspection;
  if (findings.length > 0) deps.emit(driftReported, { nodeId, findings: findings.map(describe) });
  if (findings.some(({ kind }) => kind === "index_missing")) deps.expel(nodeId);
  else if (deps.autoRepair) {
    const keys = findings.filter(({ kind, indexUid }) => kind === "primary_key_differs" && deps.owns(indexUid));
    const give = (indexUid: string, requests: Parameters<Parameters<typeof repairNode>[0]["give"]>[1]) =>
      deps.lanes.submit(
        indexUid,
        requests.map((request) => ({ nodeId, request })),
      );
    // In turn, so that the name does not come to stand for another index between the look at the catalog and the lanes.
    for (const key of keys) await deps.turns.run([key.indexUid], () => repairNode({ ...deps, give }, [key]));
  }
  return findings;
}
