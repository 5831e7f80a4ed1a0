/** `SearchRuleStore` on the table `search_rules`. */
import type { SearchRule } from "../../core/search-rules/search-rule.ts";
import type { SearchRuleStore } from "../search-rule-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly rule: string;
}

export function sqliteSearchRuleStore({ read, write }: Connection): SearchRuleStore {
  return {
    all: () =>
      read((database) => database.query<Row, []>("SELECT rule FROM search_rules ORDER BY uid").all().map(toRule)),
    replace: (uid, before, after) =>
      write((database) => {
        const row = database.query<Row, [string]>("SELECT rule FROM search_rules WHERE uid = ?").get(uid);
        if (!Bun.deepEquals(row === null ? null : toRule(row), before)) return false;
        if (after === null) database.query("DELETE FROM search_rules WHERE uid = ?").run(uid);
        else {
          const sql = "INSERT OR REPLACE INTO search_rules (uid, rule) VALUES (?, ?)";
          database.query(sql).run(uid, JSON.stringify(after));
        }
        return true;
      }),
  };
}

function toRule({ rule }: Row): SearchRule {
  return JSON.parse(rule) as SearchRule;
}
