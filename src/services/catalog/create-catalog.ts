/** The catalog of indexes: read from memory, written through to the store, changed in turn per index. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError } from "../../core/errors/api-error.ts";
import { createInTurn } from "../../platform/in-turn.ts";
import type { CatalogStore } from "../../store/catalog-store.ts";
import type { Catalog } from "./catalog.ts";

/** Reads the whole catalog once; from then on this is the only writer. */
export async function createCatalog(store: CatalogStore): Promise<Catalog> {
  const entries = new Map((await store.all()).map((entry) => [entry.uid, entry]));
  const turns = createInTurn<string>();

  const write: Catalog["change"] = async (change) => {
    await store.change(change);
    for (const uid of change.remove) entries.delete(uid);
    for (const entry of change.put) entries.set(entry.uid, entry);
  };

  /** A change of several waits for its turn on each of them; taking the turns in one order keeps two from blocking each other. */
  const inAllTurns = <T>(uids: readonly string[], work: () => Promise<T>): Promise<T> => {
    const [first, ...rest] = uids;
    return first === undefined ? work() : turns.run(first, () => inAllTurns(rest, work));
  };

  return {
    get: (uid) => entries.get(uid),
    visible: (uid) => {
      const entry = entries.get(uid);
      if (entry === undefined || !isVisible(entry)) throw apiError("index_not_found", `Index \`${uid}\` not found.`);
      return entry;
    },
    list: () => [...entries.values()].filter(isVisible).toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
    put: (entry) => turns.run(entry.uid, () => write({ put: [entry], remove: [] })),
    change: (change) => {
      const uids = new Set([...change.put.map(({ uid }) => uid), ...change.remove]);
      return inAllTurns([...uids].toSorted(), () => write(change));
    },
    update: (uid, change) =>
      turns.run(uid, async () => {
        const entry = entries.get(uid);
        if (entry === undefined) return undefined;
        const next = change(entry);
        await write({ put: [next], remove: [] });
        return next;
      }),
  };
}

function isVisible({ state }: IndexEntry): boolean {
  return state === "ready" || state === "deleting";
}
