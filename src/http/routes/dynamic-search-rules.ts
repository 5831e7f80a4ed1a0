/** Dynamic search rules; behind the engine's own switch. */
import {
  changeRule,
  clearRules,
  deleteRule,
  type RuleRequest,
  type RulesDeps,
} from "../../services/search-rules/change-rules.ts";
import { listRules, readRule, type ReadRulesDeps } from "../../services/search-rules/read-rules.ts";
import { INDEX_UID } from "../../services/search/index-uid.ts";
import { jsonBody } from "../decode/json-body.ts";
import { decodeQuery, text } from "../decode/query.ts";
import { behindFeature, type FeatureGateDeps } from "../feature-gate.ts";
import { jsonText } from "../respond.ts";
import type { Method, Reply, RequestContext, Route } from "../route.ts";
import { summarizedReply } from "../task-reply.ts";

export type SearchRulesDeps = RulesDeps & ReadRulesDeps & FeatureGateDeps;

export function dynamicSearchRulesRoutes(deps: SearchRulesDeps): readonly Route[] {
  const route = (
    method: Method,
    path: string,
    what: string,
    answered: string,
    handle: (context: RequestContext) => Promise<Reply>,
  ): Route => {
    const gated = behindFeature(deps, "dynamicSearchRules", handle);
    return {
      method,
      path,
      access: { kind: "action", action: `dynamicSearchRules.${what}` },
      answered: `${answered}, while \`dynamicSearchRules\` is on`,
      handler: async (context) => refusedName(context.params["ruleUid"] ?? null) ?? gated(context),
    };
  };
  const one = "/dynamic-search-rules/{ruleUid}";
  return [
    route("POST", "/dynamic-search-rules", "get", "from one node; all have the same", async (context) => {
      const { text: body } = await jsonBody(context);
      return jsonText(200, await listRules(deps, body, context.signal));
    }),
    route("DELETE", "/dynamic-search-rules", "delete", "on every node, as one task", async (context) =>
      summarizedReply(await clearRules(deps, asked(context))),
    ),
    route("GET", one, "get", "from one node; all have the same", async (context) =>
      jsonText(200, await readRule(deps, uidOf(context), context.signal)),
    ),
    route("PATCH", one, "update", "on every node or none, as one task", async (context) => {
      const request = asked(context);
      const { text: body } = await jsonBody(context);
      return summarizedReply(await changeRule(deps, uidOf(context), body, request));
    }),
    route("DELETE", one, "delete", "on every node, as one task", async (context) =>
      summarizedReply(await deleteRule(deps, uidOf(context), asked(context))),
    ),
  ];
}

function asked(context: RequestContext): RuleRequest {
  return { customMetadata: decodeQuery(context.query, { customMetadata: text }).customMetadata ?? null };
}

function uidOf(context: RequestContext): string {
  return context.params["ruleUid"] ?? "";
}

/** The engine takes a path with such a name for none of its own, and says why in plain text. */
function refusedName(uid: string | null): Reply | null {
  if (uid === null || INDEX_UID.test(uid)) return null;
  const why = `\`${uid}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.`;
  return { status: 404, body: why, headers: { "content-type": "text/plain; charset=utf-8" } };
}
