/** The catalog of indexes: read from memory, written through to the store, changed in turn per index. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError } from "../../core/errors/api-error.ts";
import { createInTurn } from "../../platform/in-turn.ts";
import { ownTurns, type Turns } from "../routers/turns.ts";
import type { CatalogStore } from "../../store/catalog-store.ts";
import type { Catalog, CatalogChange } from "./catalog.ts";

export interface CatalogOptions {
  /** Resolves when every other router knows what has just been stored. Default: there are none. */
  readonly spread?: () => Promise<void>;
  /** Whose turn it is on an index; default: always this router's. */
  readonly turns?: Pick<Turns, "run">;
}

export interface SharedCatalog extends Catalog {
  /** Takes in what other routers have changed. */
  refresh(): Promise<void>;
}

/**
 * Reads the whole catalog once. Of several routers one at a time changes an entry: the one whose turn it is on the index.
 */
export async function createCatalog(store: CatalogStore, options: CatalogOptions = {}): Promise<SharedCatalog> {
  const entries = new Map((await store.all()).map((entry) => [entry.uid, entry]));
  const shared = options.turns ?? ownTurns;
  const turns = createInTurn<string>();
  // A refresh must not bring back what was read before a write of this router.
  const exchanges = createInTurn<"store">();
  /** Entries that were corrected here and may not be stored so. No more than there are indexes. */
  const owed = new Set<string>();
  let lastBirth = -Infinity;

  const write = async (change: CatalogChange): Promise<void> => {
    await exchanges.run("store", async () => {
      await store.change(change);
      for (const uid of change.remove) entries.delete(uid);
      for (const entry of change.put) entries.set(entry.uid, entry);
      for (const uid of [...change.remove, ...change.put.map((entry) => entry.uid)]) owed.delete(uid);
    });
    await options.spread?.();
  };

  /** A change of several waits for its turn on each of them; taking the turns in one order keeps two from blocking each other. */
  const inAllTurns = <T>(uids: readonly string[], work: () => Promise<T>): Promise<T> => {
    const [first, ...rest] = uids;
    return first === undefined ? work() : turns.run(first, () => inAllTurns(rest, work));
  };

  const inTurn = <T>(uid: string, work: () => Promise<T>): Promise<T> => shared.run([uid], () => turns.run(uid, work));

  /** Stores what is owed of one entry; called in its turn. */
  const payOff = async (uid: string): Promise<void> => {
    const entry = entries.get(uid);
    if (entry === undefined) owed.delete(uid);
    else if (owed.has(uid)) await write({ put: [entry], remove: [] });
  };

  return {
    get: (uid) => entries.get(uid),
    visible: (uid) => {
      const entry = entries.get(uid);
      if (entry === undefined || !isVisible(entry)) throw apiError("index_not_found", `Index \`${uid}\` not found.`);
      return entry;
    },
    all: () => [...entries.values()],
    creating: () => [...entries.values()].filter(({ state }) => state === "creating").map(({ uid }) => uid),
    refresh: () =>
      exchanges.run("store", async () => {
        const stored = await store.all();
        const corrected = new Map([...owed].map((uid) => [uid, entries.get(uid)]));
        entries.clear();
        for (const entry of stored) entries.set(entry.uid, sameBirth(corrected.get(entry.uid), entry));
      }),
    list: () => [...entries.values()].filter(isVisible).toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
    birth: (nowMs) => {
      const taken = new Set([...entries.values()].map(({ createdAt }) => createdAt));
      // Also that of an index that did not come to be, and was to have the same name.
      let moment = nowMs <= lastBirth && lastBirth - nowMs < CLOSE_MS ? lastBirth + 1 : nowMs;
      while (taken.has(moment)) moment += 1;
      lastBirth = moment;
      return moment;
    },
    put: (entry) => inTurn(entry.uid, () => write({ put: [entry], remove: [] })),
    change: (uids, change) => {
      const all = [...new Set(uids)].toSorted();
      return shared.run(all, () => inAllTurns(all, () => write(change(entries))));
    },
    correct: (uid, change) =>
      inTurn(uid, async () => {
        const entry = entries.get(uid);
        if (entry === undefined) return;
        const next = change(entry);
        if (next !== entry) {
          entries.set(uid, next);
          owed.add(uid);
        }
        await payOff(uid);
      }),
    owes: (uid) => owed.has(uid),
    settle: async () => {
      for (const uid of owed) await inTurn(uid, () => payOff(uid));
    },
    remove: (uid, isMeant) =>
      inTurn(uid, async () => {
        if (isMeant(entries.get(uid))) await write({ put: [], remove: [uid] });
      }),
    update: (uid, change) =>
      inTurn(uid, async () => {
        const entry = entries.get(uid);
        if (entry === undefined) return undefined;
        const next = change(entry);
        // Nothing that other routers would have to take in.
        if (next === entry) return entry;
        await write({ put: [next], remove: [] });
        return next;
      }),
  };
}

/** Births so close to each other ascend; a clock that was set back by more is believed. */
const CLOSE_MS = 1_000;

/** Another router may have put another index in its place. */
function sameBirth(corrected: IndexEntry | undefined, stored: IndexEntry): IndexEntry {
  return corrected?.createdAt === stored.createdAt ? corrected : stored;
}

function isVisible({ state }: IndexEntry): boolean {
  return state === "ready" || state === "deleting";
}
