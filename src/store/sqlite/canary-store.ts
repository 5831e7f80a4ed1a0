/** `CanaryStore` on the tables `canaries` and `canary_runs`. */
import type { Canary, CanaryRun, CanaryStore } from "../canary-store.ts";
import type { Connection } from "./connection.ts";

interface CanaryRow {
  readonly id: string;
  readonly name: string;
  readonly index_uid: string;
  readonly interval_s: number;
  readonly query_json: string;
  readonly assertions_json: string;
  readonly enabled: number;
  readonly created_at: number;
}

interface RunRow {
  readonly canary_id: string;
  readonly ran_at: number;
  readonly status: CanaryRun["status"];
  readonly latency_ms: number;
  readonly failed_assertions_json: string | null;
}

const PUT = `INSERT OR REPLACE INTO canaries
  (id, name, index_uid, interval_s, query_json, assertions_json, enabled, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const ADD_RUN = `INSERT OR REPLACE INTO canary_runs (canary_id, ran_at, status, latency_ms, failed_assertions_json)
  VALUES (?, ?, ?, ?, ?)`;
const PRUNE_RUNS = `DELETE FROM canary_runs WHERE canary_id = ?1 AND ran_at NOT IN
  (SELECT ran_at FROM canary_runs WHERE canary_id = ?1 ORDER BY ran_at DESC LIMIT ?2)`;

export function sqliteCanaryStore({ read, write }: Connection): CanaryStore {
  return {
    all: () =>
      read((database) => database.query<CanaryRow, []>("SELECT * FROM canaries ORDER BY id").all().map(toCanary)),
    put: ({ id, name, indexUid, intervalS, query, assertions, enabled, createdAt }) =>
      write((database) => {
        const texts = [JSON.stringify(query), JSON.stringify(assertions)] as const;
        database.query(PUT).run(id, name, indexUid, intervalS, ...texts, enabled ? 1 : 0, createdAt);
      }),
    remove: (id) =>
      write((database) => {
        database.query("DELETE FROM canary_runs WHERE canary_id = ?").run(id);
        return database.query("DELETE FROM canaries WHERE id = ?").run(id).changes > 0;
      }),
    addRun: ({ canaryId, ranAt, status, latencyMs, failedAssertions }, keepMax) =>
      write((database) => {
        if (database.query("SELECT 1 FROM canaries WHERE id = ?").get(canaryId) === null) return false;
        const failed = failedAssertions === null ? null : JSON.stringify(failedAssertions);
        database.query(ADD_RUN).run(canaryId, ranAt, status, latencyMs, failed);
        database.query(PRUNE_RUNS).run(canaryId, keepMax);
        return true;
      }),
    runs: (canaryId, limit) =>
      read((database) => {
        const sql = "SELECT * FROM canary_runs WHERE canary_id = ? ORDER BY ran_at DESC LIMIT ?";
        return database.query<RunRow, [string, number]>(sql).all(canaryId, limit).map(toRun);
      }),
  };
}

function toCanary(row: CanaryRow): Canary {
  return {
    id: row.id,
    name: row.name,
    indexUid: row.index_uid,
    intervalS: row.interval_s,
    query: JSON.parse(row.query_json) as Record<string, unknown>,
    assertions: JSON.parse(row.assertions_json) as unknown[],
    enabled: row.enabled === 1,
    createdAt: row.created_at,
  };
}

function toRun(row: RunRow): CanaryRun {
  const { canary_id: canaryId, ran_at: ranAt, status, latency_ms: latencyMs, failed_assertions_json: failed } = row;
  return {
    canaryId,
    ranAt,
    status,
    latencyMs,
    failedAssertions: failed === null ? null : (JSON.parse(failed) as unknown[]),
  };
}
