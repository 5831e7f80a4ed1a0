/** The settings of an index, as a whole and one by one. */
import type { FilterableRule } from "../index/attribute-patterns.ts";
import type { SettingKey, SettingsChange } from "../index/settings.ts";
import { NodeError } from "../node-error.ts";
import { summary } from "../tasks/task.ts";
import { indexUid, jsonBody, type NodeReply, type NodeRequestContext } from "./request.ts";
import type { Route } from "./route.ts";
import {
  arrayOf,
  boolean,
  checkFields,
  integer,
  number,
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
  spec("localizedAttributes", arrayOf(object)),
  spec("facetSearch", boolean),
  spec("prefixSearch", oneOf("indexingTime", "disabled")),
];

export const settingsRoutes: readonly Route[] = [
  { method: "GET", path, action: "settings.get", handle: (context) => ({ status: 200, body: settingsOf(context) }) },
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

async function patchAll(context: NodeRequestContext): Promise<NodeReply> {
  indexUid(context);
  const entries = SETTINGS.map((setting) => [setting.key, setting] as const);
  const later = (feature: string): FieldSpec => ({ check: () => refuseSetting(feature), code: "feature_not_enabled" });
  const specs = Object.fromEntries<FieldSpec>([
    ...entries.slice(0, 4),
    ["foreignKeys", later("foreignKeys")],
    ...entries.slice(4),
    ["chat", later("chat")],
  ]);
  const body = object(await jsonBody(context), "", "bad_request");
  const checked = checkFields(body, specs);
  return enqueue(context, withNulls(body, checked), false);
}

function refuseSetting(name: string): never {
  throw new NodeError(
    "feature_not_enabled",
    `A development node does not offer the setting \`${name}\`. Use a real engine for it.`,
  );
}

async function change(context: NodeRequestContext, setting: SettingSpec): Promise<NodeReply> {
  indexUid(context);
  const value = await jsonBody(context);
  const checked = value === null ? null : setting.check(value, "", setting.code);
  return enqueue(context, { [setting.key]: checked }, false);
}

function enqueue(context: NodeRequestContext, settings: SettingsChange, isDeletion: boolean): NodeReply {
  const uid = indexUid(context);
  const allowsIndexCreation = context.authority.mayCreateIndex(uid);
  const content = { type: "settingsUpdate", change: settings, isDeletion, allowsIndexCreation } as const;
  return { status: 202, body: summary(context.node.queue.enqueue(uid, content, null)) };
}

/** A null resets its key, so it must not be lost among the absent ones. */
function withNulls(body: object, checked: object): SettingsChange {
  const nulls = Object.entries(body).filter(([, value]) => value === null);
  return { ...checked, ...Object.fromEntries(nulls) };
}

function spec(key: SettingKey, check: Check<unknown>, method: "PUT" | "PATCH" = "PUT"): SettingSpec {
  const words = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return { key, check, method, code: `invalid_settings_${words}`, route: words.replaceAll("_", "-") };
}

function filterableRule(value: unknown, at: string, code: string): FilterableRule {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return string(value, at, code);
  const flag = { check: boolean, code };
  const filter: Check<unknown> = (item, where) => ({
    equality: true,
    comparison: false,
    ...checkFields(item, { equality: flag, comparison: flag }, where, code),
  });
  const features: Check<unknown> = (item, where) => ({
    facetSearch: false,
    filter: { equality: true, comparison: false },
    ...checkFields(item, { facetSearch: flag, filter: { check: filter, code } }, where, code),
  });
  const rule = checkFields(
    value,
    { attributePatterns: { check: strings, code }, features: { check: features, code } },
    at,
    code,
  );
  if (rule["attributePatterns"] === undefined)
    throw new NodeError(code, `Missing field \`attributePatterns\` inside \`${at}\``);
  return {
    features: { facetSearch: false, filter: { equality: true, comparison: false } },
    ...rule,
  } as unknown as FilterableRule;
}

function sortedStrings(value: unknown, at: string, code: string): string[] {
  return [...new Set(strings(value, at, code))].sort();
}

const NAMED_RULES = ["words", "typo", "proximity", "attribute", "attributeRank", "wordPosition", "sort", "exactness"];
const RESERVED = ["_geo", "_geojson", "_geoDistance", "_geoPoint", "_geoRadius", "_geoBoundingBox", "_geoPolygon"];

function rankingRules(value: unknown, at: string, code: string): string[] {
  const rules = strings(value, at, code);
  for (const [position, rule] of rules.entries()) {
    if (NAMED_RULES.includes(rule)) continue;
    const field = /^(.+):(?:asc|desc)$/s.exec(rule)?.[1];
    const name = field ?? rule;
    const reserved = RESERVED.find((word) => name === word || name.startsWith(`${word}(`));
    const why =
      reserved !== undefined
        ? `\`${reserved}\` is a reserved keyword and thus can't be used as a ranking rule${reserved === "_geoPoint" ? `. \`${reserved}\` can only be used for sorting at search time` : ""}`
        : field === undefined
          ? `\`${rule}\` ranking rule is invalid. Valid ranking rules are words, typo, sort, proximity, attribute, exactness and custom ranking rules.`
          : null;
    if (why !== null) throw new NodeError(code, `Invalid value at \`${at}[${position}]\`: ${why}`);
  }
  if (rules.includes("attribute") && (rules.includes("attributeRank") || rules.includes("wordPosition"))) {
    throw new NodeError(
      code,
      "Mixed usage of the attribute, attributeRank, and wordPosition ranking rules. You must either use the attribute ranking rule alone or the attributeRank and wordPosition ranking rules.",
    );
  }
  return rules;
}

function synonyms(value: unknown, at: string, code: string): Record<string, string[]> {
  const entries = Object.entries(object(value, at, code));
  return Object.fromEntries(entries.map(([word, list]) => [word, strings(list, `${at}.${word}`, code)]));
}

function typoTolerance(value: unknown, at: string, code: string): SettingsChange {
  const size = { check: byte, code };
  const sizes: Check<unknown> = (item, where) => checkFields(item, { oneTypo: size, twoTypos: size }, where, code);
  const specs = {
    enabled: { check: boolean, code },
    minWordSizeForTypos: { check: sizes, code },
    disableOnWords: { check: sortedStrings, code },
    disableOnAttributes: { check: sortedStrings, code },
    disableOnNumbers: { check: boolean, code },
  };
  return withNulls(object(value, at, code), checkFields(value, specs, at, code));
}

function byte(value: unknown, at: string, code: string): number {
  const given = integer(value, at, code);
  if (given > 255)
    throw new NodeError(
      code,
      `Invalid value at \`${at}\`: value: \`${given}\` is too large to be deserialized, maximum value authorized is \`255\``,
    );
  return given;
}

function faceting(value: unknown, at: string, code: string): SettingsChange {
  const orders: Check<unknown> = (item, where) =>
    Object.fromEntries(
      Object.entries(object(item, where, code)).map(([name, order]) => [
        name,
        oneOf("alpha", "count")(order, `${where}.${name}`, code),
      ]),
    );
  const specs = { maxValuesPerFacet: { check: integer, code }, sortFacetValuesBy: { check: orders, code } };
  return withNulls(object(value, at, code), checkFields(value, specs, at, code));
}

function pagination(value: unknown, at: string, code: string): SettingsChange {
  const hits: Check<number> = (item, where) => {
    const given = integer(item, where, code);
    if (given === 0)
      throw new NodeError(
        code,
        `Invalid value at \`${where}\`: a non-zero integer value lower than \`18446744073709551615\` was expected, but found a zero`,
      );
    return given;
  };
  return withNulls(object(value, at, code), checkFields(value, { maxTotalHits: { check: hits, code } }, at, code));
}

/** Only vectors that come with the documents: no other source can be reached from a development node. */
function embedders(value: unknown, at: string, code: string): SettingsChange {
  const entries = Object.entries(object(value, at, code)).map(([name, given]) => {
    if (given === null) return [name, null] as const;
    const where = `${at}.${name}`;
    const distribution: Check<unknown> = (item, place) =>
      checkFields(item, { mean: { check: number, code }, sigma: { check: number, code } }, place, code);
    const specs = {
      source: { check: oneOf("openAi", "huggingFace", "ollama", "userProvided", "rest", "composite"), code },
      dimensions: { check: integer, code },
      distribution: { check: distribution, code },
      binaryQuantized: { check: boolean, code },
    };
    const embedder = checkFields(given, specs, where, code);
    if (embedder["source"] !== "userProvided") {
      throw new NodeError(
        code,
        `\`${where}\`: A development node only knows the source \`userProvided\`. Use a real engine for others.`,
      );
    }
    if (embedder["dimensions"] === undefined) {
      throw new NodeError(
        code,
        `\`.embedders.${name}\`: Missing field \`dimensions\` (note: this field is mandatory for source \`userProvided\`)`,
      );
    }
    return [name, embedder] as const;
  });
  return Object.fromEntries(entries);
}
