/** Settings as a client may see them: a node's answer without anything of Miroir's. */
import { apiError, nodeError } from "../../core/errors/api-error.ts";
import { parseExact } from "../../core/settings/exact-json.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import { settingByKey } from "../../core/settings/settings-keys.ts";
import { toClientValue, toClientView } from "../../core/settings/to-client-view.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { OpenChanges } from "./open-changes.ts";

export interface ReadSettingsDeps {
  readonly catalog: Pick<Catalog, "visible" | "get">;
  readonly fleet: Pick<Fleet, "nodeIds" | "readable" | "client">;
  readonly changes: Pick<OpenChanges, "changing">;
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
  for (const nodeId of deps.fleet.nodeIds()) {
    if (!deps.fleet.readable(nodeId)) continue;
    const outcome = await deps.fleet.client(nodeId).send(request, signal);
    if (outcome.kind === "refused") throw nodeError(outcome.status, outcome.error);
    if (outcome.kind === "unavailable") continue;
    const value = parseExact(outcome.text);
    if (single !== null) return toClientValue(single, value, entry.settings[single]);
    return isObject(value) ? toClientView(value, entry.settings) : value;
  }
  throw apiError("miroir_node_unavailable", "No node answers that could tell the settings of this index.");
}

/** Headers of every answer that depends on the settings of an index. */
export function settingsHeaders(
  deps: Pick<ReadSettingsDeps, "catalog" | "changes">,
  uid: string,
): Readonly<Record<string, string>> {
  const version = deps.catalog.get(uid)?.settingsVersion;
  return {
    ...(version === undefined ? {} : { "x-miroir-settings-version": String(version) }),
    ...(deps.changes.changing(uid) ? { "x-miroir-settings-inconsistent": "true" } : {}),
  };
}
