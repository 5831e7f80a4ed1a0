/** `CatalogStore` on the table `index_catalog`. */
import type { Database } from "bun:sqlite";
import type { IndexEntry, IndexState, SweepPolicy } from "../../core/catalog/index-entry.ts";
import type { CatalogStore } from "../catalog-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly uid: string;
  readonly primary_key: string | null;
  readonly shards: number;
  readonly settings_version: number;
  readonly settings: string;
  readonly state: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly settings_hashes: string | null;
  readonly own_forms: string | null;
  readonly frozen: string | null;
  readonly tie_break: "node" | null;
  readonly sweeps: string | null;
}

export function sqliteCatalogStore({ read, write }: Connection): CatalogStore {
  return {
    all: () =>
      read((database) => database.query<Row, []>("SELECT * FROM index_catalog ORDER BY uid").all().map(toEntry)),
    get: (uid) => read((database) => one(database, uid)),
    replace: (expected, next) =>
      write((database) => {
        if (!Bun.deepEquals(one(database, expected.uid), expected)) return false;
        putEntry(database, next);
        return true;
      }),
    put: (entry) => write((database) => putEntry(database, entry)),
    change: (change) =>
      write((database) => {
        for (const uid of change.remove) removeEntry(database, uid);
        for (const entry of change.put) putEntry(database, entry);
      }),
    remove: (uid) => write((database) => removeEntry(database, uid)),
  };
}

function one(database: Database, uid: string): IndexEntry | undefined {
  const row = database.query<Row, [string]>("SELECT * FROM index_catalog WHERE uid = ?").get(uid);
  return row === null ? undefined : toEntry(row);
}

function putEntry(database: Database, entry: IndexEntry): void {
  database
    .query(
      `INSERT OR REPLACE INTO index_catalog
         (uid, primary_key, shards, settings_version, settings, state, created_at, updated_at, settings_hashes, own_forms, frozen, tie_break, sweeps)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      entry.uid,
      entry.primaryKey,
      entry.shards,
      entry.settingsVersion,
      JSON.stringify(entry.settings),
      entry.state,
      entry.createdAt,
      entry.updatedAt,
      entry.settingsHashes === undefined ? null : JSON.stringify(entry.settingsHashes),
      entry.ownForms === undefined ? null : JSON.stringify(entry.ownForms),
      entry.frozen ?? null,
      entry.tieBreak ?? null,
      entry.sweeps === undefined ? null : JSON.stringify(entry.sweeps),
    );
}

function removeEntry(database: Database, uid: string): void {
  database.query("DELETE FROM index_catalog WHERE uid = ?").run(uid);
}

function toEntry(row: Row): IndexEntry {
  return {
    uid: row.uid,
    primaryKey: row.primary_key,
    shards: row.shards,
    state: row.state as IndexState,
    settingsVersion: row.settings_version,
    settings: JSON.parse(row.settings) as Record<string, unknown>,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.settings_hashes === null
      ? {}
      : { settingsHashes: JSON.parse(row.settings_hashes) as Record<string, string> }),
    ...(row.own_forms === null ? {} : { ownForms: JSON.parse(row.own_forms) as readonly string[] }),
    ...(row.frozen === null ? {} : { frozen: row.frozen }),
    ...(row.tie_break === null ? {} : { tieBreak: row.tie_break }),
    ...(row.sweeps === null ? {} : { sweeps: JSON.parse(row.sweeps) as SweepPolicy }),
  };
}
