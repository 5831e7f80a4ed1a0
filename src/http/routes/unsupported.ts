/**
 * Every route that is documented, by the engine or by us, and that this version does not serve: refused with a
 * sentence that says what to use instead. A client must never take "not built" for "not found".
 */
import { apiError } from "../../core/errors/api-error.ts";
import { behindFeature, type FeatureGateDeps } from "../feature-gate.ts";
import type { Access, Method, Route } from "../route.ts";

/** `except` holds what others serve, as `METHOD /path/{template}`; parameter names do not matter. */
export function unsupportedRoutes(except: ReadonlySet<string>, deps: FeatureGateDeps): readonly Route[] {
  const served = new Set([...except].map(anonymous));
  const routes: Route[] = [];
  for (const [methods, path, access, reason, feature] of TABLE) {
    for (const method of methods.split(" ") as Method[]) {
      if (served.has(anonymous(`${method} ${path}`))) continue;
      const route = refusal(method, path, access, reason);
      routes.push(feature === undefined ? route : { ...route, handler: behindFeature(deps, feature, route.handler) });
    }
  }
  return routes;
}

function refusal(method: Method, path: string, access: Access, reason: string): Route {
  return {
    method,
    path,
    access,
    answered: `Refused: ${reason}`,
    handler: async () => {
      throw apiError(
        "miroir_not_supported",
        `\`${method} ${path}\` is not served by this version of Miroir. ${reason}`,
      );
    },
  };
}

/** For routes whose feature the operator has switched off: 404, naming the `key` that switches it on. */
export function switchedOffRoutes(routes: readonly Route[], key: string): readonly Route[] {
  return routes.map(({ method, path, access }) => ({
    method,
    path,
    access,
    answered: `Switched off by \`${key}\`.`,
    handler: async () => {
      throw apiError("not_found", `\`${method} ${path}\` is switched off. Set \`${key}\` to switch it on.`);
    },
  }));
}

function anonymous(route: string): string {
  return route.replace(/\{[^}]*\}/g, "{}");
}

const action = (name: string): Access => ({ kind: "action", action: name });
const ADMIN: Access = { kind: "admin" };
const EXEMPT: Access = { kind: "exempt" };

const ON_EACH_NODE = "Use the route on each node, with the node's own master key.";
const NODE_FILES =
  "A node's file would hold only that node's shards. Back up every node by its own means, together with the router's store.";
const LATER_SEARCH = "It comes with the search features of a later version.";
const CHATS = "Conversations need one index in one place. Ask a single node that holds the whole index.";
const TOPOLOGY_LATER =
  "Growing and shrinking a running fleet comes with a later version. See `GET /_miroir/topology` for what is there.";
const RESHARD_LATER =
  "Changing the shard count of an index comes with a later version. Choose `shards` before the index is created.";
const ALIASES_LATER =
  "Aliases come with a later version (`aliases.enabled`). Use `POST /swap-indexes` to exchange two indexes.";
const DUMPS_LATER =
  "Importing a dump comes with a later version (`dump_import`). Send the documents to `POST /indexes/{indexUid}/documents`.";
const CHANGES_LATER = "The change stream comes with a later version (`cdc.enabled`).";
const SHADOW_LATER = "Shadow targets come with a later version (`shadow.enabled`).";
const CANARY_LATER = "Canaries come with a later version (`canary_runner.enabled`).";
const EXPLAIN_LATER = "Explaining a search comes with a later version (`explain.enabled`).";
const UI_LATER = "The search page comes with a later version (`search_ui.enabled`).";
const ADMIN_UI_LATER = "The admin page comes with a later version (`admin_ui.enabled`). Use `miroir ctl` meanwhile.";
const OPENAPI_LATER = "The description of the endpoints comes with a later version. `docs/` lists them.";

/**
 * Methods, path, who may call it, what to use instead, and the engine's switch that it is behind: while that is off,
 * the answer is a node's. The engine's part follows the engine's own list.
 */
const TABLE: readonly (readonly [string, string, Access, string, string?])[] = [
  ["GET POST", "/indexes/{indexUid}/similar", action("search"), `${LATER_SEARCH} Search with \`vector\` meanwhile.`],
  [
    "POST",
    "/tasks/compact",
    action("tasks.compact"),
    `A node has to be restarted after it. ${ON_EACH_NODE}`,
    "taskQueueCompactionRoute",
  ],
  ["POST", "/dumps", action("dumps.create"), NODE_FILES],
  ["POST", "/snapshots", action("snapshots.create"), NODE_FILES],
  [
    "POST DELETE",
    "/logs/stream",
    action("metrics.get"),
    `The router logs to its standard output. ${ON_EACH_NODE}`,
    "logsRoute",
  ],
  ["POST", "/logs/stderr", action("metrics.get"), "Set `log.level` in the router's configuration.", "logsRoute"],
  ["POST", "/chats/{workspace}/chat/completions", action("chatCompletions"), CHATS, "chatCompletions"],

  ["POST", "/_miroir/nodes", ADMIN, TOPOLOGY_LATER],
  ["DELETE", "/_miroir/nodes/{nodeId}", ADMIN, TOPOLOGY_LATER],
  ["POST", "/_miroir/nodes/{nodeId}/drain", ADMIN, TOPOLOGY_LATER],
  ["POST", "/_miroir/rebalance", ADMIN, TOPOLOGY_LATER],
  ["GET", "/_miroir/rebalance/status", ADMIN, TOPOLOGY_LATER],
  ["POST", "/_miroir/indexes/{indexUid}/reshard", ADMIN, RESHARD_LATER],
  ["GET", "/_miroir/indexes/{indexUid}/reshard/status", ADMIN, RESHARD_LATER],
  ["GET POST", "/_miroir/aliases", ADMIN, ALIASES_LATER],
  ["GET PUT DELETE", "/_miroir/aliases/{name}", ADMIN, ALIASES_LATER],
  ["POST", "/_miroir/dumps/import", ADMIN, DUMPS_LATER],
  ["GET", "/_miroir/dumps/import/{importId}/status", ADMIN, DUMPS_LATER],
  ["GET", "/_miroir/changes", ADMIN, CHANGES_LATER],
  ["GET", "/_miroir/shadow/diff", ADMIN, SHADOW_LATER],
  ["POST", "/_miroir/canaries", ADMIN, CANARY_LATER],
  ["GET", "/_miroir/canaries/status", ADMIN, CANARY_LATER],
  ["POST", "/_miroir/canaries/capture", ADMIN, CANARY_LATER],
  ["POST", "/_miroir/ui/search/{indexUid}/config", ADMIN, UI_LATER],
  ["GET", "/_miroir/ui/search/{indexUid}/session", EXEMPT, UI_LATER],
  ["POST", "/_miroir/ui/search/{indexUid}/beacon", ADMIN, UI_LATER],
  ["POST", "/_miroir/ui/search/{indexUid}/rotate-scoped-key", ADMIN, UI_LATER],
  ["GET", "/_miroir/ui/search/locale/{language}", EXEMPT, UI_LATER],
  ["GET", "/_miroir/admin", ADMIN, ADMIN_UI_LATER],
  ["POST", "/_miroir/admin/login", EXEMPT, ADMIN_UI_LATER],
  ["POST", "/_miroir/admin/logout", ADMIN, ADMIN_UI_LATER],
  ["GET", "/_miroir/openapi.json", ADMIN, OPENAPI_LATER],
  ["POST", "/indexes/{indexUid}/explain", action("search"), EXPLAIN_LATER],
  ["GET", "/ui/search/{indexUid}", EXEMPT, UI_LATER],
  ["GET", "/ui/widget.js", EXEMPT, UI_LATER],
];
