/**
 * What is known to need a comparison of replicas, and what tells whether a node still has the disk that it had. All of it
 * is small: a few rows per node.
 */
export interface Suspect {
  /** The node whose copy may be wrong; empty: nobody knows which copy is right. */
  readonly nodeId: string;
  /** Empty: all indexes. */
  readonly indexUid: string;
  readonly reason: SuspectReason;
  /** Milliseconds since the epoch; another one at every new suspicion. */
  readonly since: number;
  /** It is being put right. Kept only by stores that several routers share: a router that is alone begins anew. */
  readonly running?: boolean;
}

export type SuspectReason =
  | "hints_given_up" // it missed writes that are not kept any more
  | "disk_lost" // it no longer knows tasks that it had taken
  | "task_failed" // it failed a write that others carried out
  | "interrupted"; // the router stopped while it handed a write to the nodes

/** The newest task that a node is known to have taken. */
export interface NodeMark {
  readonly nodeId: string;
  readonly taskUid: number;
  /** As the node said it. */
  readonly enqueuedAt: string;
}

/** How far one router has come with its share of the comparison of all replicas. */
export interface RepairPass {
  /** Milliseconds since the epoch; null: none has been finished. */
  readonly finishedAt: number | null;
  readonly startedAt: number;
  /** The shard that comes next; null: from the start. */
  readonly next: { readonly indexUid: string; readonly shard: number } | null;
}

export interface RepairStore {
  /** The longest under suspicion first. */
  suspects(): Promise<readonly Suspect[]>;
  /** In place of an earlier one of the same node and index. */
  suspect(suspect: Suspect): Promise<void>;
  /** Only if nothing new has come up since. */
  clear(suspect: Suspect): Promise<void>;
  marks(): Promise<readonly NodeMark[]>;
  mark(marks: readonly NodeMark[]): Promise<void>;
  /** By the names of the routers. */
  passes(): Promise<ReadonlyMap<string, RepairPass>>;
  savePass(router: string, pass: RepairPass): Promise<void>;
  forgetPass(router: string): Promise<void>;
}
