/**
 * Group commit. Writes that wait together share one transaction and one flush of the disk; while that flush runs (off
 * the event loop), the next group gathers. A promise resolves only when its write is on the disk. A write that fails
 * does not touch the others of its group. A file that somebody else has locked is waited for without holding up anybody.
 */
import type { Database } from "bun:sqlite";
import { apiError } from "../../core/errors/api-error.ts";
import type { Emit } from "../../telemetry/event.ts";
import { storeBroke, storeWriteFailed } from "../../telemetry/events/store.ts";
import { systemClock } from "../../platform/system.ts";
import { storeUnavailable } from "../unavailable.ts";

export interface WriteQueue {
  /** Runs `work` inside a transaction. It may run twice (with the first attempt rolled back), so it touches only the database. */
  run<T>(work: () => T): Promise<T>;
  /** The same before everything that waits, and however much that is: what says that this router lives. */
  runVital<T>(work: () => T): Promise<T>;
  /** Why no write is taken any more, or undefined while all is well. */
  broken(): unknown;
  /** Why the last writes failed that had nothing wrong with themselves (no space, locked), or undefined while all is well. */
  failing(): unknown;
  /** Waits for the writes that have been given in; later ones are refused. */
  close(): Promise<void>;
}

interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
}

type Done = { readonly value: unknown } | { readonly failure: unknown };

/** More than this many writes waiting means that the disk has stopped; they are refused instead of piling up. */
const WRITES_WAITING_MAX = 50_000;
/** How long a file is waited for that somebody else has locked, and how often it is looked at. */
const LOCKED_MAX_MS = 5_000;
const LOCKED_PAUSE_MS = 25;

export interface WriteQueueTime {
  monotonicMs(): number;
  sleep(durationMs: number): Promise<void>;
}

export function createWriteQueue(
  database: Database,
  flush: () => Promise<void>,
  emit: Emit,
  time: WriteQueueTime = systemClock,
): WriteQueue {
  let waiting: Waiting[] = [];
  let failing: unknown;
  let running: Promise<void> | null = null;
  let broken: unknown;
  let closed = false;

  const isClosed = (): boolean => closed;

  const drain = async (): Promise<void> => {
    // Everything that the current turn still gives in joins the first group.
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await commitAndAnswer(group);
    }
    running = null;
  };

  const commitAndAnswer = async (group: readonly Waiting[]): Promise<void> => {
    let done = commitGroup(database, group);
    const untilMs = time.monotonicMs() + LOCKED_MAX_MS;
    while (done.every(isLocked) && time.monotonicMs() < untilMs) {
      if (isClosed()) break;
      failing = failureOf(done);
      await time.sleep(LOCKED_PAUSE_MS);
      done = commitGroup(database, group);
    }
    failing = failureOf(done);
    const failure = done.find((one) => "failure" in one);
    if (failure !== undefined) emit(storeWriteFailed, { writes: group.length, detail: detailOf(failure.failure) });
    try {
      if (broken === undefined) await flush();
    } catch (cause) {
      // After a failed flush the system may have dropped what it could not write: nothing can be promised any more.
      broken = cause;
      emit(storeBroke, { detail: detailOf(cause) });
    }
    group.forEach(({ resolve, reject }, position) => {
      const one = done[position];
      if (broken !== undefined) reject(storeUnavailable(broken));
      else if (one === undefined || "failure" in one) reject(storeUnavailable(one?.failure));
      else resolve(one.value as never);
    });
  };

  const submit = <T>(work: () => T, isVital: boolean): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (closed) return reject(apiError("miroir_shutting_down", "The store is closed: the router is stopping."));
      if (broken !== undefined) return reject(storeUnavailable(broken));
      if (!isVital && waiting.length >= WRITES_WAITING_MAX) {
        return reject(apiError("miroir_overloaded", "Too many writes wait for the disk of the store."));
      }
      if (isVital) waiting.unshift({ work, resolve, reject });
      else waiting.push({ work, resolve, reject });
      running ??= drain();
    });

  return {
    run: (work) => submit(work, false),
    runVital: (work) => submit(work, true),
    broken: () => broken,
    failing: () => broken ?? failing,
    close: async () => {
      closed = true;
      await running;
    },
  };
}

/** All in one transaction; if that fails, each in its own, so that one bad write fails alone. */
function commitGroup(database: Database, group: readonly Waiting[]): readonly Done[] {
  try {
    return inTransaction(database, () => group.map(({ work }) => ({ value: work() })));
  } catch (failure) {
    if (group.length === 1 || isLocked({ failure })) return group.map(() => ({ failure }));
    return group.map(({ work }) => {
      try {
        return { value: inTransaction(database, work) };
      } catch (failure) {
        return { failure };
      }
    });
  }
}

function inTransaction<T>(database: Database, work: () => T): T {
  database.run("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.run("COMMIT");
    return result;
  } catch (cause) {
    if (database.inTransaction) database.run("ROLLBACK");
    throw cause;
  }
}

function isLocked(done: Done): boolean {
  return "failure" in done && codeOf(done.failure).startsWith("SQLITE_BUSY");
}

/** What failed for a reason that the next write would meet as well. */
function failureOf(done: readonly Done[]): unknown {
  for (const one of done) if ("failure" in one && isFaultOfStore(one.failure)) return one.failure;
  return undefined;
}

/** Not a mistake of the one write, but something that others would meet as well. */
function isFaultOfStore(failure: unknown): boolean {
  return /^SQLITE_(?:BUSY|FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|PROTOCOL|LOCKED)/.test(codeOf(failure));
}

function codeOf(failure: unknown): string {
  const code = (failure as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}

function detailOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
