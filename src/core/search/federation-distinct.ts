/**
 * What a query finds of which only one document per value counts, as queries of a federation that only counts: the
 * documents that share no value with one that was kept, and those kept. The latter are chosen by their values, among
 * which a node's own distinct rule keeps the same ones again.
 */
import { withoutValues, noDistinct } from "../merge/distinct-counts.ts";
import { holdsOneOf } from "../merge/distinct-condition.ts";
import type { DistinctKept } from "../merge/distinct-tally.ts";
import { shardFilter } from "../markers/codec.ts";
import type { CountedQuery } from "./federation-count.ts";

/** To be counted as deep as `keptDepth` says, or as deep as the query itself where it keeps its threshold. */
export function distinctForms({ parameters, forced }: CountedQuery, kept: DistinctKept): readonly CountedQuery[] {
  const { field, full, gone = [], parts } = kept;
  const all = parts.flatMap(({ values }) => values);
  // With a full page the engine has stopped, and what it has not looked at counts, whatever its score.
  const threshold = full ? { rankingScoreThreshold: null } : {};
  const rest = {
    parameters: { ...parameters, ...threshold, distinct: noDistinct(field) },
    forced: [...forced, ...withoutValues(field, [...all, ...gone])],
  };
  const behind = parts.flatMap((part): CountedQuery[] => {
    if (part.valued === 0) return [];
    const others = parts.flatMap(({ values }) => (values === part.values ? [] : values));
    const chosen = [shardFilter(part.shards), holdsOneOf(field, part.values), ...withoutValues(field, others)];
    return [
      { parameters: { ...parameters, rankingScoreThreshold: null, distinct: field }, forced: [...forced, ...chosen] },
    ];
  });
  return [rest, ...behind];
}

export function keptDepth({ parts }: DistinctKept): number {
  return Math.max(0, ...parts.map(({ valued }) => valued));
}
