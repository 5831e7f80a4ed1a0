/** What the ports share: one database, one way to write, one way to read. Nothing of it leaves `store/sqlite`. */
import type { Database } from "bun:sqlite";
import { storeUnavailable } from "../unavailable.ts";
import type { WriteQueue } from "./write-queue.ts";

export interface Connection {
  readonly database: Database;
  /** For what ends by itself. Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** See `WriteQueue.run`. */
  readonly write: <T>(work: (database: Database) => T) => Promise<T>;
  /** See `WriteQueue.runVital`. */
  readonly writeVital: <T>(work: (database: Database) => T) => Promise<T>;
  /** Sees every write that has been answered. */
  readonly read: <T>(work: (database: Database) => T) => Promise<T>;
}

export function createConnection(database: Database, queue: WriteQueue, nowMs: () => number): Connection {
  return {
    database,
    nowMs,
    write: (work) => queue.run(() => work(database)),
    writeVital: (work) => queue.runVital(() => work(database)),
    read: async (work) => {
      try {
        return work(database);
      } catch (cause) {
        throw storeUnavailable(cause);
      }
    },
  };
}
