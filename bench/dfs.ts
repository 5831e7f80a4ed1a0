/** What it costs to add the frequencies of a query's words over all shards and to decide which are dropped first. */
import { addFrequencies, droppingOrder } from "../src/core/search/frequency-order.ts";

const SHARDS = 64;
const WORDS = 10;
const ROUNDS = 200;
const PER_ROUND = 500;

/** Microseconds for the best of many rounds, since everything slower is the machine's other work. */
export async function benchDfs(): Promise<Record<string, number>> {
  const parts = Array.from({ length: SHARDS }, (_shard, shard) =>
    Array.from({ length: WORDS }, (_word, word) => (shard * 7919 + word * 104_729) % 10_007),
  );
  let best = Number.POSITIVE_INFINITY;
  let sink = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    for (let i = 0; i < PER_ROUND; i++) sink += droppingOrder(addFrequencies(parts)).length;
    best = Math.min(best, ((performance.now() - started) * 1000) / PER_ROUND);
  }
  if (sink === 0) throw new TypeError("words have an order");
  return Promise.resolve({ dfs_aggregate_64_us: Math.round(best * 100) / 100 });
}
