/** `RolloverStore` on the table `rollover_policies`. */
import type { RolloverPolicy, RolloverStore } from "../rollover-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly name: string;
  readonly write_alias: string;
  readonly read_alias: string;
  readonly pattern: string;
  readonly triggers_json: string;
  readonly retention_json: string;
  readonly template_json: string;
  readonly enabled: number;
}

type Json = Record<string, unknown>;

const PUT = `INSERT OR REPLACE INTO rollover_policies
  (name, write_alias, read_alias, pattern, triggers_json, retention_json, template_json, enabled)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

export function sqliteRolloverStore({ read, write }: Connection): RolloverStore {
  return {
    all: () =>
      read((database) => database.query<Row, []>("SELECT * FROM rollover_policies ORDER BY name").all().map(toPolicy)),
    get: (name) =>
      read((database) => {
        const row = database.query<Row, [string]>("SELECT * FROM rollover_policies WHERE name = ?").get(name);
        return row === null ? undefined : toPolicy(row);
      }),
    put: ({ name, writeAlias, readAlias, pattern, triggers, retention, template, enabled }) =>
      write((database) => {
        const texts = [JSON.stringify(triggers), JSON.stringify(retention), JSON.stringify(template)] as const;
        database.query(PUT).run(name, writeAlias, readAlias, pattern, ...texts, enabled ? 1 : 0);
      }),
    remove: (name) =>
      write((database) => database.query("DELETE FROM rollover_policies WHERE name = ?").run(name).changes > 0),
  };
}

function toPolicy(row: Row): RolloverPolicy {
  return {
    name: row.name,
    writeAlias: row.write_alias,
    readAlias: row.read_alias,
    pattern: row.pattern,
    triggers: JSON.parse(row.triggers_json) as Json,
    retention: JSON.parse(row.retention_json) as Json,
    template: JSON.parse(row.template_json) as Json,
    enabled: row.enabled === 1,
  };
}
