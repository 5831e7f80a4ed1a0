/** `AdminSessionStore` on the table `admin_sessions`. Each new session removes those that have ended. */
import type { AdminSession, AdminSessionStore } from "../admin-session-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly session_id: string;
  readonly csrf_token: string;
  readonly admin_key_hash: Uint8Array;
  readonly created_at: number;
  readonly user_agent: string | null;
  readonly source_ip: string | null;
}

const PUT = `INSERT OR REPLACE INTO admin_sessions
  (session_id, csrf_token, admin_key_hash, created_at, expires_at, revoked, user_agent, source_ip)
  VALUES (?, ?, ?, ?, ?, 0, ?, ?)`;
const LIVING = "SELECT * FROM admin_sessions WHERE session_id = ? AND expires_at > ? AND revoked = 0";
const REVOKE = "UPDATE admin_sessions SET revoked = 1 WHERE session_id = ? AND expires_at > ? AND revoked = 0";

export function sqliteAdminSessionStore({ nowMs, read, write }: Connection): AdminSessionStore {
  const listeners: ((id: string) => void)[] = [];
  return {
    put: (session, ttlMs) =>
      write((database) => {
        const { id, csrfToken, adminKeyHash, createdAt, userAgent, sourceIp } = session;
        database.query("DELETE FROM admin_sessions WHERE expires_at <= ?").run(nowMs());
        database.query(PUT).run(id, csrfToken, adminKeyHash, createdAt, nowMs() + ttlMs, userAgent, sourceIp);
      }),
    get: (id) =>
      read((database) => {
        const row = database.query<Row, [string, number]>(LIVING).get(id, nowMs());
        return row === null ? undefined : toSession(row);
      }),
    async revoke(id) {
      const wasOpen = await write((database) => database.query(REVOKE).run(id, nowMs()).changes > 0);
      if (wasOpen) for (const listener of listeners) listener(id);
      return wasOpen;
    },
    onRevoked: (listener) => void listeners.push(listener),
  };
}

function toSession(row: Row): AdminSession {
  return {
    id: row.session_id,
    csrfToken: row.csrf_token,
    adminKeyHash: new Uint8Array(row.admin_key_hash),
    createdAt: row.created_at,
    userAgent: row.user_agent,
    sourceIp: row.source_ip,
  };
}
