/**
 * Makes a decided settings change true: the catalog takes it, the version rises, and the nodes that were verified are
 * noted at it. Harmless when it runs again after a crash, because the decision names the version.
 */
import { mergeSettings } from "../../core/settings/merge-settings.ts";
import type { SettingsHashes } from "../../core/settings/settings-hashes.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { settingsCommitted } from "../../telemetry/events/settings.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import type { SettingsFlowData } from "./change-settings.ts";

export interface Decision {
  readonly version: number;
  /** What all nodes show; null when a later change is among it. */
  readonly hashes: SettingsHashes | null;
  /** Nodes that have been verified. */
  readonly nodeIds: readonly string[];
  /** As in `IndexEntry`; absent: what is known of them stays. */
  readonly ownForms?: readonly string[];
}

export interface CommitDeps {
  readonly catalog: Catalog;
  readonly versions: Pick<NodeVersions, "proven">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly emit: Emit;
}

export async function commitSettings(deps: CommitDeps, data: SettingsFlowData, decision: Decision): Promise<void> {
  const { uid, patch } = data;
  const { version } = decision;
  const after = await deps.catalog.update(uid, (entry) => {
    if (entry.createdAt !== data.createdAt || entry.settingsVersion >= version) return entry;
    const { settingsHashes: before, frozen, ...rest } = entry;
    const hashes = decision.hashes ?? without(before, Object.keys(patch));
    return {
      ...rest,
      state: entry.state === "creating" && (data.created || data.prepares === true) ? "ready" : entry.state,
      settings: mergeSettings(entry.settings, patch),
      settingsVersion: version,
      updatedAt: deps.clock.nowMs(),
      ...(hashes === undefined ? {} : { settingsHashes: hashes }),
      ...(decision.ownForms === undefined ? {} : { ownForms: decision.ownForms }),
      // A change that all nodes have taken ends what froze the index.
      ...(frozen === undefined || decision.hashes !== null ? {} : { frozen }),
    };
  });
  if (after?.createdAt !== data.createdAt) return;
  if (after.settingsVersion === version) await deps.versions.proven(data, decision.nodeIds, version);
  deps.emit(settingsCommitted, { index: uid, version: after.settingsVersion });
}

function without(hashes: SettingsHashes | undefined, keys: readonly string[]): SettingsHashes | undefined {
  if (hashes === undefined) return undefined;
  return Object.fromEntries(Object.entries(hashes).filter(([key]) => !keys.includes(key)));
}
