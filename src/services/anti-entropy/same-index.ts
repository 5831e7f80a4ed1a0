/**
 * What is read from several nodes under one name is compared only if it was the same index on all of them, all the time:
 * indexes may exchange their names between two requests, and an exchange that one node refuses is taken back again.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { Renames } from "../routers/renames.ts";
import type { Turns } from "../routers/turns.ts";

export interface SameIndexDeps {
  /** Those that wait while an index changes its name. */
  readonly turns: Pick<Turns, "run">;
  readonly renames: Pick<Renames, "watch">;
  readonly createdAt: (indexUid: string) => number | undefined;
}

/** What `read` finds; null: by then, or before, the name was that of another index, or of none. Rejects as `read` does. */
export type OfSameIndex = <T>(entry: IndexEntry, read: () => Promise<T>) => Promise<T | null>;

export function createOfSameIndex({ turns, renames, createdAt }: SameIndexDeps): OfSameIndex {
  return async (entry, read) => {
    const isNamed = (): boolean => createdAt(entry.uid) === entry.createdAt;
    // With the turn nobody changes the name, and what other routers have done to it is known.
    const watched = await turns.run([entry.uid], async () => (isNamed() ? renames.watch(entry.uid) : null));
    if (watched === null) return null;
    try {
      const found = await read();
      const isSame = await turns.run([entry.uid], async () => isNamed());
      return isSame && watched.untouched() ? found : null;
    } finally {
      watched.end();
    }
  };
}
