/** Is a rule that a node shows the one that it was given? The engine prints times in its own way and leaves out nulls. */
import { isObject, type JsonObject } from "../../core/settings/json-shape.ts";
import { RULE_FIELDS } from "../../core/search-rules/search-rule.ts";

export function isSameRule(shown: JsonObject, given: JsonObject): boolean {
  return RULE_FIELDS.every((field) => Bun.deepEquals(plain(shown, field), plain(given, field)));
}

function plain(rule: JsonObject, field: (typeof RULE_FIELDS)[number]): unknown {
  const value = rule[field] ?? DEFAULTS[field];
  if (field === "actions") return withoutNulls(value);
  return field === "conditions" ? plainConditions(value) : value;
}

function plainConditions(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { time, query, filter } = value;
  const times = isObject(time) ? Object.entries(time).filter(([, at]) => at !== null) : [];
  return {
    time: isObject(time) ? Object.fromEntries(times.map(([name, at]) => [name, Date.parse(String(at))])) : null,
    query: withoutNulls(query ?? null),
    filter: filter ?? null,
  };
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutNulls(member)]));
}

const DEFAULTS = { description: null, precedence: null, active: true, conditions: {}, actions: [] } as const;
