/** `JobStore` on the table `jobs`. A claim is a compare-and-set inside one transaction. */
import type { Database } from "bun:sqlite";
import type { Job, JobState, JobStore } from "../job-store.ts";
import type { Connection } from "./connection.ts";
import { takeNumber } from "./take-number.ts";

interface Row {
  readonly id: string;
  readonly type: string;
  readonly params: string;
  readonly state: string;
  readonly claimed_by: string | null;
  readonly claim_expires_at: number | null;
  readonly progress: string | null;
}

const CLAIMABLE = `SELECT * FROM jobs
  WHERE state IN ('queued', 'in_progress') AND (state = 'queued' OR claim_expires_at <= ?)
    AND type IN (SELECT value FROM json_each(?))
  ORDER BY queued_seq LIMIT 1`;

export function sqliteJobStore({ nowMs, read, write }: Connection): JobStore {
  const keep = (
    id: string,
    claimant: string,
    progress: Job["progress"] | undefined,
    change: (database: Database) => void,
  ): Promise<boolean> =>
    write((database) => {
      const row = one(database, id);
      const isHeld = row?.state === "in_progress" && row.claimed_by === claimant;
      if (!isHeld || (row.claim_expires_at ?? 0) <= nowMs()) return false;
      if (progress !== undefined) {
        database.query("UPDATE jobs SET progress = ? WHERE id = ?").run(JSON.stringify(progress), id);
      }
      change(database);
      return true;
    });
  return {
    enqueue: ({ id, type, params }) =>
      write((database) => {
        if (one(database, id) !== null) return;
        database
          .query("INSERT INTO jobs (id, type, params, state, queued_seq) VALUES (?, ?, ?, 'queued', ?)")
          .run(id, type, JSON.stringify(params), takeNumber(database, "job_seq"));
      }),
    async claim(types, claimant, ttlMs) {
      const oldest = (database: Database): Row | null =>
        database.query<Row, [number, string]>(CLAIMABLE).get(nowMs(), JSON.stringify(types));
      // Asked every few seconds, and nothing to do is the usual answer: that must not cost a flush of the disk.
      if ((await read(oldest)) === null) return undefined;
      return write((database) => {
        const row = oldest(database);
        if (row === null) return undefined;
        const now = nowMs();
        database
          .query("UPDATE jobs SET state = 'in_progress', claimed_by = ?, claim_expires_at = ? WHERE id = ?")
          .run(claimant, now + ttlMs, row.id);
        return { ...toJob(row), state: "in_progress" as const, claimedBy: claimant, claimExpiresAt: now + ttlMs };
      });
    },
    renew: (id, claimant, ttlMs, progress) =>
      keep(id, claimant, progress, (database) => {
        database.query("UPDATE jobs SET claim_expires_at = ? WHERE id = ?").run(nowMs() + ttlMs, id);
      }),
    finish: (id, claimant, state, progress) =>
      keep(id, claimant, progress, (database) => {
        database
          .query("UPDATE jobs SET state = ?, claimed_by = NULL, claim_expires_at = NULL WHERE id = ?")
          .run(state, id);
      }),
    get: (id) =>
      read((database) => {
        const row = one(database, id);
        return row === null ? undefined : toJob(row);
      }),
    pending: () =>
      read((database) => {
        const sql = "SELECT type, count(*) AS n FROM jobs WHERE state IN ('queued', 'in_progress') GROUP BY type";
        const rows = database.query<{ type: string; n: number }, []>(sql).all();
        return new Map(rows.map(({ type, n }) => [type, n]));
      }),
    remove: (id) => write((database) => void database.query("DELETE FROM jobs WHERE id = ?").run(id)),
  };
}

function one(database: Database, id: string): Row | null {
  return database.query<Row, [string]>("SELECT * FROM jobs WHERE id = ?").get(id);
}

function toJob(row: Row): Job {
  return {
    id: row.id,
    type: row.type,
    params: JSON.parse(row.params) as Job["params"],
    state: row.state as JobState,
    claimedBy: row.claimed_by,
    claimExpiresAt: row.claim_expires_at,
    progress: row.progress === null ? null : (JSON.parse(row.progress) as Job["progress"]),
  };
}
