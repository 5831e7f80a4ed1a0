/** Aliases: names that stand for an index, or for several that are searched together. Read whole at start. */
import type { Fence } from "./lease-store.ts";

export interface Alias {
  readonly name: string;
  readonly kind: "single" | "multi";
  /** Of a single one. */
  readonly currentUid: string | null;
  /** Of one that stands for several. */
  readonly targetUids: readonly string[] | null;
  /** Rises with every change; 1 at first. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What it stood for before, the newest last. */
  readonly history: readonly AliasTarget[];
}

export interface AliasTarget {
  readonly uids: readonly string[];
  /** Until when, in milliseconds since the epoch. */
  readonly until: number;
}

export interface AliasChange {
  /** The version that is replaced; 0: there is none of that name yet. */
  readonly expectedVersion: number;
  /** The lease under which aliases of that name are changed; rejects with `miroir_taken_over` when it is lost. */
  readonly fence?: Fence;
}

export interface AliasStore {
  /** Sorted by name. */
  all(): Promise<readonly Alias[]>;
  get(name: string): Promise<Alias | undefined>;
  /** Compare-and-set: false, and nothing has changed, when another version is stored. Keeps the newest `historyMax`. */
  save(alias: Alias, change: AliasChange & { readonly historyMax: number }): Promise<boolean>;
  /** Compare-and-set as well. */
  remove(name: string, change: AliasChange): Promise<boolean>;
}

export function withHistory(alias: Alias, historyMax: number): Alias {
  return { ...alias, history: historyMax === 0 ? [] : alias.history.slice(-historyMax) };
}
