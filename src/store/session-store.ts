/** Sessions of clients that want to read their own writes. They end by themselves. */
export interface Session {
  readonly id: string;
  readonly lastWriteTask: number | null;
  readonly lastWriteAt: number | null;
  readonly pinnedGroup: number | null;
  readonly minSettingsVersion: number | null;
}

export interface SessionStore {
  /** Replaces what was there and starts the time to live again. */
  put(session: Session, ttlMs: number): Promise<void>;
  /** undefined when it has ended. */
  get(id: string): Promise<Session | undefined>;
  remove(id: string): Promise<void>;
}
