/** `SearchRuleStore` in a map. */
import type { SearchRule } from "../../core/search-rules/search-rule.ts";
import type { SearchRuleStore } from "../search-rule-store.ts";

export function memorySearchRuleStore(): SearchRuleStore {
  const rules = new Map<string, SearchRule>();
  return {
    all: async () => [...rules.values()].toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
    replace: async (uid, before, after) => {
      if (!Bun.deepEquals(rules.get(uid) ?? null, before)) return false;
      if (after === null) rules.delete(uid);
      else rules.set(uid, structuredClone(after));
      return true;
    },
  };
}
