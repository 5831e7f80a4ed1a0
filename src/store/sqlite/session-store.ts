/** `SessionStore` on the table `sessions`. Each new session removes a few that have ended, so that they never pile up. */
import type { Session, SessionStore } from "../session-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly session_id: string;
  readonly last_write_task: number | null;
  readonly last_write_at: number | null;
  readonly pinned_group: number | null;
  readonly min_settings_version: number | null;
}

const REMOVE_ENDED = `DELETE FROM sessions WHERE session_id IN
  (SELECT session_id FROM sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT 10)`;

export function sqliteSessionStore({ nowMs, read, write }: Connection): SessionStore {
  return {
    put: (session, ttlMs) =>
      write((database) => {
        database.query(REMOVE_ENDED).run(nowMs());
        database
          .query(
            `INSERT OR REPLACE INTO sessions
               (session_id, last_write_task, last_write_at, pinned_group, min_settings_version, expires_at)
             VALUES (?, ?, ?, ?, ?, ?)`,
          )
          .run(
            session.id,
            session.lastWriteTask,
            session.lastWriteAt,
            session.pinnedGroup,
            session.minSettingsVersion,
            nowMs() + ttlMs,
          );
      }),
    get: (id) =>
      read((database) => {
        const sql = "SELECT * FROM sessions WHERE session_id = ? AND expires_at > ?";
        const row = database.query<Row, [string, number]>(sql).get(id, nowMs());
        return row === null ? undefined : toSession(row);
      }),
    remove: (id) => write((database) => void database.query("DELETE FROM sessions WHERE session_id = ?").run(id)),
  };
}

function toSession(row: Row): Session {
  return {
    id: row.session_id,
    lastWriteTask: row.last_write_task,
    lastWriteAt: row.last_write_at,
    pinnedGroup: row.pinned_group,
    minSettingsVersion: row.min_settings_version,
  };
}
