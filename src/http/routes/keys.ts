/** API keys: read from one node, changed on all of them or on none. */
import {
  createKey,
  deleteKey,
  getKey,
  type KeyAnswer,
  type KeysDeps,
  listKeys,
  updateKey,
} from "../../services/keys/change-keys.ts";
import { jsonBody } from "../decode/json-body.ts";
import { empty, jsonText } from "../respond.ts";
import type { Reply, RequestContext, Route } from "../route.ts";

export function keysRoutes(deps: KeysDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/keys",
      access: { kind: "action", action: "keys.get" },
      answered: "from one node; all have the same keys",
      handler: async (context) => {
        const query = context.rawQuery === "" ? "" : `?${context.rawQuery}`;
        return reply(await listKeys(deps, query, context.signal));
      },
    },
    {
      method: "POST",
      path: "/keys",
      access: { kind: "action", action: "keys.create" },
      answered: "on all nodes with one uid, or on none",
      handler: async (context) => {
        const { text, value } = await jsonBody(context);
        return reply(await createKey(deps, text, value));
      },
    },
    {
      method: "GET",
      path: "/keys/{uidOrKey}",
      access: { kind: "action", action: "keys.get" },
      answered: "from one node; all have the same keys",
      handler: async (context) => reply(await getKey(deps, keyId(context), context.signal)),
    },
    {
      method: "PATCH",
      path: "/keys/{uidOrKey}",
      access: { kind: "action", action: "keys.update" },
      answered: "on all nodes or on none",
      handler: async (context) => {
        const { text } = await jsonBody(context);
        return reply(await updateKey(deps, keyId(context), text));
      },
    },
    {
      method: "DELETE",
      path: "/keys/{uidOrKey}",
      access: { kind: "action", action: "keys.delete" },
      answered: "on all nodes or on none",
      handler: async (context) => reply(await deleteKey(deps, keyId(context))),
    },
  ];
}

function keyId(context: RequestContext): string {
  return context.params["uidOrKey"] ?? "";
}

function reply(answer: KeyAnswer): Reply {
  return answer.text === "" ? empty(answer.status) : jsonText(answer.status, answer.text);
}
