/**
 * The shard count of an index, proven by documents: each carries the number of its shard, which its key has under the
 * right count and hardly ever under another.
 */
import { hashText, remainder } from "../routing/hash.ts";
import { SHARDS_MAX } from "../routing/shard-of.ts";

export interface Sample {
  readonly key: string;
  readonly shard: number;
}

export type ShardProof =
  | { readonly kind: "proven"; readonly shards: number; readonly documents: number }
  /** There is no document to prove it by, so any count is right. */
  | { readonly kind: "empty" }
  /** Several counts fit the few documents there are, ascending. */
  | { readonly kind: "ambiguous"; readonly fitting: readonly number[]; readonly documents: number }
  /** No count fits: these are not documents of one index of this router. */
  | { readonly kind: "contradictory"; readonly documents: number };

export function proveShards(samples: readonly Sample[]): ShardProof {
  const documents = samples.length;
  if (documents === 0) return { kind: "empty" };
  const hashed = samples.map(({ key, shard }) => ({ hash: hashText(key), shard }));
  const lowest = Math.max(...samples.map(({ shard }) => shard)) + 1;
  const fitting: number[] = [];
  for (let shards = lowest; shards <= SHARDS_MAX; shards += 1) {
    if (hashed.every(({ hash, shard }) => remainder(hash, shards) === shard)) fitting.push(shards);
  }
  const [shards] = fitting;
  if (shards === undefined) return { kind: "contradictory", documents };
  if (fitting.length > 1) return { kind: "ambiguous", fitting, documents };
  return { kind: "proven", shards, documents };
}
