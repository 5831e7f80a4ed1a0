/** Which request a client's idempotency key stood for, so that a repetition is answered with the first one's task. */
export interface IdempotentRequest {
  readonly key: string;
  /** 32 bytes. */
  readonly bodySha256: Uint8Array;
  /** `mtask-…`. */
  readonly taskId: string;
}

export interface IdempotencyStore {
  /** Claims the key. If it is taken, nothing changes and what it stands for is returned; one caller of many wins. */
  claim(request: IdempotentRequest, ttlMs: number): Promise<IdempotentRequest | undefined>;
  /** undefined when it has ended. */
  get(key: string): Promise<IdempotentRequest | undefined>;
  remove(key: string): Promise<void>;
  /** Removes some of those that end first while there are more than `max`; says how many have not ended. */
  keep(max: number): Promise<number>;
}
