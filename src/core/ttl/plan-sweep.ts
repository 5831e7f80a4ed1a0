/**
 * Which expired documents one sweep deletes, as a filter that says of each node's own copy whether it goes: by the exact
 * times that were read from documents, all of them in the past. A document that is given another time before the deletion
 * comes to its turn on a node is so not met by it there. A comparison with the present would say the same, but goes by a
 * tree of the engine's that is not always up to date; whether a document has one of some values, the engine knows exactly.
 */
import { shardFilter } from "../markers/codec.ts";
import { expiryFilter } from "../markers/expiry.ts";

/** All documents of a shard that expire in the same millisecond. */
export interface Portion {
  readonly shard: number;
  readonly expiresAt: number;
  readonly documents: number;
}

export interface SweepPlan {
  readonly filter: string;
  readonly shards: readonly number[];
  /** As far as could be seen. */
  readonly documents: number;
}

/**
 * The earliest first, `documentsMax` at most; a portion is never parted, so one that is larger goes alone. `portions` are all
 * there are up to the last of these times. null: there are none.
 */
export function planSweep(portions: readonly Portion[], documentsMax: number): SweepPlan | null {
  const ascending = portions.toSorted((a, b) => a.expiresAt - b.expiresAt || a.shard - b.shard);
  const chosen: Portion[] = [];
  let documents = 0;
  for (const portion of ascending) {
    if (chosen.length > 0 && documents + portion.documents > documentsMax) break;
    chosen.push(portion);
    documents += portion.documents;
  }
  const last = chosen.at(-1)?.expiresAt;
  if (last === undefined) return null;
  const isParted = ascending[chosen.length]?.expiresAt === last;
  const whole = isParted ? chosen.filter(({ expiresAt }) => expiresAt < last) : chosen;
  const parted = isParted ? chosen.filter(({ expiresAt }) => expiresAt === last) : [];
  const conditions = [whole, parted].filter((some) => some.length > 0).map(conditionOf);
  const filter = conditions.length === 1 ? (conditions[0] as string) : conditions.map((one) => `(${one})`).join(" OR ");
  return { filter, shards: shardsOf(chosen), documents };
}

function conditionOf(portions: readonly Portion[]): string {
  const times = new Set(portions.map(({ expiresAt }) => expiresAt));
  return `${shardFilter(shardsOf(portions))} AND ${expiryFilter([...times])}`;
}

function shardsOf(portions: readonly Portion[]): readonly number[] {
  return [...new Set(portions.map(({ shard }) => shard))].toSorted((a, b) => a - b);
}
