/** What every node shows of the settings of one index, beside what the catalog says. Reads only. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { type Diagnosis, diagnoseSettings } from "../../core/settings/diagnose-settings.ts";
import type { NodeForm } from "../../core/settings/node-form.ts";
import { combinedHash, settingsHashes } from "../../core/settings/settings-hashes.ts";
import type { NodeSettings } from "../../core/settings/verify-settings.ts";
import type { NodeClient } from "../../nodes/node-client.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import { readNodeSettings } from "../settings/read-node-settings.ts";

export interface CompareDeps {
  readonly nodeIds: () => readonly string[];
  readonly client: (nodeId: string) => NodeClient;
  readonly healthy: (nodeId: string) => boolean;
  readonly changing: (indexUid: string) => boolean;
  readonly versions: Pick<NodeVersions, "get">;
  readonly form: NodeForm;
  readonly timeoutMs: number;
}

export interface Comparison {
  readonly entry: IndexEntry;
  readonly answers: readonly NodeSettings[];
  /** Nodes that did not answer, or do not have the index. */
  readonly silent: readonly string[];
  readonly diagnosis: Diagnosis;
}

export async function compareSettings(deps: CompareDeps, entry: IndexEntry, signal?: AbortSignal): Promise<Comparison> {
  const reads = await Promise.all(
    deps.nodeIds().map(async (nodeId) => {
      if (!deps.healthy(nodeId)) return { nodeId, settings: null };
      return { nodeId, settings: await readNodeSettings(deps.client(nodeId), entry.uid, deps.timeoutMs, signal) };
    }),
  );
  const answers = reads.flatMap(({ nodeId, settings }) => (settings === null ? [] : [{ nodeId, settings }]));
  const silent = reads.filter(({ settings }) => settings === null).map(({ nodeId }) => nodeId);
  const diagnosis = diagnoseSettings(answers, {
    client: entry.settings,
    form: deps.form,
    meant: entry.settingsHashes,
    touched: new Set(),
    ownForms: entry.ownForms,
  });
  return { entry, answers, silent, diagnosis };
}

/** As operators see it. */
export interface IndexSettingsReport {
  readonly index: string;
  readonly settings_version: number;
  /** What all nodes have to show; null until they have been seen to agree. */
  readonly hash: string | null;
  readonly in_sync: boolean;
  /** A settings change is under way: nodes may differ for that reason. */
  readonly changing: boolean;
  /** Why writes are refused; null: they are taken. */
  readonly frozen: string | null;
  readonly nodes: readonly NodeSettingsReport[];
}

export interface NodeSettingsReport {
  readonly node: string;
  /** The newest version that it has been proven to have; null: none. */
  readonly version: number | null;
  /** null: it does not answer. */
  readonly hash: string | null;
  readonly in_sync: boolean;
  /** The settings that are not as meant. */
  readonly differs: readonly string[];
}

export function reportSettings(deps: CompareDeps, comparison: Comparison): IndexSettingsReport {
  const { entry, answers, diagnosis } = comparison;
  const nodes = deps.nodeIds().map((nodeId): NodeSettingsReport => {
    const shown = answers.find((one) => one.nodeId === nodeId);
    const version = deps.versions.get(entry.uid, nodeId) ?? null;
    const differs = diagnosis.wrong.get(nodeId) ?? [];
    return {
      node: nodeId,
      version: version === null || version < 0 ? null : version,
      hash: shown === undefined ? null : combinedHash(settingsHashes(shown.settings)),
      in_sync: shown !== undefined && differs.length === 0,
      differs,
    };
  });
  return {
    index: entry.uid,
    settings_version: entry.settingsVersion,
    hash: entry.settingsHashes === undefined ? null : combinedHash(entry.settingsHashes),
    in_sync: nodes.every((node) => node.in_sync),
    changing: deps.changing(entry.uid),
    frozen: entry.frozen ?? null,
    nodes,
  };
}
