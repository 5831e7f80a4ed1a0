/**
 * The search pages: how those of an index look, and the API key that their searches use. A new key takes the place of an
 * old one in steps, and the old one goes only when every router has been seen to use the new.
 */
import type { Fence } from "./lease-store.ts";

export interface SearchUiConfig {
  readonly indexUid: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

export interface ScopedKey {
  readonly indexUid: string;
  /** Rises with every key that takes the place of another; 1 at first. */
  readonly generation: number;
  readonly keyUid: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** The key before, which is still valid; null when it has gone. */
  readonly previousKeyUid: string | null;
}

export interface SearchUiStore {
  /** Sorted by index. */
  configs(): Promise<readonly SearchUiConfig[]>;
  config(indexUid: string): Promise<SearchUiConfig | undefined>;
  putConfig(config: SearchUiConfig): Promise<void>;
  /** False when there was none. */
  removeConfig(indexUid: string): Promise<boolean>;
  scopedKey(indexUid: string): Promise<ScopedKey | undefined>;
  /**
   * Compare-and-set on the generation (0: none yet): false, and nothing has changed, when another one is stored. Rejects
   * with `miroir_taken_over` when the lease is lost.
   */
  saveScopedKey(key: ScopedKey, expectedGeneration: number, fence?: Fence): Promise<boolean>;
  removeScopedKey(indexUid: string): Promise<void>;
  /** This router uses that generation; it is believed for `ttlMs`. */
  observeScopedKey(router: string, indexUid: string, generation: number, ttlMs: number): Promise<void>;
  /** What each of these routers is believed to use; those of whom nothing is known are absent. */
  observedScopedKeys(routers: readonly string[], indexUid: string): Promise<ReadonlyMap<string, number>>;
}
