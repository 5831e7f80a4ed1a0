/**
 * Reading a batch as data, so that it can run in place or in a worker. Before the bodies for the nodes are made of it the
 * router finds out which documents exist already, since that decides their sequences.
 */
import type { DocumentProblem } from "./document-problem.ts";
import type { PayloadFormat } from "./payload-format.ts";
import type { ScanOptions } from "./scan-batch.ts";

export interface PlanJob extends Omit<ScanOptions, "format" | "formatName"> {
  /** Given away: its buffer may be transferred, so that the caller must not touch it again. */
  readonly body: Uint8Array;
  readonly format: PayloadFormat;
  readonly shards: number;
}

/** Where everything stands. Plain data of typed arrays, so that it crosses to a worker and back without a copy. */
export interface SplitPlan {
  readonly kind: "planned";
  /** The batch as JSON: the client's bytes, or what was made of its CSV. */
  readonly body: Uint8Array;
  readonly count: number;
  readonly bounds: Uint32Array;
  readonly idOf: Uint32Array;
  /** Distinct keys in the order of first appearance, and the shard of each. */
  readonly ids: readonly string[];
  readonly shardOfId: Uint16Array;
  readonly primaryKey: string | null;
  /** Per document, when it expires (`Expiry`); null where documents do not. */
  readonly expiryOf: Float64Array | null;
  readonly needsArray: boolean;
  readonly problem: DocumentProblem | null;
}
