/**
 * Up to which version of its settings a node has been proven to have an index. A row is also the proof that the node
 * has had the index at all: where it is missing later, the node has lost it. The index of the empty name stands for what
 * belongs to no index: API keys and experimental features.
 */
export interface NodeSettingsVersion {
  readonly indexUid: string;
  /** That of the index; null: an older version has noted it, or it belongs to no index. */
  readonly createdAt: number | null;
  readonly nodeId: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

export interface NodeVersionChange {
  /** Every row of these indexes goes first. */
  readonly removeIndexes?: readonly string[];
  readonly put?: readonly NodeSettingsVersion[];
}

export interface NodeVersionStore {
  /** Sorted by index, then node. */
  all(): Promise<readonly NodeSettingsVersion[]>;
  /** One atomic step. */
  change(change: NodeVersionChange): Promise<void>;
}
