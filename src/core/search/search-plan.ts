/** The whole decision about one search, as data: made before anything is sent, obeyed by everything after. */
import { andFilters } from "../filters/and-filters.ts";
import { shardFilter } from "../markers/codec.ts";
import type { MergeSpec } from "../merge/merge-spec.ts";
import type { CoverPart, CoveringSet, ShardMap } from "../routing/shard-map.ts";

export interface SearchPlan {
  readonly map: ShardMap;
  /** The shards that can hold a hit, ascending; undefined: all. */
  readonly shards: readonly number[] | undefined;
  readonly fingerprint: number;
  readonly cover: CoveringSet;
  readonly query: NodeQuery;
  readonly merge: MergeSpec;
}

/** The request to a node but for the shards it answers for. */
export interface NodeQuery {
  /** The body without its filter, as JSON text; never an empty object. */
  readonly base: string;
  /** The same question without the score threshold and for no hits; null where that makes no difference. */
  readonly withoutThreshold: string | null;
  readonly filter: unknown;
  readonly forced: readonly unknown[];
}

/** The filter of a further question about the search: what it demands itself, what is asked besides, and the node's shards. */
export function partFilter(
  { filter, forced }: Pick<NodeQuery, "filter" | "forced">,
  shards: readonly number[],
  besides: readonly unknown[] = [],
): unknown {
  return andFilters(filter, [...forced, ...besides, shardFilter(shards)]);
}

/** What is sent to one node. A part that is everything the node holds needs no shard filter. */
export function nodeBody(query: NodeQuery, part: CoverPart, base: string = query.base): string {
  const forced = part.complete ? query.forced : [...query.forced, shardFilter(part.shards)];
  const filter = forced.length === 0 ? query.filter : andFilters(query.filter, forced);
  return filter === undefined ? base : `${base.slice(0, -1)},"filter":${JSON.stringify(filter)}}`;
}
