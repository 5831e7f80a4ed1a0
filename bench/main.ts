/**
 * `bun run bench [--json] [name …]`: what things cost on this machine, each figure beside its target where it has one.
 * Nothing fails here: machines differ and are noisy. Ratios are taken within one run.
 */
import { benchDfs } from "./dfs.ts";
import { benchIngestMemory } from "./ingest-memory.ts";
import { benchMerge } from "./merge.ts";
import { benchRoute } from "./route.ts";
import { benchSearchCpu } from "./search-cpu.ts";
import { benchSplit } from "./split.ts";
import { benchStart } from "./start.ts";
import { benchRedisStore } from "./store-redis.ts";
import { benchStore } from "./store.ts";

const BENCHES: Readonly<Record<string, () => Promise<Readonly<Record<string, number>>>>> = {
  route: benchRoute,
  merge: benchMerge,
  dfs: benchDfs,
  split: benchSplit,
  store: () => benchStore(STORE_TASKS).then((figures) => ({ ...figures })),
  store_redis: async () => {
    const figures = Object.entries(await benchRedisStore(REDIS_TASKS));
    return Object.fromEntries(figures.map(([name, value]) => [name.replace(/^store_/, "redis_"), value]));
  },
  start: benchStart,
  search: benchSearchCpu,
  ingest: benchIngestMemory,
};

/** Upper bounds, in the unit of the figure's name. */
const TARGETS: Readonly<Record<string, number>> = {
  route_64x3_10k_ms: 1,
  merge_3x20_ms: 0.1,
  merge_3x1000_ms: 1,
  dfs_aggregate_64_us: 15,
  start_ms: 100,
  idle_rss_mb: 90,
  search_cpu_vs_bare: 1.4,
  ingest_rf1_json_peak_x_body: 3,
  ingest_rf1_ndjson_peak_x_body: 3,
  ingest_rf2_json_peak_x_body: 3,
  ingest_rf2_ndjson_peak_x_body: 3,
};

/** Filled through the port, which takes its time. */
const REDIS_TASKS = 100_000;
/** Tasks in the registry whose pages are timed. */
const STORE_TASKS = 100_000;

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const figures: Record<string, number> = {};
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  Object.assign(figures, await bench());
}

if (process.argv.includes("--json")) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(line(name, value));
process.exit(0);

function line(name: string, value: number): string {
  const target = TARGETS[name];
  const verdict = target === undefined ? "" : value < target ? `below ${target}` : `NOT below ${target}`;
  return `${name.padEnd(36)} ${String(value).padStart(12)}   ${verdict}`.trimEnd();
}
