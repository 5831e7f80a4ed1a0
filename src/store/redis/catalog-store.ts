/** `CatalogStore` in one hash, an entry as JSON under its uid. Other routers are told of every change. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import type { CatalogStore } from "../catalog-store.ts";
import { storeLost } from "../refusals.ts";
import type { RedisConnection, RedisValue } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import knownText from "./scripts/known-store.lua" with { type: "text" };
import changeText from "./scripts/change-catalog.lua" with { type: "text" };

const KEY = "miroir:index_catalog";
const changeScript = script(knownText, changeText);

/** `known`: the name of the store that this router has begun with; empty while it has not. */
export function redisCatalogStore(redis: RedisConnection, known: () => string): CatalogStore {
  const run = async (...values: readonly RedisValue[]): Promise<number> => {
    const answer = await runScript<number>(redis, changeScript, known(), ...values);
    if (answer < 0) throw storeLost();
    return answer;
  };
  const change: CatalogStore["change"] = async ({ put, remove }) => {
    const entries = put.flatMap((entry) => [entry.uid, textOf(entry)]);
    await run(0, "", "", remove.length, ...remove, ...entries);
  };
  return {
    all: async () => {
      const texts = await redis.command<readonly string[]>("HVALS", KEY);
      return texts.map(toEntry).toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
    },
    get: async (uid) => {
      const text = await redis.command<string | null>("HGET", KEY, uid);
      return text === null ? undefined : toEntry(text);
    },
    put: (entry) => change({ put: [entry], remove: [] }),
    change,
    replace: async (expected, next) => (await run(1, expected.uid, textOf(expected), 0, next.uid, textOf(next))) === 1,
    remove: (uid) => change({ put: [], remove: [uid] }),
  };
}

/** One order of keys, so that equal entries are equal texts. */
function textOf(entry: IndexEntry): string {
  const { uid, primaryKey, shards, state, settingsVersion, settings, createdAt, updatedAt } = entry;
  const { settingsHashes, ownForms, frozen, tieBreak, sweeps } = entry;
  const rest = { settings, createdAt, updatedAt, settingsHashes, ownForms, frozen, tieBreak, sweeps };
  return JSON.stringify({ uid, primaryKey, shards, state, settingsVersion, ...rest });
}

function toEntry(text: string): IndexEntry {
  return JSON.parse(text) as IndexEntry;
}
