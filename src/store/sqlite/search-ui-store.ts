/** `SearchUiStore` on the tables `search_ui_config`, `search_ui_scoped_keys` and `search_ui_scoped_keys_observed`. */
import type { Database } from "bun:sqlite";
import type { ScopedKey, SearchUiConfig, SearchUiStore } from "../search-ui-store.ts";
import type { Connection } from "./connection.ts";
import { writeUnderFence } from "./lease-store.ts";

interface ConfigRow {
  readonly index_uid: string;
  readonly config_json: string;
  readonly updated_at: number;
}

interface KeyRow {
  readonly index_uid: string;
  readonly generation: number;
  readonly key_uid: string;
  readonly key: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly previous_key_uid: string | null;
}

const PUT_KEY = `INSERT OR REPLACE INTO search_ui_scoped_keys
  (index_uid, generation, key_uid, key, created_at, expires_at, previous_key_uid) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const OBSERVE = `INSERT OR REPLACE INTO search_ui_scoped_keys_observed (router, index_uid, generation, expires_at)
  VALUES (?, ?, ?, ?)`;
const OBSERVED = `SELECT router, generation FROM search_ui_scoped_keys_observed
  WHERE index_uid = ? AND expires_at > ? AND router IN (SELECT value FROM json_each(?))`;

export function sqliteSearchUiStore(connection: Connection): SearchUiStore {
  const { nowMs, read, write } = connection;
  return {
    configs: () =>
      read((database) =>
        database.query<ConfigRow, []>("SELECT * FROM search_ui_config ORDER BY index_uid").all().map(toConfig),
      ),
    config: (indexUid) =>
      read((database) => {
        const row = database
          .query<ConfigRow, [string]>("SELECT * FROM search_ui_config WHERE index_uid = ?")
          .get(indexUid);
        return row === null ? undefined : toConfig(row);
      }),
    putConfig: ({ indexUid, config, updatedAt }) =>
      write((database) => {
        const sql = "INSERT OR REPLACE INTO search_ui_config (index_uid, config_json, updated_at) VALUES (?, ?, ?)";
        database.query(sql).run(indexUid, JSON.stringify(config), updatedAt);
      }),
    removeConfig: (indexUid) =>
      write((database) => database.query("DELETE FROM search_ui_config WHERE index_uid = ?").run(indexUid).changes > 0),
    scopedKey: (indexUid) =>
      read((database) => {
        const row = keyOf(database, indexUid);
        return row === null ? undefined : toKey(row);
      }),
    saveScopedKey: (scoped, expectedGeneration, fence) =>
      writeUnderFence(connection, fence, (database) => {
        const { indexUid, generation, keyUid, key, createdAt, expiresAt, previousKeyUid } = scoped;
        if ((keyOf(database, indexUid)?.generation ?? 0) !== expectedGeneration) return false;
        database.query(PUT_KEY).run(indexUid, generation, keyUid, key, createdAt, expiresAt, previousKeyUid);
        return true;
      }),
    removeScopedKey: (indexUid) =>
      write((database) => {
        database.query("DELETE FROM search_ui_scoped_keys WHERE index_uid = ?").run(indexUid);
        database.query("DELETE FROM search_ui_scoped_keys_observed WHERE index_uid = ?").run(indexUid);
      }),
    observeScopedKey: (router, indexUid, generation, ttlMs) =>
      write((database) => {
        database.query("DELETE FROM search_ui_scoped_keys_observed WHERE expires_at <= ?").run(nowMs());
        database.query(OBSERVE).run(router, indexUid, generation, nowMs() + ttlMs);
      }),
    observedScopedKeys: (routers, indexUid) =>
      read((database) => {
        const rows = database
          .query<{ router: string; generation: number }, [string, number, string]>(OBSERVED)
          .all(indexUid, nowMs(), JSON.stringify(routers));
        return new Map(rows.map(({ router, generation }) => [router, generation]));
      }),
  };
}

function keyOf(database: Database, indexUid: string): KeyRow | null {
  return database.query<KeyRow, [string]>("SELECT * FROM search_ui_scoped_keys WHERE index_uid = ?").get(indexUid);
}

function toConfig(row: ConfigRow): SearchUiConfig {
  const config = JSON.parse(row.config_json) as Record<string, unknown>;
  return { indexUid: row.index_uid, config, updatedAt: row.updated_at };
}

function toKey(row: KeyRow): ScopedKey {
  return {
    indexUid: row.index_uid,
    generation: row.generation,
    keyUid: row.key_uid,
    key: row.key,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    previousKeyUid: row.previous_key_uid,
  };
}
