/** What every store must do for dynamic search rules: keep them whole, and let only who knows a rule replace it. */
import { expect, test } from "bun:test";
import type { SearchRule } from "../../../src/core/search-rules/search-rule.ts";
import type { Store } from "../../../src/store/store.ts";

const rule = (uid: string, position: number): SearchRule => ({
  uid,
  versions: [
    { version: 1, rule: null },
    {
      version: 2,
      rule: {
        place: 3,
        fields: { precedence: "10", active: "false", description: '"é"' },
        actions: [{ indexUid: null, id: "a-1", position, mark: 0 }],
      },
    },
  ],
});

export function searchRuleContract(store: () => Store): void {
  test("rules read back as they were written, sorted by uid", async () => {
    const { searchRules } = store();
    expect(await searchRules.all()).toEqual([]);
    for (const uid of ["b", "a", "c"]) expect(await searchRules.replace(uid, null, rule(uid, 4))).toBe(true);
    expect(await searchRules.replace("c", rule("c", 4), null)).toBe(true);
    expect(await searchRules.all()).toEqual([rule("a", 4), rule("b", 4)]);
  });

  test("a rule is replaced only by who knows what is stored", async () => {
    const { searchRules } = store();
    expect(await searchRules.replace("a", rule("a", 1), rule("a", 2))).toBe(false);
    const made = await Promise.all([1, 2].map((position) => searchRules.replace("a", null, rule("a", position))));
    expect(made.filter(Boolean)).toHaveLength(1);
    const [stored] = await searchRules.all();
    expect(await searchRules.replace("a", rule("a", 9), null)).toBe(false);
    expect(await searchRules.replace("a", stored!, rule("a", 7))).toBe(true);
    expect(await searchRules.all()).toEqual([rule("a", 7)]);
  });
}
