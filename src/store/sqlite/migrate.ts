/**
 * Brings a database to the newest schema this program knows. A second start is one SELECT. Each file is applied in one
 * transaction with its record, so a crash leaves it applied or not. Refuses a store that is newer than the program
 * and one whose applied files are not the program's own.
 */
import type { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { StoreRefused } from "../store-refused.ts";
import type { Migration } from "./migrations.ts";

interface AppliedRow {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

export interface MigrationResult {
  readonly version: number;
  readonly applied: number;
}

export function migrate(database: Database, known: readonly Migration[], nowMs: number): MigrationResult {
  const applied = appliedMigrations(database);
  const newest = known.at(-1)?.version ?? 0;
  const found = applied.at(-1)?.version ?? 0;
  if (found > newest) {
    throw new StoreRefused(
      "schema_version_ahead",
      `SchemaVersionAhead: found ${found}, know ${newest}. A newer version of Miroir has used this store; start that version, or give this one a store of its own.`,
    );
  }
  for (const row of applied) refuseChanged(row, known);
  const missing = known.filter(({ version }) => !applied.some((row) => row.version === version));
  for (const migration of missing) applyOne(database, migration, nowMs);
  return { version: newest, applied: missing.length };
}

export function checksumOf(sql: string): string {
  return createHash("sha256").update(sql).digest("hex");
}

function appliedMigrations(database: Database): readonly AppliedRow[] {
  try {
    return database.query<AppliedRow, []>("SELECT version, name, checksum FROM schema_versions ORDER BY version").all();
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.includes("no such table")) throw cause;
    database.run(
      "CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL)",
    );
    return [];
  }
}

function refuseChanged(row: AppliedRow, known: readonly Migration[]): void {
  const migration = known.find(({ version }) => version === row.version);
  if (migration !== undefined && checksumOf(migration.sql) === row.checksum) return;
  throw new StoreRefused(
    "checksum_changed",
    `The store was made with another form of migration ${row.version} (${row.name}) than the one in this program, so its tables may differ from what is expected. Start the version that made it.`,
  );
}

function applyOne(database: Database, migration: Migration, nowMs: number): void {
  database.transaction(() => {
    database.run(migration.sql);
    database.run("INSERT INTO schema_versions (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)", [
      migration.version,
      migration.name,
      checksumOf(migration.sql),
      nowMs,
    ]);
  })();
}
