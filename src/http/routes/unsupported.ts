/**
 * Every route that is documented, by the engine or by us, and that this version does not serve: refused with a
 * sentence that says what to use instead. A client must never take "not built" for "not found".
 */
import { apiError } from "../../core/errors/api-error.ts";
import type { Access, Method, Route } from "../route.ts";

/** `except` holds what others serve, as `METHOD /path/{template}`; parameter names do not matter. */
export function unsupportedRoutes(except: ReadonlySet<string>): readonly Route[] {
  const served = new Set([...except].map(anonymous));
  const routes: Route[] = [];
  for (const [methods, path, access, reason] of TABLE) {
    for (const method of methods.split(" ") as Method[]) {
      if (!served.has(anonymous(`${method} ${path}`))) routes.push(refusal(method, path, access, reason));
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
const EXPORT_BY_DOCUMENTS =
  "Read the documents with `POST /indexes/{indexUid}/documents/fetch`, page by page, instead.";
const EXPERIMENTAL =
  "Experimental features are not passed through yet. Switch them on on every node alike and only if you know that they work over shards.";
const LATER_SEARCH = "It comes with the search features of a later version.";
const CHATS = "Conversations need one index in one place. Ask a single node that holds the whole index.";
const RULES =
  "Search rules hold positions in one node's list and cannot be merged. Use `sort` or a ranking rule instead.";
const NETWORK =
  "It would set up a second way of sharding under this one. Nodes are named in the router's configuration.";
const TOPOLOGY_LATER =
  "Growing and shrinking a running fleet comes with a later version. See `GET /_miroir/topology` for what is there.";
const RESHARD_LATER =
  "Changing the shard count of an index comes with a later version. Choose `shards` before the index is created.";
const ALIASES_LATER =
  "Aliases come with a later version (`aliases.enabled`). Use `POST /swap-indexes` to exchange two indexes.";
const DUMPS_LATER =
  "Importing a dump comes with a later version (`dump_import`). Send the documents to `POST /indexes/{indexUid}/documents`.";
const CHANGES_LATER = "The change stream comes with a later version (`cdc.enabled`).";
const TTL_LATER = "Expiry comes with a later version (`ttl.enabled`). Delete by filter on a date field meanwhile.";
const SHADOW_LATER = "Shadow targets come with a later version (`shadow.enabled`).";
const CANARY_LATER = "Canaries come with a later version (`canary_runner.enabled`).";
const EXPLAIN_LATER = "Explaining a search comes with a later version (`explain.enabled`).";
const UI_LATER = "The search page comes with a later version (`search_ui.enabled`).";
const ADMIN_UI_LATER = "The admin page comes with a later version (`admin_ui.enabled`). Use `miroir ctl` meanwhile.";
const OPENAPI_LATER = "The description of the endpoints comes with a later version. `docs/` lists them.";

/** Methods, path, who may call it, what to use instead. The engine's part follows the engine's own list. */
const TABLE: readonly (readonly [string, string, Access, string])[] = [
  ["GET", "/stats", action("stats.get"), ON_EACH_NODE],
  ["GET", "/metrics", action("metrics.get"), "Use `GET /_miroir/metrics` or the metrics listener of the router."],
  ["GET", "/indexes", action("indexes.get"), ON_EACH_NODE],
  ["POST", "/indexes", action("indexes.create"), ON_EACH_NODE],
  ["GET", "/indexes/{indexUid}", action("indexes.get"), ON_EACH_NODE],
  ["PATCH", "/indexes/{indexUid}", action("indexes.update"), ON_EACH_NODE],
  ["DELETE", "/indexes/{indexUid}", action("indexes.delete"), ON_EACH_NODE],
  ["GET", "/indexes/{indexUid}/stats", action("stats.get"), ON_EACH_NODE],
  [
    "POST",
    "/indexes/{indexUid}/fields",
    action("fields.post"),
    "Use `fieldDistribution` in `GET /indexes/{indexUid}/stats`.",
  ],
  ["POST", "/indexes/{indexUid}/compact", action("indexes.compact"), ON_EACH_NODE],
  ["POST", "/swap-indexes", action("indexes.swap"), "Rename in the client meanwhile."],
  [
    "POST",
    "/indexes/{indexUid}/documents/edit",
    action("documents.*"),
    "Send the changed fields with `PUT /indexes/{indexUid}/documents` instead.",
  ],
  [
    "POST",
    "/indexes/{indexUid}/facet-search",
    action("search"),
    `${LATER_SEARCH} Ask for \`facets\` in a search meanwhile.`,
  ],
  ["GET POST", "/indexes/{indexUid}/similar", action("search"), `${LATER_SEARCH} Search with \`vector\` meanwhile.`],
  ["POST", "/multi-search", action("search"), `${LATER_SEARCH} Send the searches one by one meanwhile.`],
  [
    "GET",
    "/tasks/{taskUid}/documents",
    action("tasks.get"),
    "The payload of a task is spread over the nodes and not kept by the router.",
  ],
  ["POST", "/tasks/compact", action("tasks.compact"), `A node has to be restarted after it. ${ON_EACH_NODE}`],
  ["GET", "/batches", action("tasks.get"), "Batches are the affair of each node. Use `GET /tasks`."],
  ["GET", "/batches/{batchUid}", action("tasks.get"), "Batches are the affair of each node. Use `GET /tasks`."],
  ["POST", "/dumps", action("dumps.create"), NODE_FILES],
  ["POST", "/snapshots", action("snapshots.create"), NODE_FILES],
  ["POST", "/export", action("export"), EXPORT_BY_DOCUMENTS],
  ["GET", "/experimental-features", action("experimental.get"), EXPERIMENTAL],
  ["PATCH", "/experimental-features", action("experimental.update"), EXPERIMENTAL],
  ["GET", "/network", action("network.get"), NETWORK],
  ["PATCH", "/network", action("network.update"), NETWORK],
  ["POST", "/network/control", action("network.update"), NETWORK],
  ["POST", "/dynamic-search-rules", action("dynamicSearchRules.get"), RULES],
  ["DELETE", "/dynamic-search-rules", action("dynamicSearchRules.delete"), RULES],
  ["GET", "/dynamic-search-rules/{ruleUid}", action("dynamicSearchRules.get"), RULES],
  ["PATCH", "/dynamic-search-rules/{ruleUid}", action("dynamicSearchRules.update"), RULES],
  ["DELETE", "/dynamic-search-rules/{ruleUid}", action("dynamicSearchRules.delete"), RULES],
  ["POST DELETE", "/logs/stream", action("metrics.get"), `The router logs to its standard output. ${ON_EACH_NODE}`],
  ["POST", "/logs/stderr", action("metrics.get"), "Set `log.level` in the router's configuration."],
  ["POST", "/render-template", action("settings.get"), ON_EACH_NODE],
  ["GET", "/chats", action("chats.get"), CHATS],
  ["GET", "/chats/{workspace}", action("chats.get"), CHATS],
  ["DELETE", "/chats/{workspace}", action("chats.delete"), CHATS],
  ["GET", "/chats/{workspace}/settings", action("chatsSettings.get"), CHATS],
  ["PATCH DELETE", "/chats/{workspace}/settings", action("chatsSettings.update"), CHATS],
  ["POST", "/chats/{workspace}/chat/completions", action("chatCompletions"), CHATS],

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
  ["POST", "/_miroir/indexes/{indexUid}/ttl-policy", ADMIN, TTL_LATER],
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
