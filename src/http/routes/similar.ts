/** Documents like a given one, by GET or POST. */
import { similarQueryString } from "../../core/search/similar-request.ts";
import type { SearchDeps } from "../../services/search/search.ts";
import { similar, type SimilarInput } from "../../services/search/similar.ts";
import { jsonBody } from "../decode/json-body.ts";
import type { Reply, RequestContext, Route } from "../route.ts";
import { withMinSettings } from "../settings-reads.ts";
import { reply } from "./search.ts";

export function similarRoutes(deps: SearchDeps): readonly Route[] {
  const path = "/indexes/{indexUid}/similar";
  const access = { kind: "action", action: "search" } as const;
  return [
    {
      method: "POST",
      path,
      access,
      answered: "the owner tells the document's vectors, the nodes that cover all shards what is near them",
      async handler(context) {
        const { text, value: parameters } = await jsonBody(context);
        return answer(deps, context, {
          parameters,
          text,
          judgement: { method: "POST", path: context.path, body: text },
        });
      },
    },
    {
      method: "GET",
      path,
      access,
      answered: "as by POST; errors in the query string are judged by a node",
      async handler(context) {
        const query = context.rawQuery === "" ? "" : `?${context.rawQuery}`;
        const judgement = { method: "GET", path: context.path + query } as const;
        return answer(deps, context, { parameters: similarQueryString(context.query), text: null, judgement });
      },
    },
  ];
}

async function answer(
  deps: SearchDeps,
  context: RequestContext,
  asked: Pick<SimilarInput, "parameters" | "text" | "judgement">,
): Promise<Reply> {
  const indexUid = context.params["indexUid"] ?? "";
  const forcedFilter = context.authority.forcedFilter(indexUid);
  const result = await similar(withMinSettings(deps, context), { ...asked, indexUid, forcedFilter }, context.signal);
  return reply(context, result);
}
