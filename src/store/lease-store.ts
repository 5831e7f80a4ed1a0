/**
 * Leases: the right to do, for a while, what only one router may do. At most one holder at any time; the fence rises
 * with every grant, so that a store can refuse what a former holder still writes.
 */
export interface Fence {
  readonly scope: string;
  readonly number: number;
}

export interface Lease extends Fence {
  readonly holder: string;
}

export interface LeaseStore {
  /** undefined while somebody has it, be it the same holder. */
  acquire(scope: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** False when it has run out or gone to another: whoever asked stops at once. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Gives it back; one that is no longer held is left alone. */
  release(lease: Lease): Promise<void>;
  /** Who has it now. */
  current(scope: string): Promise<Lease | undefined>;
}
