/** How far each sink has been told of the changes of each index, and events that a full memory had no room for. */
export interface CdcCursor {
  readonly sinkName: string;
  readonly indexUid: string;
  readonly lastEventSeq: number;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

export interface CdcCursorStore {
  /** Sorted by index. */
  ofSink(sinkName: string): Promise<readonly CdcCursor[]>;
  /** A cursor never goes back: false, and nothing has changed, when the stored one is as far or farther. */
  advance(cursor: CdcCursor): Promise<boolean>;
  /** Forgets a sink. */
  remove(sinkName: string): Promise<void>;
}

export interface CdcOverflow {
  /** Appends behind what waits for the sink; says how many of the oldest had to go so that no more than `bytesMax` wait. */
  append(sinkName: string, events: readonly string[], bytesMax: number): Promise<number>;
  /** The oldest, which stay until they are dropped, and the place of the first of them. */
  oldest(sinkName: string, limit: number): Promise<{ readonly first: number; readonly events: readonly string[] }>;
  /** Everything before this place has been delivered. */
  dropBefore(sinkName: string, place: number): Promise<void>;
  bytes(sinkName: string): Promise<number>;
}
