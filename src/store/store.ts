/** What must survive a restart: a bundle of narrow ports. Nothing above the composition root knows the backend. */
import type { CatalogStore } from "./catalog-store.ts";
import type { HintStore } from "./hint-store.ts";
import type { TaskStore } from "./task-store.ts";
import type { TopologyStore } from "./topology-store.ts";

export interface Store {
  readonly tasks: TaskStore;
  readonly catalog: CatalogStore;
  readonly hints: HintStore;
  readonly topology: TopologyStore;
  /** Rejects with `miroir_store_unavailable` if the store does not work. */
  check(): Promise<void>;
  close(): Promise<void>;
}
