/** What a router knows of the writes that one node has missed; the rows in the store are what counts. */
export interface NodeHints {
  /** Settles when every place taken so far has been released. */
  tail: Promise<void>;
  /** The last node task made of a write that was brought late, while it may not have been carried out. */
  settling: number | null;
  /** The first node task of those that were brought late and not looked at yet, as far as this router has brought them. */
  lateFrom: number;
  /** Missed writes that are about to be kept. */
  held: number;
  count: number;
  bytes: number;
  replaying: boolean;
  /** The store says that the node has not carried out what it was brought late. */
  noted: boolean;
  /** A change of the rows has failed and may have been made all the same: they have to be counted again. */
  doubtful: boolean;
}

export function noHints(): NodeHints {
  return {
    tail: Promise.resolve(),
    settling: null,
    lateFrom: Infinity,
    held: 0,
    count: 0,
    bytes: 0,
    replaying: false,
    noted: false,
    doubtful: false,
  };
}
