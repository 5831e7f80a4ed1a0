/**
 * The dynamic search rules in the memory of this router, written through to the store. A change is noted before any
 * node is told of it and older states stay until no node has them any more, so whatever a node pins is known here.
 */
import { assert } from "../../core/assert.ts";
import { type PinTable, pinTable } from "../../core/search-rules/pin-table.ts";
import type { SearchRule } from "../../core/search-rules/search-rule.ts";
import type { SearchRuleStore } from "../../store/search-rule-store.ts";

export interface RuleBook {
  all(): ReadonlyMap<string, SearchRule>;
  /** What rules may pin in the index; undefined: nothing. */
  pinsOf(indexUid: string): PinTable | undefined;
  /** `change` gets what is stored and may be called again when another router was faster. */
  update(uid: string, change: (rule: SearchRule | null) => SearchRule | null): Promise<void>;
  /** Reads what is stored: at the start, and when another router has written. */
  reload(): Promise<void>;
}

/** With what is stored. */
export async function openRuleBook(store: SearchRuleStore): Promise<RuleBook> {
  const book = createRuleBook(store);
  await book.reload();
  return book;
}

/** Knows nothing before its first `reload`. */
export function createRuleBook(store: SearchRuleStore): RuleBook {
  let rules = new Map<string, SearchRule>();
  const tables = new Map<string, PinTable | undefined>();
  const show = (next: Map<string, SearchRule>): void => {
    rules = next;
    tables.clear();
  };
  const reload = async (): Promise<void> => {
    show(new Map((await store.all()).map((rule) => [rule.uid, rule])));
  };
  return {
    all: () => rules,
    pinsOf(indexUid) {
      if (rules.size === 0) return undefined;
      if (!tables.has(indexUid)) tables.set(indexUid, pinTable(rules.values(), indexUid));
      return tables.get(indexUid);
    },
    async update(uid, change) {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
        const before = rules.get(uid) ?? null;
        const after = change(before);
        if (after === before) return;
        if (await store.replace(uid, before, after)) {
          // Others may have been shown meanwhile.
          const next = new Map(rules);
          if (after === null) next.delete(uid);
          else next.set(uid, after);
          return show(next);
        }
        await reload();
      }
      assert(false, "each turn some other router has changed the rule, of which there are few");
    },
    reload,
  };
}

const ATTEMPTS_MAX = 100;
