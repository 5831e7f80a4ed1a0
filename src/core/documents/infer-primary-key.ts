/**
 * The primary key of an index that has none, from the first document: the one top-level name that ends in `id`,
 * whatever the case. Made once by the router so that no node ever infers alone from its own part of a batch.
 */
import { members } from "./members.ts";

export type Inference =
  | { readonly kind: "inferred"; readonly primaryKey: string }
  | { readonly kind: "none" }
  /** Sorted by code point, as the engine names them. */
  | { readonly kind: "several"; readonly candidates: readonly string[] };

export function inferPrimaryKey(bytes: Uint8Array, documentStart: number): Inference {
  const names = new Set<string>();
  for (const { name } of members(bytes, documentStart)) if (name.toLowerCase().endsWith("id")) names.add(name);
  const candidates = [...names].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const [only, second] = candidates;
  if (only === undefined) return { kind: "none" };
  return second === undefined ? { kind: "inferred", primaryKey: only } : { kind: "several", candidates };
}
