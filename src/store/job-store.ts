/**
 * Heavy work in chunks that any router may claim and resume. A claim ends by itself when it is not renewed; what was
 * done is in `progress`, from which the next one goes on.
 */
export type JobState = "queued" | "in_progress" | "completed" | "failed";

export interface Job {
  readonly id: string;
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly state: JobState;
  readonly claimedBy: string | null;
  /** Milliseconds since the epoch. */
  readonly claimExpiresAt: number | null;
  readonly progress: Readonly<Record<string, unknown>> | null;
}

export interface JobStore {
  /** A job of this id that is there already is left as it is. */
  enqueue(job: Pick<Job, "id" | "type" | "params">): Promise<void>;
  /**
   * The job that has waited longest, or one whose claim has run out or was that of a former run of a router that has
   * started again; undefined when there is nothing to do.
   */
  claim(types: readonly string[], claimant: string, ttlMs: number): Promise<Job | undefined>;
  /** Keeps the claim and what has been done; false when the claim is no longer this claimant's: it stops at once. */
  renew(id: string, claimant: string, ttlMs: number, progress?: Job["progress"]): Promise<boolean>;
  /** Ends it; false when the claim is no longer this claimant's, and nothing has changed. */
  finish(id: string, claimant: string, state: "completed" | "failed", progress?: Job["progress"]): Promise<boolean>;
  get(id: string): Promise<Job | undefined>;
  /** How many of each type wait or are being worked on; types of which there are none may be absent. */
  pending(): Promise<ReadonlyMap<string, number>>;
  remove(id: string): Promise<void>;
}
