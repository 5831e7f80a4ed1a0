/** Sessions of the admin pages. They end by themselves, or at once, on every router, when they are revoked. */
export interface AdminSession {
  readonly id: string;
  readonly csrfToken: string;
  /** SHA-256 of the key that it was opened with: a session does not outlive its key. */
  readonly adminKeyHash: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
}

export interface AdminSessionStore {
  put(session: AdminSession, ttlMs: number): Promise<void>;
  /** undefined when it has ended or was revoked. */
  get(id: string): Promise<AdminSession | undefined>;
  /** False when it had ended already. Every router is told. */
  revoke(id: string): Promise<boolean>;
  /** Called with the id of each session that any router has revoked. May be missed: `get` is what counts. */
  onRevoked(listener: (id: string) => void): void;
}
