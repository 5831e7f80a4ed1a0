/** Rows of the hints: writes kept for a node that missed them. The bodies are in the spool on disk. */
export interface Hint {
  readonly id: string;
  readonly nodeId: string;
  readonly indexUid: string;
  /** Place in the lane: hints of one node are replayed in ascending order. */
  readonly seq: number;
  /** The request to repeat, without its body: method, path, content type, operation. */
  readonly request: {
    readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
    readonly path: string;
    readonly contentType?: string;
    readonly operation: string;
    /** It was kept before anything of it had been sent. */
    readonly unsent?: true;
  };
  /** uid of our task, so that its record can be completed after the replay; null for work of the router's own. */
  readonly taskUid: number | null;
  /** The id in `customMetadata`, for asking whether the node already has it. */
  readonly operationId: string | null;
  /** File name in the spool, or null when the request has no body. */
  readonly spoolRef: string | null;
  readonly bytes: number;
  readonly createdAt: number;
}

export type NewHint = Omit<Hint, "seq">;

export interface HintStore {
  /**
   * Appends at the end of the node's hints and returns it with its place. Rejects with `miroir_taken_over` when another
   * router has had the turn on the index since this one began: the write would come after that router's.
   */
  append(hint: NewHint): Promise<Hint>;
  /** The oldest hints of a node, ascending. */
  oldest(nodeId: string, limit: number): Promise<readonly Hint[]>;
  remove(id: string): Promise<void>;
  /** Number and bytes per node; nodes without hints are absent. */
  totals(): Promise<ReadonlyMap<string, { readonly count: number; readonly bytes: number }>>;
}
