/** A settings change as the nodes get it: the same route and verb as the client's, so that errors read alike. */
import type { ErrorBody } from "../../core/errors/api-error.ts";
import { FILTERABLE_MARKERS, type NodeForm } from "../../core/settings/node-form.ts";
import { type SettingRow, settingByKey } from "../../core/settings/settings-keys.ts";
import { initialNodeSettings, toNodePatch } from "../../core/settings/to-node-patch.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import { restoreSettings } from "../../core/settings/restore-settings.ts";
import type { NodeTaskRole } from "../../core/tasks/task.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { Order } from "../broadcast/broadcast.ts";
import { ENQUEUE_TIMEOUT_MS } from "../broadcast/create-order.ts";

export interface SettingsPatch {
  readonly patch: JsonObject;
  /** The client's view that it is applied to. */
  readonly before: JsonObject;
  /** The one setting whose sub-route the client used; null for the whole object. */
  readonly single: string | null;
}

export function settingsRequest(uid: string, change: SettingsPatch, form: NodeForm): NodeRequest {
  const { patch, before, single } = change;
  const node = toNodePatch(patch, before, form);
  const row = single === null ? undefined : settingByKey(single);
  if (row === undefined) return request("PATCH", `/indexes/${uid}/settings`, node);
  return singleRequest(`/indexes/${uid}/settings/${row.route}`, row, node[row.key]);
}

/** Every setting the client has set and all markers, whatever a node has now. */
export function initialSettingsOrder(uid: string, client: JsonObject, role: NodeTaskRole, form: NodeForm): Order {
  return patchOrder(uid, initialNodeSettings(client, form), role);
}

/** `patch` in the nodes' form. */
export function patchOrder(uid: string, patch: JsonObject, role: NodeTaskRole): Order {
  return { request: request("PATCH", `/indexes/${uid}/settings`, patch), role };
}

/** Takes back an index that a settings change has made. */
export function deleteOrder(uid: string): Order {
  const deletion = request("DELETE", `/indexes/${uid}`);
  return { request: { ...deletion, operation: "indexes.delete" }, role: "undo", tolerated: ["index_not_found"] };
}

/** Takes back what `patch` did to a node, leaving what `wanted` says. */
export function restoreOrder(uid: string, patch: JsonObject, wanted: JsonObject, form: NodeForm): Order {
  const node = toNodePatch(restoreSettings(patch, wanted), {}, form);
  return { ...patchOrder(uid, node, "undo"), tolerated: ["index_not_found"] };
}

/** Takes back what `patch` did to a node of an index that it has made; the index stays, also where it was not made yet. */
export function emptiedOrder(uid: string, patch: JsonObject, wanted: JsonObject, form: NodeForm): Order {
  const restored = toNodePatch(restoreSettings(patch, wanted), {}, form);
  return patchOrder(uid, { ...initialNodeSettings(wanted, form), ...restored }, "undo");
}

/**
 * A node's words about a settings change, for the client: the elements that Miroir puts before the client's
 * filterable attributes are not counted.
 */
export function clientSettingsError(error: ErrorBody): ErrorBody {
  if (error.code !== "invalid_settings_filterable_attributes") return error;
  return {
    ...error,
    message: error.message.replace(
      /`(\.filterableAttributes)?\[(\d+)\]/,
      (_all, path: string | undefined, place: string) =>
        `\`${path ?? ""}[${Math.max(0, Number(place) - FILTERABLE_MARKERS.length)}]`,
    ),
  };
}

function singleRequest(path: string, row: SettingRow, value: unknown): NodeRequest {
  if (value === null) return request("DELETE", path);
  return request(row.change === "merge" ? "PATCH" : "PUT", path, value);
}

function request(method: NodeRequest["method"], path: string, body?: unknown): NodeRequest {
  return {
    method,
    path,
    operation: "settings.update",
    timeoutMs: ENQUEUE_TIMEOUT_MS,
    repeat: "once",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}
