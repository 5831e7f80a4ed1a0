/** API keys. */
import type { ApiKey } from "../keys/key-store.ts";
import { NodeError } from "../node-error.ts";
import { timestamp } from "../tasks/task.ts";
import {
  integerParameter,
  isIndexUid,
  jsonBody,
  queryParameters,
  type NodeReply,
  type NodeRequestContext,
} from "./request.ts";
import type { Route } from "./route.ts";
import { arrayOf, checkFields, missingField, object, string, type Check, type Fields } from "./validate.ts";

export const keyRoutes: readonly Route[] = [
  { method: "GET", path: "/keys", action: "keys.get", handle: list },
  { method: "POST", path: "/keys", action: "keys.create", handle: create },
  {
    method: "GET",
    path: "/keys/:key",
    action: "keys.get",
    handle: (context) => ({ status: 200, body: context.node.keyStore.view(named(context)) }),
  },
  { method: "PATCH", path: "/keys/:key", action: "keys.update", handle: update },
  { method: "DELETE", path: "/keys/:key", action: "keys.delete", handle: remove },
];

/** In the order in which error messages list them. */
const ACTIONS: readonly string[] = [
  "*",
  "search",
  "documents.*",
  "documents.add",
  "documents.get",
  "documents.delete",
  "indexes.*",
  "indexes.create",
  "indexes.get",
  "indexes.update",
  "indexes.delete",
  "indexes.swap",
  "tasks.*",
  "tasks.cancel",
  "tasks.delete",
  "tasks.get",
  "settings.*",
  "settings.get",
  "settings.update",
  "stats.*",
  "stats.get",
  "metrics.*",
  "metrics.get",
  "dumps.*",
  "dumps.create",
  "snapshots.*",
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
  "chatCompletions",
  "chats.*",
  "chats.get",
  "chats.delete",
  "chatsSettings.*",
  "chatsSettings.get",
  "chatsSettings.update",
  "*.get",
  "webhooks.get",
  "webhooks.update",
  "webhooks.delete",
  "webhooks.create",
  "webhooks.*",
  "indexes.compact",
  "fields.post",
  "tasks.compact",
  "dynamicSearchRules.get",
  "dynamicSearchRules.create",
  "dynamicSearchRules.update",
  "dynamicSearchRules.delete",
  "dynamicSearchRules.*",
];

function list(context: NodeRequestContext): NodeReply {
  const parameters = queryParameters(context, ["offset", "limit"]);
  const offset = integerParameter(parameters, "offset", 0, "invalid_api_key_offset");
  const limit = integerParameter(parameters, "limit", 20, "invalid_api_key_limit");
  const keys = context.node.keyStore.keys.toReversed();
  const results = keys.slice(offset, offset + limit).map((key) => context.node.keyStore.view(key));
  return { status: 200, body: { results, offset, limit, total: keys.length } };
}

const action: Check<string> = (value, path, code) => {
  const name = string(value, path, code);
  if (ACTIONS.includes(name)) return name;
  const known = ACTIONS.map((item) => `\`${item}\``).join(", ");
  throw new NodeError(code, `Unknown value \`${name}\` at \`${path}\`: expected one of ${known}`);
};

const indexPattern: Check<string> = (value, path, code) => {
  const pattern = string(value, path, code);
  if (pattern === "*" || isIndexUid(pattern.endsWith("*") ? pattern.slice(0, -1) : pattern)) return pattern;
  throw new NodeError(
    code,
    `Invalid value at \`${path}\`: \`${pattern}\` is not a valid index uid pattern. Index uid patterns can be an integer or a string containing only alphanumeric characters, hyphens (-), underscores (_), and optionally end with a star (*).`,
  );
};

const uuid: Check<string> = (value, path, code) => {
  const text = string(value, path, code);
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new NodeError(code, `Invalid value at \`${path}\`: ${uuidFault(text)}`);
};

function uuidFault(text: string): string {
  const at = text.search(/[^0-9a-f-]/i);
  if (at !== -1) return `invalid character: found \`${text[at] ?? ""}\` at ${at}`;
  return `invalid length: expected length 32 for simple format, found ${text.length}`;
}

const expiry: Check<string> = (value, path, code) => {
  const text = string(value, path, code);
  const form = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?)?$/i.exec(text);
  const at = form === null ? NaN : Date.parse(`${form[1] ?? ""}T${form[2] ?? "00:00:00"}${form[3] ?? "Z"}`);
  if (at > Date.now()) return new Date(at).toISOString().replace(".000Z", "Z");
  throw new NodeError(
    code,
    `Invalid value at \`${path}\`: \`${text}\` is not a valid date. It should follow the RFC 3339 format to represents a date or datetime in the future or specified as a null value. e.g. 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'.\n`,
  );
};

const CREATE_FIELDS = {
  description: { check: string, code: "invalid_api_key_description" },
  name: { check: string, code: "invalid_api_key_name" },
  uid: { check: uuid, code: "invalid_api_key_uid" },
  actions: { check: arrayOf(action), code: "invalid_api_key_actions" },
  indexes: { check: arrayOf(indexPattern), code: "invalid_api_key_indexes" },
  expiresAt: { check: expiry, code: "invalid_api_key_expires_at" },
};

async function create(context: NodeRequestContext): Promise<NodeReply> {
  const body = object(await jsonBody(context), "", "bad_request");
  const checked = checkFields(body, CREATE_FIELDS);
  for (const [field, code] of [
    ["actions", "missing_api_key_actions"],
    ["indexes", "missing_api_key_indexes"],
  ] as const) {
    if (checked[field] === undefined) throw missingField(field, "", code);
  }
  if (!("expiresAt" in body)) throw missingField("expiresAt", "", "missing_api_key_expires_at");
  checkScope(checked["actions"] as string[], checked["indexes"] as string[]);
  const now = timestamp();
  const key: ApiKey = {
    name: (checked["name"] as string | undefined) ?? null,
    description: (checked["description"] as string | undefined) ?? null,
    uid: (checked["uid"] as string | undefined) ?? crypto.randomUUID(),
    actions: checked["actions"] as string[],
    indexes: checked["indexes"] as string[],
    expiresAt: (checked["expiresAt"] as string | undefined) ?? null,
    createdAt: now,
    updatedAt: now,
  };
  context.node.keyStore.add(key);
  return { status: 201, body: context.node.keyStore.view(key) };
}

/** Actions that concern the node as a whole cannot be given for some indexes only. */
function checkScope(actions: readonly string[], indexes: readonly string[]): void {
  if (indexes.length === 0 || indexes.includes("*")) return;
  const global = actions.find((name) => GLOBAL_ACTIONS.test(name));
  if (global === undefined) return;
  throw new NodeError(
    "index_scoped_api_key_with_global_action",
    `cannot create index-scoped API key with global action \`"${global}"\`\n  - Hint: remove action \`"${global}"\` from the action list, or remove \`indexes\` to make the key global`,
  );
}

const GLOBAL_ACTIONS =
  /^(?:metrics|dumps|snapshots|keys|experimental|network|chats|chatsSettings|webhooks|dynamicSearchRules)\.|^(?:version|export|tasks\.compact)$/;

async function update(context: NodeRequestContext): Promise<NodeReply> {
  const body = object(await jsonBody(context), "", "bad_request");
  for (const field of ["uid", "actions", "indexes", "expiresAt", "createdAt", "updatedAt", "key"]) {
    if (field in body) {
      const words = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      throw new NodeError(
        `immutable_api_key_${words}`,
        `Immutable field \`${field}\`: expected one of \`description\`, \`name\``,
      );
    }
  }
  const changes: Fields = checkFields(body, { description: CREATE_FIELDS.description, name: CREATE_FIELDS.name });
  const nulls = Object.fromEntries(Object.entries(body).filter(([, value]) => value === null));
  const key = { ...named(context), ...changes, ...nulls, updatedAt: timestamp() } as ApiKey;
  context.node.keyStore.replace(key);
  return { status: 200, body: context.node.keyStore.view(key) };
}

function remove(context: NodeRequestContext): NodeReply {
  context.node.keyStore.remove(named(context).uid);
  return { status: 204 };
}

function named(context: NodeRequestContext): ApiKey {
  return context.node.keyStore.existing(context.parameters["key"] ?? "");
}
