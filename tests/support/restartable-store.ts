/** A store in memory as a router sees it that has just been started again: every open task is one of an earlier run. */
import type { Store } from "../../src/store/store.ts";
import { openMemoryStore } from "../../src/store/memory/open.ts";

export function restartableStore(store: Store = openMemoryStore()): Store {
  return { ...store, tasks: { ...store.tasks, adopt: () => store.tasks.unfinished() } };
}
