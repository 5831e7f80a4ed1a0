/** What the router knows of one index. The catalog of these is the truth about which indexes exist. */

/**
 * `creating`: the nodes have been told but have not finished; writes are accepted, reads answer as for a missing index.
 * `ready`: every node has it. `deleting`: the nodes have been told to delete it; reads still work until they have.
 */
export type IndexState = "creating" | "ready" | "deleting";

export interface SweepPolicy {
  readonly intervalS?: number;
  readonly documentsMax?: number;
}

export interface IndexEntry {
  readonly uid: string;
  /** null until a client names one or the first documents decide it. */
  readonly primaryKey: string | null;
  /** The shard count of this index; changes only by resharding. */
  readonly shards: number;
  readonly state: IndexState;
  /** Raised by one with every committed settings change. */
  readonly settingsVersion: number;
  /**
   * The client's view: only what the client has set, in the client's own form and with its secrets. A key that is
   * absent has the engine's default.
   */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * One hash for each setting as the nodes show it, by the key of the setting: what was meant, in the engine's own form.
   * Absent until all nodes have been seen to agree.
   */
  readonly settingsHashes?: Readonly<Record<string, string>>;
  /**
   * Settings that the nodes keep in another form than this version of the router knows, as all of them have shown alike
   * after they were told again what was wanted. Only compared between nodes.
   */
  readonly ownForms?: readonly string[];
  /** Why writes are refused, in a sentence; absent: they are not. */
  readonly frozen?: string;
  /**
   * What decides between documents that are equal on every rule. Absent: the sequence, which every node has as its
   * hidden last rule. `node`: no read may count on that rule, as some nodes are without it.
   */
  readonly tieBreak?: "node";
  /** How expired documents are swept, where that differs from the configuration. */
  readonly sweeps?: SweepPolicy;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}
