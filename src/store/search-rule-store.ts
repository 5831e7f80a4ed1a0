/** Dynamic search rules in the states that some node may have them in. */
import type { SearchRule } from "../core/search-rules/search-rule.ts";

export interface SearchRuleStore {
  /** Sorted by uid. */
  all(): Promise<readonly SearchRule[]>;
  /**
   * `before` becomes `after`; null: there is none. False, and nothing has changed, when what is stored is not `before`.
   * Other routers are told of it together with the catalog.
   */
  replace(uid: string, before: SearchRule | null, after: SearchRule | null): Promise<boolean>;
}
