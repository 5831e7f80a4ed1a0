/**
 * The store in one SQLite file, for one router. Opens it once and for itself alone, brings its tables up to date and
 * hands out the ports.
 *
 * A write is on the disk before its promise resolves: SQLite appends to its log without waiting (`synchronous` NORMAL)
 * and the write queue then flushes that log itself, once per group and beside the event loop. That is what FULL would
 * do after each transaction, minus the waiting in which no request would be served.
 */
import { Database } from "bun:sqlite";
import { closeSync, fdatasync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { storeOpened } from "../../telemetry/events/store.ts";
import { quietFeed } from "../change-feed.ts";
import { StoreRefused } from "../store-refused.ts";
import { localRates } from "../rate-store.ts";
import type { Store } from "../store.ts";
import { storeUnavailable } from "../unavailable.ts";
import { sqliteAdminSessionStore } from "./admin-session-store.ts";
import { sqliteAliasStore } from "./alias-store.ts";
import { sqliteCanaryStore } from "./canary-store.ts";
import { sqliteCatalogStore } from "./catalog-store.ts";
import { sqliteCdcCursorStore } from "./cdc-store.ts";
import { createConnection } from "./connection.ts";
import { sqliteHintStore } from "./hint-store.ts";
import { holdFile } from "./hold-file.ts";
import { sqliteIdempotencyStore } from "./idempotency-store.ts";
import { sqliteJobStore } from "./job-store.ts";
import { sqliteLeaseStore } from "./lease-store.ts";
import { migrate } from "./migrate.ts";
import { migrations, type Migration } from "./migrations.ts";
import { sqliteMovementStore } from "./movement-store.ts";
import { sqliteNodeVersionStore } from "./node-version-store.ts";
import { sqliteRepairStore } from "./repair-store.ts";
import { sqliteRolloverStore } from "./rollover-store.ts";
import { sqliteRouterStore } from "./router-store.ts";
import { sqliteSearchRuleStore } from "./search-rule-store.ts";
import { sqliteSearchUiStore } from "./search-ui-store.ts";
import { sqliteSessionStore } from "./session-store.ts";
import { sqliteTaskStore } from "./task-store.ts";
import { sqliteTenantStore } from "./tenant-store.ts";
import { sqliteTombstoneStore } from "./tombstone-store.ts";
import { sqliteTopologyStore } from "./topology-store.ts";
import { sqliteWebhookStore } from "./webhook-store.ts";
import { createWriteQueue } from "./write-queue.ts";

export interface SqliteStoreOptions {
  readonly path: string;
  readonly clock: Pick<Clock, "nowMs">;
  readonly emit: Emit;
  /** For tests of the migrations themselves. */
  readonly migrations?: readonly Migration[];
}

/** Throws `StoreRefused` when the file cannot be used as it is. */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const { path, clock, emit } = options;
  prepareFile(path);
  const held = holdFile(path);
  try {
    const database = openDatabase(path);
    const result = migrate(database, options.migrations ?? migrations, clock.nowMs());
    // The file is this process's alone, so whoever had a lease or a job is gone; nobody has to wait for its end.
    database.run("DELETE FROM leader_lease");
    database.run("UPDATE jobs SET claim_expires_at = 0 WHERE state = 'in_progress'");
    emit(storeOpened, { backend: "sqlite", schemaVersion: result.version, migrationsApplied: result.applied });
    return assemble(
      path,
      database,
      () => clock.nowMs(),
      emit,
      () => held.release(),
    );
  } catch (cause) {
    held.release();
    if (cause instanceof StoreRefused) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new StoreRefused("unusable", `The store ${path} cannot be opened: ${detail}.`, cause);
  }
}

function assemble(path: string, database: Database, nowMs: () => number, emit: Emit, release: () => void): Store {
  // From here on waiting would hold up the searches too; the write queue waits beside them.
  database.run("PRAGMA busy_timeout = 0");
  const log = openSync(`${path}-wal`, "r+");
  syncDirectory(dirname(path));
  const queue = createWriteQueue(database, () => flushed(log), emit);
  const connection = createConnection(database, queue, nowMs);
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await queue.close();
    closeSync(log);
    database.close();
    release();
  };
  return {
    tasks: sqliteTaskStore(connection),
    catalog: sqliteCatalogStore(connection),
    nodeVersions: sqliteNodeVersionStore(connection),
    hints: sqliteHintStore(connection),
    topology: sqliteTopologyStore(connection),
    leases: sqliteLeaseStore(connection),
    routers: sqliteRouterStore(connection),
    jobs: sqliteJobStore(connection),
    sessions: sqliteSessionStore(connection),
    idempotency: sqliteIdempotencyStore(connection),
    tombstones: sqliteTombstoneStore(connection),
    repairs: sqliteRepairStore(connection),
    webhooks: sqliteWebhookStore(connection),
    searchRules: sqliteSearchRuleStore(connection),
    movements: sqliteMovementStore(connection),
    aliases: sqliteAliasStore(connection),
    canaries: sqliteCanaryStore(connection),
    cdcCursors: sqliteCdcCursorStore(connection),
    tenants: sqliteTenantStore(connection),
    rollovers: sqliteRolloverStore(connection),
    searchUi: sqliteSearchUiStore(connection),
    adminSessions: sqliteAdminSessionStore(connection),
    rates: localRates(nowMs),
    changes: quietFeed,
    check: async () => {
      if (queue.broken() !== undefined) throw storeUnavailable(queue.broken());
      await connection.read(() => database.query("SELECT version FROM schema_versions LIMIT 1").get());
      // Writes that fail are believed to go on failing until one succeeds; this one is tried without waiting for it.
      if (queue.failing() === undefined) return;
      queue.run(() => database.run("UPDATE counters SET next = next WHERE name = 'task_uid'")).catch(() => undefined);
      throw storeUnavailable(queue.failing());
    },
    close: () => (closing ??= close()),
  };
}

/** The file holds secrets of settings: only its owner may read it. SQLite gives its side files the same mode. */
function prepareFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, "a", OWNER_ONLY));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new StoreRefused("unusable", `The store ${path} cannot be created or written: ${detail}.`, cause);
  }
}

function openDatabase(path: string): Database {
  Database.MAX_QUERY_CACHE_SIZE = Math.max(Database.MAX_QUERY_CACHE_SIZE, STATEMENTS_KEPT_MAX);
  const database = new Database(path, { readwrite: true, create: true, strict: true });
  database.run("PRAGMA busy_timeout = 5000");
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = NORMAL");
  database.run("PRAGMA journal_size_limit = 67108864");
  // The log file exists from the first look on; the write queue needs it to flush.
  database.query("SELECT count(*) FROM sqlite_schema").get();
  return database;
}

/** The names of the files must survive a loss of power as well as what is in them. */
function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function flushed(log: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(log, (cause) => (cause === null || cause === undefined ? resolve() : reject(cause)));
  });
}

const OWNER_ONLY = 0o600;
/** Prepared statements that are kept; more than there are texts of statements in this folder. */
const STATEMENTS_KEPT_MAX = 200;
