/** Indexes: made, listed, changed, deleted, swapped. Whatever changes one goes to every node, as one task. */
import { apiError } from "../../core/errors/api-error.ts";
import { compactIndex } from "../../services/indexes/compact-index.ts";
import { createIndex } from "../../services/indexes/create-index.ts";
import { deleteIndex } from "../../services/indexes/delete-index.ts";
import { getIndex, listIndexes, type ListIndexesDeps } from "../../services/indexes/list-indexes.ts";
import {
  readCreateIndex,
  readSwaps,
  readUpdateIndex,
  refusedByNode,
} from "../../services/indexes/read-index-request.ts";
import { requireIndexUid } from "../../services/indexes/require-index-uid.ts";
import type { LifecycleDeps } from "../../services/indexes/lifecycle-deps.ts";
import { swapIndexes } from "../../services/indexes/swap-indexes.ts";
import { updateIndex } from "../../services/indexes/update-index.ts";
import { jsonBody } from "../decode/json-body.ts";
import { decodeQuery, unsigned } from "../decode/query.ts";
import { json } from "../respond.ts";
import type { RequestContext, Route } from "../route.ts";
import { summarizedReply } from "../task-reply.ts";

export type IndexesRoutesDeps = LifecycleDeps & Pick<ListIndexesDeps, "fleet">;

export function indexesRoutes(deps: IndexesRoutesDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/indexes",
      access: { kind: "action", action: "indexes.get" },
      answered: "from the catalog, with the nodes' newest dates; a restricted key sees its own",
      handler: async (context) => {
        const { offset = 0, limit = 20 } = decodeQuery(context.query, {
          offset: unsigned("invalid_index_offset"),
          limit: unsigned("invalid_index_limit"),
        });
        const allows = (uid: string): boolean => context.authority.allowsIndex(uid);
        return json(200, await listIndexes(deps, { offset, limit, allows }, context.signal));
      },
    },
    {
      method: "POST",
      path: "/indexes",
      access: { kind: "action", action: "indexes.create" },
      answered: "on every node with its markers, or on none",
      handler: async (context) => {
        const { text, value } = await jsonBody(context);
        const input = readCreateIndex(value);
        if (input === null) return judged(deps, context, text);
        requireIndexes(context, [input.uid]);
        return summarizedReply(await createIndex(deps, input));
      },
    },
    {
      method: "GET",
      path: "/indexes/{indexUid}",
      access: { kind: "action", action: "indexes.get" },
      answered: "from the catalog, with the nodes' newest date",
      handler: async (context) => json(200, await getIndex(deps, pathUid(context), context.signal)),
    },
    {
      method: "PATCH",
      path: "/indexes/{indexUid}",
      access: { kind: "action", action: "indexes.update" },
      answered: "primary key and name, on every node or none",
      handler: async (context) => {
        const { text, value } = await jsonBody(context);
        const input = readUpdateIndex(context.params["indexUid"] ?? "", value);
        if (input === null) return judged(deps, context, text);
        return summarizedReply(await updateIndex(deps, input));
      },
    },
    {
      method: "DELETE",
      path: "/indexes/{indexUid}",
      access: { kind: "action", action: "indexes.delete" },
      answered: "on every node; one that is lost on the way is told when it is back",
      handler: async (context) => summarizedReply(await deleteIndex(deps, pathUid(context))),
    },
    {
      method: "POST",
      path: "/indexes/{indexUid}/compact",
      access: { kind: "action", action: "indexes.compact" },
      answered: "every node rewrites its file of the index; one task",
      handler: async (context) => summarizedReply(await compactIndex(deps, pathUid(context))),
    },
    {
      method: "POST",
      path: "/swap-indexes",
      access: { kind: "action", action: "indexes.swap" },
      answered: "on every node or none; the catalog entries change places with it",
      handler: async (context) => {
        const { text, value } = await jsonBody(context);
        const swaps = readSwaps(value);
        if (swaps === null) return judged(deps, context, text);
        requireIndexes(
          context,
          swaps.flatMap((swap) => swap.indexes),
        );
        return summarizedReply(await swapIndexes(deps, swaps));
      },
    },
  ];
}

function pathUid(context: RequestContext): string {
  return requireIndexUid(context.params["indexUid"] ?? "");
}

/** The engine's answer to a key that may do this, but not to that index. */
function requireIndexes(context: RequestContext, uids: readonly string[]): void {
  if (uids.every((uid) => context.authority.allowsIndex(uid))) return;
  throw apiError("invalid_api_key", "The provided API key is invalid.");
}

function judged(deps: LifecycleDeps, context: RequestContext, text: string): Promise<never> {
  const { method, pathname } = { method: context.request.method as "POST" | "PATCH", pathname: context.path };
  return refusedByNode(deps.relay, { method, path: pathname, body: text }, context.signal);
}
