/** Chat workspaces and their settings; behind the engine's own switch. */
import { changeChats, type ChatAnswer, type ChatsDeps, readChats } from "../../services/chats/change-chats.ts";
import { jsonBody } from "../decode/json-body.ts";
import { behindFeature, type FeatureGateDeps } from "../feature-gate.ts";
import { empty, jsonText } from "../respond.ts";
import type { Method, Reply, RequestContext, Route } from "../route.ts";

export function chatsRoutes(deps: ChatsDeps & FeatureGateDeps): readonly Route[] {
  const route = (
    method: Method,
    path: string,
    action: string,
    answered: string,
    handle: (context: RequestContext) => Promise<ChatAnswer>,
  ): Route => ({
    method,
    path,
    access: { kind: "action", action },
    answered: `${answered}, while \`chatCompletions\` is on`,
    handler: behindFeature(deps, "chatCompletions", async (context) => reply(await handle(context))),
  });
  const read = (context: RequestContext): Promise<ChatAnswer> => {
    const query = context.rawQuery === "" ? "" : `?${context.rawQuery}`;
    return readChats(deps, context.path + query, context.signal);
  };
  const remove = (context: RequestContext): Promise<ChatAnswer> => changeChats(deps, "DELETE", context.path);
  const change = async (context: RequestContext): Promise<ChatAnswer> => {
    const { text } = await jsonBody(context);
    return changeChats(deps, "PATCH", context.path, text);
  };
  return [
    route("GET", "/chats", "chats.get", "from one node; all have the same", read),
    route("GET", "/chats/{workspace}", "chats.get", "from one node; all have the same", read),
    route("DELETE", "/chats/{workspace}", "chats.delete", "on all nodes or on none", remove),
    route("GET", "/chats/{workspace}/settings", "chatsSettings.get", "from one node; all have the same", read),
    route("PATCH", "/chats/{workspace}/settings", "chatsSettings.update", "on all nodes or on none", change),
    route("DELETE", "/chats/{workspace}/settings", "chatsSettings.update", "on all nodes or on none", remove),
  ];
}

function reply(answer: ChatAnswer): Reply {
  return answer.text === "" ? empty(answer.status) : jsonText(answer.status, answer.text);
}
