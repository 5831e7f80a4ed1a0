/**
 * Deletions that have been accepted lately. A key that one replica has and another has not is either a write that was
 * missed or a deletion that was missed; only these tell which.
 */
export interface Tombstone {
  /** The operation id of the deletion: `mtask-…`. */
  readonly id: string;
  /** When the index was created, in milliseconds: an index keeps it when it changes its name. */
  readonly born: number;
  /** Documents of a lower version are deleted. */
  readonly version: bigint;
  readonly kind: "keys" | "filter" | "all";
  /** Keys as a JSON list of texts; a filter as the JSON that the client sent; empty for `all`. */
  readonly payload: string;
  /** Our task; a deletion that failed has deleted nothing. */
  readonly taskUid: number | null;
  readonly createdAt: number;
}

export interface TombstoneStore {
  /** Puts it in place of an earlier one of the same id. */
  put(tombstone: Tombstone): Promise<void>;
  remove(id: string): Promise<void>;
  /** Those of an index in the order of their ids, behind `after`. */
  ofIndex(born: number, page: { readonly after: string; readonly limit: number }): Promise<readonly Tombstone[]>;
  /** The highest version that a deletion kept here has, or had; null: none is known. Writes after it must be higher. */
  newestVersion(): Promise<bigint | null>;
  /** Removes at most `limit` that are older (milliseconds) and says how many that were. */
  prune(createdBefore: number, limit: number): Promise<number>;
}
