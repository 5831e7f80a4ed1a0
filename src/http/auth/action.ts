/** What an action in a key allows, and how an action is bound to indexes: the engine's rules as data. */

/** Does a key with these `granted` actions own `action`? */
export function grantsAction(granted: readonly string[], action: string): boolean {
  for (const one of granted) {
    if (one === action) {
      // A group named for itself is never stored by the engine: only `*` opens what asks for a whole group.
      if (!GROUPS.has(one)) return true;
    } else if (one === "*") {
      if (action !== "*.get") return true;
    } else if (one === "*.get") {
      if (READ_ACTIONS.has(action)) return true;
    } else if (GROUPS.get(one)?.has(action) === true) return true;
  }
  return false;
}

/**
 * `never`: a key that is limited to some indexes cannot use the action. `in_path`: only on a route that names the
 * index in its path. `by_handler`: also on routes without one; their handlers look at every index they touch.
 */
export type IndexScope = "never" | "in_path" | "by_handler";

export function indexScope(action: string): IndexScope {
  if (CHECKED_BY_HANDLER.has(action)) return "by_handler";
  return GLOBAL_ACTIONS.has(action) ? "never" : "in_path";
}

/** Of all actions only these may be carried out with a tenant token. */
export function allowsTenantTokens(action: string): boolean {
  return action === "search" || action === "chatCompletions";
}

/** In open mode these alone stay closed: without a master key there are no keys. */
export function isKeysAction(action: string): boolean {
  return action.startsWith("keys.");
}

const GROUPS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    "documents.*": ["documents.add", "documents.get", "documents.delete"],
    "indexes.*": [
      "indexes.create",
      "indexes.get",
      "indexes.update",
      "indexes.delete",
      "indexes.swap",
      "indexes.compact",
    ],
    "tasks.*": ["tasks.get", "tasks.cancel", "tasks.delete", "tasks.compact"],
    "settings.*": ["settings.get", "settings.update"],
    "stats.*": ["stats.get"],
    "metrics.*": ["metrics.get"],
    "dumps.*": ["dumps.create"],
    "snapshots.*": ["snapshots.create"],
    "chats.*": ["chats.get", "chats.delete"],
    "chatsSettings.*": ["chatsSettings.get", "chatsSettings.update"],
    "webhooks.*": ["webhooks.get", "webhooks.create", "webhooks.update", "webhooks.delete"],
    "dynamicSearchRules.*": [
      "dynamicSearchRules.get",
      "dynamicSearchRules.create",
      "dynamicSearchRules.update",
      "dynamicSearchRules.delete",
    ],
  }).map(([group, actions]) => [group, new Set(actions)]),
);

/** What `*.get` stands for: reading, but neither the keys nor chat completions. */
const READ_ACTIONS: ReadonlySet<string> = new Set([
  "search",
  "documents.get",
  "export",
  "indexes.get",
  "tasks.get",
  "settings.get",
  "stats.get",
  "metrics.get",
  "version",
  "experimental.get",
  "network.get",
  "chats.get",
  "chatsSettings.get",
  "webhooks.get",
  "fields.post",
  "dynamicSearchRules.get",
]);

const CHECKED_BY_HANDLER: ReadonlySet<string> = new Set([
  "search",
  "chatCompletions",
  "documents.get",
  "indexes.create",
  "indexes.get",
  "indexes.swap",
  "tasks.get",
  "tasks.cancel",
  "tasks.delete",
  "settings.get",
  "stats.get",
]);

const GLOBAL_ACTIONS: ReadonlySet<string> = new Set([
  "tasks.compact",
  "metrics.get",
  "dumps.create",
  "snapshots.create",
  "version",
  "keys.create",
  "keys.get",
  "keys.update",
  "keys.delete",
  "experimental.get",
  "experimental.update",
  "export",
  "network.get",
  "network.update",
  "chats.get",
  "chats.delete",
  "chatsSettings.get",
  "chatsSettings.update",
  "webhooks.get",
  "webhooks.create",
  "webhooks.update",
  "webhooks.delete",
  "dynamicSearchRules.get",
  "dynamicSearchRules.create",
  "dynamicSearchRules.update",
  "dynamicSearchRules.delete",
]);
