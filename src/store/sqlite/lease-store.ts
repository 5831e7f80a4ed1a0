/** `LeaseStore` on the tables `leader_lease` and `fences`. */
import type { Database } from "bun:sqlite";
import type { Fence, Lease, LeaseStore } from "../lease-store.ts";
import { leaseLost } from "../refusals.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly scope: string;
  readonly holder: string;
  readonly fence: number;
}

const LIVING = "SELECT scope, holder, fence FROM leader_lease WHERE scope = ? AND expires_at > ?";

export function sqliteLeaseStore({ nowMs, read, writeVital: write }: Connection): LeaseStore {
  return {
    acquire: (scope, holder, ttlMs) =>
      write((database) => {
        if (living(database, scope, nowMs()) !== undefined) return undefined;
        const granted = database
          .query<{ fence: number }, [string]>(
            "INSERT INTO fences (scope, fence) VALUES (?, 1) ON CONFLICT DO UPDATE SET fence = fence + 1 RETURNING fence",
          )
          .get(scope);
        const number = granted?.fence ?? 1;
        database
          .query("INSERT OR REPLACE INTO leader_lease (scope, holder, fence, expires_at) VALUES (?, ?, ?, ?)")
          .run(scope, holder, number, nowMs() + ttlMs);
        return { scope, holder, number };
      }),
    renew: (lease, ttlMs) =>
      write((database) => {
        if (!holdsFence(database, lease, nowMs())) return false;
        database.query("UPDATE leader_lease SET expires_at = ? WHERE scope = ?").run(nowMs() + ttlMs, lease.scope);
        return true;
      }),
    release: ({ scope, number }) =>
      write((database) => {
        database.query("DELETE FROM leader_lease WHERE scope = ? AND fence = ?").run(scope, number);
      }),
    current: (scope) => read((database) => living(database, scope, nowMs())),
  };
}

/** A write that is refused with `miroir_taken_over` once the lease is lost; without a fence everybody may write. */
export async function writeUnderFence<T>(
  { nowMs, write }: Pick<Connection, "nowMs" | "write">,
  fence: Fence | undefined,
  work: (database: Database) => T,
): Promise<T> {
  const done = await write((database) => (holdsFence(database, fence, nowMs()) ? { value: work(database) } : null));
  if (done === null) throw leaseLost(fence?.scope ?? "");
  return done.value;
}

function holdsFence(database: Database, fence: Fence | undefined, nowMs: number): boolean {
  return fence === undefined || living(database, fence.scope, nowMs)?.number === fence.number;
}

function living(database: Database, scope: string, nowMs: number): Lease | undefined {
  const row = database.query<Row, [string, number]>(LIVING).get(scope, nowMs);
  return row === null ? undefined : { scope, holder: row.holder, number: row.fence };
}
