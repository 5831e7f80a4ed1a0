/** Searching: one index by GET or POST, and several searches in one request. */
import { apiError } from "../../core/errors/api-error.ts";
import { BY_DETAILS, isMergeStrategy, MERGE_STRATEGIES } from "../../core/merge/ranking.ts";
import { isObject } from "../../core/settings/json-shape.ts";
import { searchQueryString } from "../../core/search/search-query-string.ts";
import { multiSearch } from "../../services/search/multi-search.ts";
import { search, type SearchDeps, type SearchInput } from "../../services/search/search.ts";
import { jsonBody } from "../decode/json-body.ts";
import { jsonText } from "../respond.ts";
import type { Reply, RequestContext, Route } from "../route.ts";
import { answerWithSettings, withMinSettings } from "../settings-reads.ts";
import { switchedOffRoutes } from "./unsupported.ts";

export function searchRoutes(deps: SearchDeps): readonly Route[] {
  const access = { kind: "action", action: "search" } as const;
  const multi = multiSearchRoute(deps);
  return [
    {
      method: "POST",
      path: "/indexes/{indexUid}/search",
      access,
      answered: "asked of the nodes that cover all shards, merged exactly",
      async handler(context) {
        const { text, value } = await jsonBody(context);
        return one(deps, context, value, { method: "POST", path: context.path, body: text });
      },
    },
    {
      method: "GET",
      path: "/indexes/{indexUid}/search",
      access,
      answered: "converted to the POST form; errors in the query string are judged by a node",
      async handler(context) {
        const query = context.rawQuery === "" ? "" : `?${context.rawQuery}`;
        const parameters = searchQueryString(context.query);
        return one(deps, context, parameters, { method: "GET", path: context.path + query });
      },
    },
    ...(deps.multi?.enabled === false ? switchedOffRoutes([multi], "multi_search.enabled") : [multi]),
  ];
}

function multiSearchRoute(deps: SearchDeps): Route {
  return {
    method: "POST",
    path: "/multi-search",
    access: { kind: "action", action: "search" },
    answered:
      "every query planned and merged on its own, all at once; federated by the engine's rule over the merged lists",
    async handler(context) {
      const asked = withStrategy(deps, context);
      const { text, value } = await jsonBody(context);
      const input = {
        body: value,
        judgement: { method: "POST", path: "/multi-search", body: text },
        authority: context.authority,
        includeMetadata: includesMetadata(context),
      } as const;
      const headersOf = (uids: readonly string[]) => deps.settingsState?.headers(uids) ?? {};
      return answerWithSettings(headersOf, indexesIn(value), async () =>
        reply(context, await multiSearch(asked, input, context.signal)),
      );
    },
  };
}

async function one(
  deps: SearchDeps,
  context: RequestContext,
  parameters: unknown,
  judgement: SearchInput["judgement"],
): Promise<Reply> {
  const asked = withStrategy(deps, context);
  const indexUid = context.params["indexUid"] ?? "";
  const forcedFilter = context.authority.forcedFilter(indexUid);
  const includeMetadata = includesMetadata(context);
  const input = { indexUid, parameters, judgement, forcedFilter, includeMetadata };
  const result = await search(asked, input, context.signal);
  return reply(context, result);
}

/** A partial answer says so, and which shards it lacks. */
export function reply(
  context: RequestContext,
  result: { readonly text: string; readonly missingShards: readonly number[]; readonly nodesAsked: number },
): Reply {
  const degraded = result.missingShards.length > 0;
  context.note({ node_count: result.nodesAsked, ...(degraded ? { degraded: true } : {}) });
  if (!degraded) return jsonText(200, result.text);
  return jsonText(200, result.text, { "X-Miroir-Degraded": `shards=${result.missingShards.join(",")}` });
}

/** Of a multi-search; whatever is no name of an index has been refused. */
function indexesIn(body: unknown): readonly string[] {
  const queries = isObject(body) && Array.isArray(body["queries"]) ? (body["queries"] as readonly unknown[]) : [];
  const names = queries.map((query) => (isObject(query) ? query["indexUid"] : null));
  return [...new Set(names.filter((name) => typeof name === "string"))];
}

function includesMetadata(context: RequestContext): boolean {
  const value = context.request.headers.get("meili-include-metadata")?.toLowerCase();
  return value === "true" || value === "1";
}

/** The strategy that the request names, for all its searches. */
function withStrategy(given: SearchDeps, context: RequestContext): SearchDeps {
  const deps = withMinSettings(given, context);
  const strategy = context.request.headers.get("x-miroir-merge-strategy");
  if (strategy === null) return deps;
  if (!isMergeStrategy(strategy)) {
    throw apiError(
      "miroir_invalid_header",
      `\`X-Miroir-Merge-Strategy\` must be one of ${MERGE_STRATEGIES.join(", ")}, and not \`${strategy}\`.`,
    );
  }
  return { ...deps, ranking: { ...(deps.ranking ?? BY_DETAILS), strategy } };
}
