/** Sending indexes to another Meilisearch. */
import { exportIndexes, type ExportDeps } from "../../services/export/export-indexes.ts";
import { jsonBody } from "../decode/json-body.ts";
import type { Route } from "../route.ts";
import { summarizedReply } from "../task-reply.ts";

export function exportRoutes(deps: ExportDeps): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/export",
      access: { kind: "action", action: "export" },
      answered: "one task of the router, which sends every index shard by shard",
      handler: async (context) => {
        const { value } = await jsonBody(context);
        return summarizedReply(await exportIndexes(deps, value, context.signal), 200);
      },
    },
  ];
}
