/** Golden queries that are run again and again, and how their last runs went. */
export interface Canary {
  readonly id: string;
  readonly name: string;
  readonly indexUid: string;
  readonly intervalS: number;
  readonly query: Readonly<Record<string, unknown>>;
  readonly assertions: readonly unknown[];
  readonly enabled: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface CanaryRun {
  readonly canaryId: string;
  /** Milliseconds since the epoch; a canary runs once at a time. */
  readonly ranAt: number;
  readonly status: "pass" | "fail" | "error";
  readonly latencyMs: number;
  /** Those of its assertions that did not hold; null when it was not judged. */
  readonly failedAssertions: readonly unknown[] | null;
}

export interface CanaryStore {
  /** Sorted by id. */
  all(): Promise<readonly Canary[]>;
  /** In place of an earlier one of the same id. */
  put(canary: Canary): Promise<void>;
  /** With its runs; false when there was none. */
  remove(id: string): Promise<boolean>;
  /** Keeps the newest `keepMax` runs of the canary. False, and nothing is kept, when the canary has been removed. */
  addRun(run: CanaryRun, keepMax: number): Promise<boolean>;
  /** The newest first. */
  runs(canaryId: string, limit: number): Promise<readonly CanaryRun[]>;
}
