/** The settings of an index, as a whole and one by one. */
import type { SettingKey, SettingsChange } from "../index/settings.ts";
import { featureRequired } from "../node-error.ts";
import { summary } from "../tasks/task.ts";
import { indexUid, jsonBody, type NodeReply, type NodeRequestContext } from "./request.ts";
import type { Route } from "./route.ts";
import {
  chat,
  embedders,
  faceting,
  filterableRule,
  foreignKey,
  localizedRule,
  pagination,
  rankingRules,
  sortedStrings,
  synonyms,
  typoTolerance,
  withNulls,
} from "./setting-checks.ts";
import {
  arrayOf,
  boolean,
  checkFields,
  integer,
  object,
  oneOf,
  string,
  strings,
  type Check,
  type FieldSpec,
} from "./validate.ts";

const path = "/indexes/:index/settings";

interface SettingSpec extends FieldSpec {
  readonly key: SettingKey;
  readonly route: string;
  readonly method: "PUT" | "PATCH";
}

/** Settings in the order of the engine's answers. */
const SETTINGS: readonly SettingSpec[] = [
  spec("displayedAttributes", strings),
  spec("searchableAttributes", strings),
  spec("filterableAttributes", arrayOf(filterableRule)),
  spec("sortableAttributes", sortedStrings),
  spec("foreignKeys", arrayOf(foreignKey)),
  spec("rankingRules", rankingRules),
  spec("stopWords", sortedStrings),
  spec("nonSeparatorTokens", sortedStrings),
  spec("separatorTokens", sortedStrings),
  spec("dictionary", sortedStrings),
  spec("synonyms", synonyms),
  spec("distinctAttribute", string),
  spec("proximityPrecision", oneOf("byWord", "byAttribute")),
  spec("typoTolerance", typoTolerance, "PATCH"),
  spec("faceting", faceting, "PATCH"),
  spec("pagination", pagination, "PATCH"),
  spec("embedders", embedders, "PATCH"),
  spec("searchCutoffMs", integer),
  spec("localizedAttributes", arrayOf(localizedRule)),
  spec("facetSearch", boolean),
  spec("prefixSearch", oneOf("indexingTime", "disabled")),
  { ...spec("chat", chat, "PATCH"), code: "invalid_settings_index_chat" },
];

/** Settings that may only be given, and are only listed, while an experimental feature is on. */
const GATES: Readonly<Partial<Record<SettingKey, readonly [feature: string, name: string, discussion: number]>>> = {
  foreignKeys: ["foreignKeys", "foreign_keys", 873],
  chat: ["chatCompletions", "chat completions", 835],
};

export const settingsRoutes: readonly Route[] = [
  { method: "GET", path, action: "settings.get", handle: getAll },
  { method: "PATCH", path, action: "settings.update", handle: patchAll },
  { method: "DELETE", path, action: "settings.update", handle: (context) => enqueue(context, {}, true) },
  ...SETTINGS.flatMap(routesOf),
];

function routesOf(setting: SettingSpec): Route[] {
  const own = `${path}/${setting.route}`;
  return [
    {
      method: "GET",
      path: own,
      action: "settings.get",
      handle: (context) => ({ status: 200, body: settingsOf(context)[setting.key] }),
    },
    { method: setting.method, path: own, action: "settings.update", handle: (context) => change(context, setting) },
    {
      method: "DELETE",
      path: own,
      action: "settings.update",
      handle: (context) => enqueue(context, { [setting.key]: null }, true),
    },
  ];
}

function settingsOf(context: NodeRequestContext): Readonly<Record<SettingKey, unknown>> {
  return context.node.index(indexUid(context)).settings;
}

function getAll(context: NodeRequestContext): NodeReply {
  const shown = Object.entries(settingsOf(context)).filter(([key]) => isOpen(context, key as SettingKey));
  return { status: 200, body: Object.fromEntries(shown) };
}

function isOpen(context: NodeRequestContext, key: SettingKey): boolean {
  const gate = GATES[key];
  return gate === undefined || context.node.features[gate[0]] === true;
}

async function patchAll(context: NodeRequestContext): Promise<NodeReply> {
  indexUid(context);
  const specs = Object.fromEntries(SETTINGS.map((setting) => [setting.key, setting]));
  const body = object(await jsonBody(context), "", "bad_request");
  return enqueue(context, withNulls(body, checkFields(body, specs), Object.keys(specs)), false);
}

async function change(context: NodeRequestContext, setting: SettingSpec): Promise<NodeReply> {
  indexUid(context);
  const value = await jsonBody(context);
  const checked = value === null ? null : setting.check(value, "", setting.code);
  return enqueue(context, { [setting.key]: checked }, false);
}

function enqueue(context: NodeRequestContext, settings: SettingsChange, isDeletion: boolean): NodeReply {
  const uid = indexUid(context);
  for (const key of Object.keys(settings) as SettingKey[]) {
    const gate = GATES[key];
    if (gate === undefined || settings[key] === null || isOpen(context, key)) continue;
    throw featureRequired(`setting \`${key}\` in the index settings`, gate[1], gate[2]);
  }
  const allowsIndexCreation = context.authority.mayCreateIndex(uid);
  const content = { type: "settingsUpdate", change: settings, isDeletion, allowsIndexCreation } as const;
  return { status: 202, body: summary(context.node.queue.enqueue(uid, content, null)) };
}

function spec(key: SettingKey, check: Check<unknown>, method: "PUT" | "PATCH" = "PUT"): SettingSpec {
  const words = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return { key, check, method, code: `invalid_settings_${words}`, route: words.replaceAll("_", "-") };
}
