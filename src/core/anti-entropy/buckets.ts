/**
 * The fingerprint of one replica of one shard: 256 buckets by the hash of the key, each with the number of its documents
 * and the sum of their digests. The order in which documents are added does not matter.
 */
import { hashText } from "../routing/hash.ts";
import type { StoredDocument } from "./stored-documents.ts";

export interface Buckets {
  readonly counts: Uint32Array;
  readonly sums: BigUint64Array;
}

export function emptyBuckets(): Buckets {
  return { counts: new Uint32Array(BUCKETS), sums: new BigUint64Array(BUCKETS) };
}

export function addToBuckets({ counts, sums }: Buckets, { key, digest }: Pick<StoredDocument, "key" | "digest">): void {
  const bucket = bucketOf(key);
  counts[bucket] = (counts[bucket] ?? 0) + 1;
  sums[bucket] = BigInt.asUintN(64, (sums[bucket] ?? 0n) + digest);
}

export function documentsIn({ counts }: Buckets): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Those in which not all replicas agree. */
export function differingBuckets(replicas: readonly Buckets[]): ReadonlySet<number> {
  const differing = new Set<number>();
  const [first, ...rest] = replicas;
  if (first === undefined) return differing;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const agrees = ({ counts, sums }: Buckets): boolean =>
      counts[bucket] === first.counts[bucket] && sums[bucket] === first.sums[bucket];
    if (!rest.every(agrees)) differing.add(bucket);
  }
  return differing;
}

/** The highest bits: the lowest ones decide the shard. */
export function bucketOf(key: string): number {
  return Number(hashText(key) >> 56n);
}

const BUCKETS = 256;
