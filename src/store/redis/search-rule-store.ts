/** `SearchRuleStore` in one hash, a rule as JSON under its uid. Other routers are told of every change. */
import { RULE_FIELDS, type SearchRule } from "../../core/search-rules/search-rule.ts";
import type { SearchRuleStore } from "../search-rule-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import replaceText from "./scripts/replace-search-rule.lua" with { type: "text" };

const replaceScript = script(replaceText);

export function redisSearchRuleStore(redis: RedisConnection): SearchRuleStore {
  return {
    all: async () => {
      const texts = await redis.command<readonly string[]>("HVALS", "miroir:search_rules");
      return texts.map((text) => JSON.parse(text) as SearchRule).toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
    },
    replace: async (uid, before, after) =>
      (await runScript(redis, replaceScript, uid, textOf(before), textOf(after))) === 1,
  };
}

/** One order of keys, so that equal rules are equal texts. */
function textOf(rule: SearchRule | null): string {
  if (rule === null) return "";
  const versions = rule.versions.map(({ version, rule: state }) => {
    if (state === null) return { version, rule: null };
    const fields = Object.fromEntries(RULE_FIELDS.map((field) => [field, state.fields[field]]));
    const actions = state.actions.map(({ indexUid, id, position, mark }) => ({ indexUid, id, position, mark }));
    return { version, rule: { place: state.place, fields, actions } };
  });
  return JSON.stringify({ uid: rule.uid, versions });
}
