/** Settings as a client may see them: a node's answer without anything of Miroir's. */
import { apiError, nodeError } from "../../core/errors/api-error.ts";
import { parseExact } from "../../core/settings/exact-json.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import { settingByKey } from "../../core/settings/settings-keys.ts";
import { toClientValue, toClientView } from "../../core/settings/to-client-view.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { DOUBTED, type NodeVersions } from "../catalog/node-versions.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface ReadSettingsDeps {
  readonly catalog: Pick<Catalog, "visible" | "get">;
  readonly fleet: Pick<Fleet, "nodeIds" | "readable" | "client">;
  readonly versions: Pick<NodeVersions, "get">;
  /** `X-Miroir-Min-Settings-Version` of the request. */
  readonly minSettingsVersion?: number;
  readonly timeoutMs: number;
}

/** `single`: the key of one setting, or null for the whole object. Asks readable nodes in turn until one answers. */
export async function readSettings(
  deps: ReadSettingsDeps,
  uid: string,
  single: string | null,
  signal?: AbortSignal,
): Promise<unknown> {
  const entry = deps.catalog.visible(uid);
  const route = single === null ? "" : `/${settingByKey(single)?.route ?? ""}`;
  const request = {
    method: "GET",
    path: `/indexes/${uid}/settings${route}`,
    operation: "settings.get",
    timeoutMs: deps.timeoutMs,
    repeat: "safe",
  } as const;
  const min = deps.minSettingsVersion;
  const readable = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.readable(nodeId));
  const proven = readable.filter((nodeId) => min === undefined || (deps.versions.get(uid, nodeId) ?? DOUBTED) >= min);
  if (min !== undefined && readable.length > 0 && (proven.length === 0 || entry.settingsVersion < min)) {
    throw apiError(
      "miroir_settings_version_stale",
      `Version ${min} of the settings of index \`${uid}\` cannot be had; the newest is ${entry.settingsVersion}.`,
    );
  }
  for (const nodeId of proven) {
    const outcome = await deps.fleet.client(nodeId).send(request, signal);
    if (outcome.kind === "refused") throw nodeError(outcome.status, outcome.error);
    if (outcome.kind === "unavailable") continue;
    const value = parseExact(outcome.text);
    if (single !== null) return toClientValue(single, value, entry.settings[single]);
    return isObject(value) ? toClientView(value, entry.settings) : value;
  }
  throw apiError("miroir_node_unavailable", "No node answers that could tell the settings of this index.");
}
