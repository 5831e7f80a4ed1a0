/**
 * Who repairs a replica reads first and writes later; what a client writes in between must win. This notes which keys
 * have entered the lanes since a moment, in the same instant in which they enter, so that a repair that enters them
 * without any such key can only stand before a newer write, never behind it.
 */
import type { LaneEntry } from "../../scatter/lane.ts";

export interface WriteWatch {
  /** Called by the lanes for everything that enters them, before anything of it is sent. */
  entered(indexUid: string, entries: readonly LaneEntry[]): void;
  /** From this instant on it is noted what is written to the index. Has to be ended. */
  watch(indexUid: string): Watched;
}

export interface Watched {
  /** False once the document may have been written, deleted or edited. */
  untouched(key: string): boolean;
  end(): void;
}

export function createWriteWatch(): WriteWatch {
  const watching = new Set<Notes>();
  return {
    entered(indexUid, entries) {
      if (watching.size === 0) return;
      const first = entries.find((entry) => entry.request.operation !== REPAIR_OPERATION);
      if (first === undefined) return;
      // What changes indexes themselves enters the lanes of one of them and may concern others.
      const onlyDocuments = entries.every(({ request }) => request.operation.startsWith("documents."));
      for (const notes of watching) {
        if (onlyDocuments && notes.indexUid !== indexUid) continue;
        if (!onlyDocuments || first.keys === undefined) notes.all = true;
        else for (const key of first.keys) note(notes, key);
      }
    },
    watch(indexUid) {
      const notes: Notes = { indexUid, keys: new Set(), all: false };
      watching.add(notes);
      return {
        untouched: (key) => !notes.all && !notes.keys.has(key),
        end: () => void watching.delete(notes),
      };
    },
  };
}

interface Notes {
  readonly indexUid: string;
  readonly keys: Set<string>;
  all: boolean;
}

/** More is not kept apart: everything then counts as written. */
function note(notes: Notes, key: string): void {
  if (notes.keys.size < KEYS_MAX) notes.keys.add(key);
  else notes.all = true;
}

/** The operation of requests that only bring what other replicas have. */
export const REPAIR_OPERATION = "documents.repair";
const KEYS_MAX = 200_000;
