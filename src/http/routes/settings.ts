/** Settings: the whole object and one route for each of them, made from one table. */
import { parseExact } from "../../core/settings/exact-json.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import { RESET_ALL, type SettingRow, settingRows } from "../../core/settings/settings-keys.ts";
import { refusedByNode } from "../../services/indexes/read-index-request.ts";
import { requireIndexUid } from "../../services/indexes/require-index-uid.ts";
import type { Relay } from "../../services/relay/relay.ts";
import { changeSettings, type ChangeSettingsDeps } from "../../services/settings/change-settings.ts";
import { readSettings, type ReadSettingsDeps } from "../../services/settings/read-settings.ts";
import { jsonBody } from "../decode/json-body.ts";
import { json } from "../respond.ts";
import type { Reply, RequestContext, Route } from "../route.ts";
import { withMinSettings } from "../settings-reads.ts";
import { summarizedReply } from "../task-reply.ts";

export interface SettingsRoutesDeps
  extends Omit<ChangeSettingsDeps, "fleet" | "versions">, Omit<ReadSettingsDeps, "catalog" | "fleet" | "versions"> {
  readonly fleet: ChangeSettingsDeps["fleet"] & ReadSettingsDeps["fleet"];
  readonly versions: ChangeSettingsDeps["versions"] & ReadSettingsDeps["versions"];
  readonly relay: Relay;
}

export function settingsRoutes(deps: SettingsRoutesDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: WHOLE,
      access: READ,
      answered: "a node's, without the markers and with the client's own limits",
      handler: (context) => read(deps, context, null),
    },
    {
      method: "PATCH",
      path: WHOLE,
      access: WRITE,
      answered: "on every node, verified, then committed; taken back if one refuses",
      handler: async (context) => {
        const { text } = await jsonBody(context);
        const patch = parseExact(text);
        if (!isObject(patch)) {
          return refusedByNode(deps.relay, { method: "PATCH", path: context.path, body: text }, context.signal);
        }
        return change(deps, context, { patch, single: null, reset: false });
      },
    },
    {
      method: "DELETE",
      path: WHOLE,
      access: WRITE,
      answered: "as a change of all settings to their defaults; the markers stay",
      handler: (context) => change(deps, context, { patch: RESET_ALL, single: null, reset: true }),
    },
    ...settingRows.flatMap((row) => singleRoutes(deps, row)),
  ];
}

const WHOLE = "/indexes/{indexUid}/settings";
const READ = { kind: "action", action: "settings.get" } as const;
const WRITE = { kind: "action", action: "settings.update" } as const;

function singleRoutes(deps: SettingsRoutesDeps, row: SettingRow): readonly Route[] {
  const path = `${WHOLE}/${row.route}`;
  return [
    {
      method: "GET",
      path,
      access: READ,
      answered: "as the whole object, one setting of it",
      handler: (context) => read(deps, context, row.key),
    },
    {
      method: row.change === "merge" ? "PATCH" : "PUT",
      path,
      access: WRITE,
      answered: "as the whole object, one setting of it",
      handler: async (context) => {
        const { text } = await jsonBody(context);
        return change(deps, context, { patch: { [row.key]: parseExact(text) }, single: row.key, reset: false });
      },
    },
    {
      method: "DELETE",
      path,
      access: WRITE,
      answered: "as the whole object, one setting of it",
      handler: (context) => change(deps, context, { patch: { [row.key]: null }, single: row.key, reset: true }),
    },
  ];
}

async function read(deps: SettingsRoutesDeps, context: RequestContext, single: string | null): Promise<Reply> {
  const uid = requireIndexUid(context.params["indexUid"] ?? "");
  return json(200, await readSettings(withMinSettings(deps, context), uid, single, context.signal));
}

async function change(
  deps: SettingsRoutesDeps,
  context: RequestContext,
  input: { readonly patch: Readonly<Record<string, unknown>>; readonly single: string | null; readonly reset: boolean },
): Promise<Reply> {
  const uid = requireIndexUid(context.params["indexUid"] ?? "");
  const mayCreate = !input.reset && context.authority.allowsAction("indexes.create");
  return summarizedReply(await changeSettings(deps, { uid, patch: input.patch, single: input.single, mayCreate }));
}
