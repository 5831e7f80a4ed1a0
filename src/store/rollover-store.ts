/** Policies by which an index is rolled over to a new one, by age or size. */
export interface RolloverPolicy {
  readonly name: string;
  readonly writeAlias: string;
  readonly readAlias: string;
  /** Names of the indexes, such as `logs-{n}`. */
  readonly pattern: string;
  readonly triggers: Readonly<Record<string, unknown>>;
  readonly retention: Readonly<Record<string, unknown>>;
  /** Settings of a new index. */
  readonly template: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
}

export interface RolloverStore {
  /** Sorted by name. */
  all(): Promise<readonly RolloverPolicy[]>;
  get(name: string): Promise<RolloverPolicy | undefined>;
  /** In place of an earlier one of the same name. */
  put(policy: RolloverPolicy): Promise<void>;
  /** False when there was none. */
  remove(name: string): Promise<boolean>;
}
