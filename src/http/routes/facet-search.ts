/** Searching the values of a facet. */
import { facetSearch } from "../../services/search/facet-search.ts";
import type { SearchDeps } from "../../services/search/search.ts";
import { jsonBody } from "../decode/json-body.ts";
import type { Route } from "../route.ts";
import { withMinSettings } from "../settings-reads.ts";
import { reply } from "./search.ts";

export function facetSearchRoutes(deps: SearchDeps): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/indexes/{indexUid}/facet-search",
      access: { kind: "action", action: "search" },
      answered: "asked of the nodes that cover all shards; counts are added, order and cut are the engine's",
      async handler(context) {
        const { text, value } = await jsonBody(context);
        const indexUid = context.params["indexUid"] ?? "";
        const result = await facetSearch(
          withMinSettings(deps, context),
          {
            indexUid,
            parameters: value,
            judgement: { method: "POST", path: context.path, body: text },
            forcedFilter: context.authority.forcedFilter(indexUid),
          },
          context.signal,
        );
        return reply(context, result);
      },
    },
  ];
}
