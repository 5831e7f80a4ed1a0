/** `IdempotencyStore` on the table `idempotency_cache`. Each new key removes a few that have ended. */
import type { Database } from "bun:sqlite";
import type { IdempotencyStore, IdempotentRequest } from "../idempotency-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly key: string;
  readonly body_sha256: Uint8Array;
  readonly task_id: string;
}

const REMOVE_ENDED = `DELETE FROM idempotency_cache WHERE key IN
  (SELECT key FROM idempotency_cache WHERE expires_at <= ? ORDER BY expires_at LIMIT 10)`;

const REMOVE_FIRST = `DELETE FROM idempotency_cache WHERE key IN
  (SELECT key FROM idempotency_cache ORDER BY expires_at LIMIT ?)`;
/** The event loop waits meanwhile. */
const REMOVED_AT_ONCE = 10_000;

export function sqliteIdempotencyStore({ nowMs, read, write }: Connection): IdempotencyStore {
  return {
    claim: ({ key, bodySha256, taskId }, ttlMs) =>
      write((database) => {
        const taken = one(database, key, nowMs());
        if (taken !== undefined) return taken;
        database.query(REMOVE_ENDED).run(nowMs());
        database
          .query("INSERT OR REPLACE INTO idempotency_cache (key, body_sha256, task_id, expires_at) VALUES (?, ?, ?, ?)")
          .run(key, bodySha256, taskId, nowMs() + ttlMs);
        return undefined;
      }),
    get: (key) => read((database) => one(database, key, nowMs())),
    keep: (max) =>
      write((database) => {
        database.query("DELETE FROM idempotency_cache WHERE expires_at <= ?").run(nowMs());
        const count = (): number =>
          database.query<{ n: number }, []>("SELECT count(*) AS n FROM idempotency_cache").get()?.n ?? 0;
        const over = Math.min(count() - max, REMOVED_AT_ONCE);
        if (over > 0) database.query(REMOVE_FIRST).run(over);
        return count();
      }),
    remove: (key) => write((database) => void database.query("DELETE FROM idempotency_cache WHERE key = ?").run(key)),
  };
}

function one(database: Database, key: string, nowMs: number): IdempotentRequest | undefined {
  const sql = "SELECT key, body_sha256, task_id FROM idempotency_cache WHERE key = ? AND expires_at > ?";
  const row = database.query<Row, [string, number]>(sql).get(key, nowMs);
  return row === null ? undefined : { key, bodySha256: new Uint8Array(row.body_sha256), taskId: row.task_id };
}
