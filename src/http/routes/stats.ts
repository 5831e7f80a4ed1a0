/** Statistics of the fleet and of an index, and the fields of an index. */
import { apiError } from "../../core/errors/api-error.ts";
import { requireIndexUid } from "../../services/indexes/require-index-uid.ts";
import { fleetStats } from "../../services/stats/fleet-stats.ts";
import { indexStats, type StatsDeps } from "../../services/stats/index-stats.ts";
import { listFields } from "../../services/stats/list-fields.ts";
import { showFleetStats, showIndexStats, type StatsView } from "../../services/stats/show-stats.ts";
import { jsonBody } from "../decode/json-body.ts";
import { didYouMean } from "../decode/did-you-mean.ts";
import { bool, decodeQuery, type QueryParameter } from "../decode/query.ts";
import { json } from "../respond.ts";
import type { RequestContext, Route } from "../route.ts";

export function statsRoutes(deps: StatsDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/stats",
      access: { kind: "action", action: "stats.get" },
      answered: "sizes of one copy, documents counted once per shard",
      handler: async (context) => {
        const view = viewOf(context);
        const allows = (uid: string): boolean => context.authority.allowsIndex(uid);
        const { stats, missingShards } = await fleetStats(deps, allows, context.signal);
        return json(200, showFleetStats(stats, view), degraded(missingShards));
      },
    },
    {
      method: "GET",
      path: "/indexes/{indexUid}/stats",
      access: { kind: "action", action: "stats.get" },
      answered: "documents counted once per shard, markers left out",
      handler: async (context) => {
        const uid = requireIndexUid(context.params["indexUid"] ?? "");
        const view = viewOf(context);
        const { stats, missingShards } = await indexStats(deps, uid, context.signal);
        return json(200, showIndexStats(stats, view), degraded(missingShards));
      },
    },
    {
      method: "POST",
      path: "/indexes/{indexUid}/fields",
      access: { kind: "action", action: "fields.post" },
      answered: "the union of the nodes' fields, markers left out",
      handler: async (context) => {
        const { text, value } = await jsonBody(context);
        return json(200, await listFields(deps, context.params["indexUid"] ?? "", text, value, context.signal));
      },
    },
  ];
}

const sizeFormat: QueryParameter<"human" | "raw"> = {
  parse: (value, name) => {
    if (value === "human" || value === "raw") return value;
    throw apiError(
      "invalid_stats_size_format",
      `Unknown value \`${value}\` for parameter \`${name}\`: ${didYouMean(value, ["human", "raw"])}expected one of \`human\`, \`raw\``,
    );
  },
};

function viewOf(context: RequestContext): StatsView {
  const query = decodeQuery(context.query, {
    showInternalDatabaseSizes: bool("invalid_stats_show_internal_database_sizes"),
    sizeFormat,
  });
  return { human: query.sizeFormat === "human", internalSizes: query.showInternalDatabaseSizes ?? false };
}

function degraded(missingShards: readonly number[]): Readonly<Record<string, string>> {
  return missingShards.length === 0 ? {} : { "X-Miroir-Degraded": `shards=${missingShards.join(",")}` };
}
