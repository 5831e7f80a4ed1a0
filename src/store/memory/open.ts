/** A store that forgets everything at the end of the process: for tests and throw-away demonstrations. */
import type { Store } from "../store.ts";
import { memoryCatalogStore } from "./catalog-store.ts";
import { memoryHintStore } from "./hint-store.ts";
import { memoryTaskStore } from "./task-store.ts";
import { memoryTopologyStore } from "./topology-store.ts";

export function openMemoryStore(): Store {
  return {
    tasks: memoryTaskStore(),
    catalog: memoryCatalogStore(),
    hints: memoryHintStore(),
    topology: memoryTopologyStore(),
    check: async () => {},
    close: async () => {},
  };
}
