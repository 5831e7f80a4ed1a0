/**
 * Makes sure that only one router has a store open. A small database beside the store stays reserved as long as the
 * process lives; the reservation is a lock of the operating system, so it ends with the process however that dies,
 * and no stale file ever has to be removed by hand. The store itself stays readable for other tools.
 */
import { Database } from "bun:sqlite";
import { StoreRefused } from "../store-refused.ts";

export interface HeldFile {
  release(): void;
}

export function holdFile(storePath: string): HeldFile {
  const path = `${storePath}.lock`;
  const database = new Database(path, { create: true, readwrite: true });
  try {
    database.run("PRAGMA busy_timeout = 0");
    // Nothing durable is kept here, so nothing needs to be synchronised.
    database.run("PRAGMA synchronous = OFF");
    database.run("PRAGMA journal_mode = MEMORY");
    reserve(database);
    writeHolder(database);
    reserve(database);
  } catch (cause) {
    const holder = readHolder(database);
    database.close();
    if (!isBusy(cause)) throw new StoreRefused("unusable", `The lock file ${path} cannot be used.`, cause);
    throw new StoreRefused(
      "in_use",
      `Another router${holder} has the store ${storePath} open. Stop it, or give this one a store of its own; several routers need \`task_store.backend: redis\`.`,
      cause,
    );
  }
  return { release: () => database.close() };
}

/** The lock that one connection can have at a time, while others may still read. */
function reserve(database: Database): void {
  database.run("BEGIN IMMEDIATE");
}

function writeHolder(database: Database): void {
  database.run("CREATE TABLE IF NOT EXISTS holder (id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL)");
  database.run("INSERT OR REPLACE INTO holder (id, pid) VALUES (1, ?)", [process.pid]);
  database.run("COMMIT");
}

function readHolder(database: Database): string {
  try {
    const row = database.query<{ pid: number }, []>("SELECT pid FROM holder").get();
    return row === null ? "" : ` (process ${row.pid})`;
  } catch {
    return "";
  }
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && String(cause.code).startsWith("SQLITE_BUSY");
}
