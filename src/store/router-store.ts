/**
 * The routers that share this store, by their heartbeats. A router has a name, which survives its restarts, and a run
 * of its own for each start; of two runs with one name the later one counts.
 */
export interface Router {
  readonly name: string;
  /** Unique per start. */
  readonly run: string;
  readonly version: string;
  /** The topology epoch that it works under. */
  readonly epoch: number;
  readonly startedAt: number;
}

export interface Heartbeat {
  /** As `join` gives it; another one after the run was gone. */
  readonly number: number;
  /** The last heartbeat had run out, so that others may have taken over what this run had. */
  readonly wasGone: boolean;
}

export interface RouterStore {
  /**
   * Announces a run, in place of an earlier one of the same name, and returns its number: 0 to 255, different from that
   * of every other living router.
   */
  join(router: Router, ttlMs: number): Promise<number>;
  /** undefined when a later run has taken the name: this one has to stop. A run that was away too long joins again by it. */
  beat(router: Router, ttlMs: number): Promise<Heartbeat | undefined>;
  /** Everybody whose heartbeat has not run out, sorted by name. */
  living(): Promise<readonly Router[]>;
  leave(router: Router): Promise<void>;
}
