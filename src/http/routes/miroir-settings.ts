/** `/_miroir/settings…` and `/_miroir/indexes`: do the nodes have the settings that the catalog says, and the cure. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError, type ApiError } from "../../core/errors/api-error.ts";
import type { DriftCheck } from "../../services/admission/drift-check.ts";
import type { Catalog } from "../../services/catalog/catalog.ts";
import { decodeQuery, text } from "../decode/query.ts";
import { json } from "../respond.ts";
import type { RequestContext, Route } from "../route.ts";

export interface MiroirSettingsRoutesDeps {
  readonly catalog: Pick<Catalog, "list">;
  readonly drift: Pick<DriftCheck, "report" | "repair">;
  /** Takes writes to a frozen index again; false when there is no such index. */
  readonly thaw: (indexUid: string) => Promise<boolean>;
}

export function miroirSettingsRoutes(deps: MiroirSettingsRoutesDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/_miroir/indexes",
      access: { kind: "admin" },
      answered: "The catalog: every index with its shards, state and settings version.",
      handler: async () => json(200, { results: deps.catalog.list().map(indexRow) }),
    },
    {
      method: "GET",
      path: "/_miroir/settings",
      access: { kind: "admin" },
      answered:
        "For every index, or the one in `index`: the version and hash of the settings on each node, looked at now.",
      handler: async ({ query, signal }) => {
        const { index } = decodeQuery(query, { index: text });
        const uids = index === undefined ? deps.catalog.list().map(({ uid }) => uid) : [index];
        const results = [];
        for (const uid of uids) {
          const report = await deps.drift.report(uid, signal);
          if (report !== undefined) results.push(report);
          else if (index !== undefined) throw notFound(index);
        }
        return json(200, { results });
      },
    },
    {
      method: "POST",
      path: "/_miroir/settings/{indexUid}/repair",
      access: { kind: "admin" },
      answered: "Gives the catalog's settings to the nodes that differ, and says what became of it.",
      handler: async (context) => {
        const uid = uidOf(context);
        const outcome = await deps.drift.repair(uid, context.signal);
        if (outcome === undefined) throw notFound(uid);
        return json(200, { outcome, report: (await deps.drift.report(uid, context.signal)) ?? null });
      },
    },
    {
      method: "POST",
      path: "/_miroir/settings/{indexUid}/unfreeze",
      access: { kind: "admin" },
      answered: "Takes writes to the index again although its nodes may differ.",
      handler: async (context) => {
        const uid = uidOf(context);
        if (!(await deps.thaw(uid))) throw notFound(uid);
        return json(200, { index: uid, frozen: null });
      },
    },
  ];
}

function indexRow(entry: IndexEntry): object {
  return {
    uid: entry.uid,
    primary_key: entry.primaryKey,
    shards: entry.shards,
    state: entry.state,
    settings_version: entry.settingsVersion,
    frozen: entry.frozen ?? null,
  };
}

function uidOf({ params }: RequestContext): string {
  return params["indexUid"] ?? "";
}

function notFound(uid: string): ApiError {
  return apiError("index_not_found", `Index \`${uid}\` not found.`);
}
