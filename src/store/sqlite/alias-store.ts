/** `AliasStore` on the table `aliases`. */
import type { Database } from "bun:sqlite";
import { type Alias, type AliasStore, withHistory } from "../alias-store.ts";
import type { Connection } from "./connection.ts";
import { writeUnderFence } from "./lease-store.ts";

interface Row {
  readonly name: string;
  readonly kind: "single" | "multi";
  readonly current_uid: string | null;
  readonly target_uids: string | null;
  readonly version: number;
  readonly created_at: number;
  readonly history: string;
}

const PUT = `INSERT OR REPLACE INTO aliases (name, kind, current_uid, target_uids, version, created_at, history)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

export function sqliteAliasStore(connection: Connection): AliasStore {
  const { read } = connection;
  return {
    all: () => read((database) => database.query<Row, []>("SELECT * FROM aliases ORDER BY name").all().map(toAlias)),
    get: (name) =>
      read((database) => {
        const row = one(database, name);
        return row === null ? undefined : toAlias(row);
      }),
    save: (alias, { expectedVersion, fence, historyMax }) =>
      writeUnderFence(connection, fence, (database) => {
        if ((one(database, alias.name)?.version ?? 0) !== expectedVersion) return false;
        const { name, kind, currentUid, targetUids, version, createdAt, history } = withHistory(alias, historyMax);
        const targets = targetUids === null ? null : JSON.stringify(targetUids);
        database.query(PUT).run(name, kind, currentUid, targets, version, createdAt, JSON.stringify(history));
        return true;
      }),
    remove: (name, { expectedVersion, fence }) =>
      writeUnderFence(connection, fence, (database) => {
        if ((one(database, name)?.version ?? 0) !== expectedVersion) return false;
        return database.query("DELETE FROM aliases WHERE name = ?").run(name).changes > 0;
      }),
  };
}

function one(database: Database, name: string): Row | null {
  return database.query<Row, [string]>("SELECT * FROM aliases WHERE name = ?").get(name);
}

function toAlias(row: Row): Alias {
  return {
    name: row.name,
    kind: row.kind,
    currentUid: row.current_uid,
    targetUids: row.target_uids === null ? null : (JSON.parse(row.target_uids) as string[]),
    version: row.version,
    createdAt: row.created_at,
    history: JSON.parse(row.history) as Alias["history"],
  };
}
