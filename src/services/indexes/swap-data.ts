/** What the task of a swap needs to be finished by any router at any time. */
import type { ErrorBody } from "../../core/errors/api-error.ts";
import type { NodeBirths } from "../broadcast/index-births.ts";

export interface Swap {
  readonly indexes: readonly [string, string];
  readonly rename: boolean;
}

export interface SwapData {
  readonly swaps: readonly Swap[];
  /** When each index was created, in milliseconds. */
  readonly born: Readonly<Record<string, number>>;
  /** As the nodes said it before they were told; a task of an older version has none. */
  readonly before?: NodeBirths;
  /** How often nodes were told again; absent: never. */
  readonly again?: number;
  /** Why it is being taken back. */
  readonly error?: ErrorBody;
  /** Why it could not be told to every node. */
  readonly abort?: ErrorBody;
  /** Nodes that it is decided without. */
  readonly silent?: readonly string[];
}

export const SWAP_INDEXES = "swap-indexes";
/** The step of one that is decided, so that its names stand for what they will: only silent nodes are left. */
export const SETTLING = "settling";
