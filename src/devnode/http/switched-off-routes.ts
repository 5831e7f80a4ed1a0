/** Routes behind experimental features that a development node does not have: refused until switched on, and then too. */
import { featureRequired } from "../node-error.ts";
import { jsonBody } from "./request.ts";
import type { Route } from "./route.ts";
import { unsupported } from "./unsupported.ts";

/** Method, path, action, switch, what it is for, its name in the message, number of the discussion. */
const TABLE: readonly (readonly [Route["method"], string, string, string, string, string, number])[] = [
  ["GET", "/metrics", "metrics.get", "metrics", "Getting metrics", "metrics", 625],
  ["GET", "/network", "network.get", "network", "Using the /network route", "network", 805],
  ["PATCH", "/network", "network.update", "network", "Using the /network route", "network", 805],
  ["POST", "/network/control", "network.update", "network", "Using the /network/control route", "network", 805],
  [
    "GET",
    "/tasks/:task/documents",
    "tasks.get",
    "getTaskDocumentsRoute",
    "Getting the documents of an enqueued task",
    "get task documents route",
    808,
  ],
  [
    "POST",
    "/tasks/compact",
    "tasks.compact",
    "taskQueueCompactionRoute",
    "Using the /tasks/compact route",
    "task queue compaction route",
    883,
  ],
  [
    "POST",
    "/logs/stream",
    "metrics.get",
    "logsRoute",
    "Modifying logs through the `/logs/*` routes",
    "logs route",
    721,
  ],
  [
    "DELETE",
    "/logs/stream",
    "metrics.get",
    "logsRoute",
    "Modifying logs through the `/logs/*` routes",
    "logs route",
    721,
  ],
  [
    "POST",
    "/logs/stderr",
    "metrics.get",
    "logsRoute",
    "Modifying logs through the `/logs/*` routes",
    "logs route",
    721,
  ],
  [
    "POST",
    "/render-template",
    "settings.get",
    "renderRoute",
    "calling the /render-template route",
    "render_route",
    888,
  ],
  ["GET", "/chats", "chats.get", "chatCompletions", "listing the chats", "chat completions", 835],
  ["GET", "/chats/:workspace", "chats.get", "chatCompletions", "displaying a chat", "chat completions", 835],
  ["DELETE", "/chats/:workspace", "chats.delete", "chatCompletions", "deleting a chat", "chat completions", 835],
  [
    "GET",
    "/chats/:workspace/settings",
    "chatsSettings.get",
    "chatCompletions",
    "using the /chats/settings route",
    "chat completions",
    835,
  ],
  [
    "PATCH",
    "/chats/:workspace/settings",
    "chatsSettings.update",
    "chatCompletions",
    "using the /chats/settings route",
    "chat completions",
    835,
  ],
  [
    "DELETE",
    "/chats/:workspace/settings",
    "chatsSettings.update",
    "chatCompletions",
    "using the /chats/settings route",
    "chat completions",
    835,
  ],
  [
    "POST",
    "/chats/:workspace/chat/completions",
    "chatCompletions",
    "chatCompletions",
    "using the /chats chat completions route",
    "chat completions",
    835,
  ],
  [
    "POST",
    "/dynamic-search-rules",
    "dynamicSearchRules.get",
    "dynamicSearchRules",
    "Using the `/dynamic-search-rules` routes",
    "dynamic search rules",
    884,
  ],
  [
    "DELETE",
    "/dynamic-search-rules",
    "dynamicSearchRules.delete",
    "dynamicSearchRules",
    "Using the `/dynamic-search-rules` routes",
    "dynamic search rules",
    884,
  ],
  [
    "GET",
    "/dynamic-search-rules/:rule",
    "dynamicSearchRules.get",
    "dynamicSearchRules",
    "Using the `/dynamic-search-rules` routes",
    "dynamic search rules",
    884,
  ],
  [
    "PATCH",
    "/dynamic-search-rules/:rule",
    "dynamicSearchRules.update",
    "dynamicSearchRules",
    "Using the `/dynamic-search-rules` routes",
    "dynamic search rules",
    884,
  ],
  [
    "DELETE",
    "/dynamic-search-rules/:rule",
    "dynamicSearchRules.delete",
    "dynamicSearchRules",
    "Using the `/dynamic-search-rules` routes",
    "dynamic search rules",
    884,
  ],
];

export const switchedOffRoutes: readonly Route[] = TABLE.map(
  ([method, path, action, feature, purpose, name, discussion]): Route => ({
    method,
    path,
    action,
    handle: async (context) => {
      if (method !== "GET" && method !== "DELETE" && context.request.headers.has("content-type"))
        await jsonBody(context);
      if (context.node.features[feature as never] !== true) throw featureRequired(purpose, name, discussion);
      throw unsupported(path);
    },
  }),
);
