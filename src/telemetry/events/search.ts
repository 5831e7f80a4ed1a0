/** What is worth knowing about reads that ask several nodes. */
import { defineEvent } from "../event.ts";

export const readScattered = defineEvent<{ operation: string; nodes: number }>({
  name: "read.scattered",
  level: null,
  message: "A read was sent to the nodes that cover its shards.",
  measure: (metrics, { nodes }) => metrics.observe("scatter_fan_out_size", nodes),
});

export const readRetried = defineEvent<{ operation: string; indexUid: string; nodeId: string; reason: string }>({
  name: "read.retried",
  level: "debug",
  message: "A node brought no usable answer to a read; its shards are asked from other owners.",
  measure: (metrics) => metrics.count("scatter_retries_total"),
});

export const readDegraded = defineEvent<{ operation: string; indexUid: string; shards: readonly number[] }>({
  name: "read.degraded",
  level: "warn",
  message: "A read was answered without some shards because none of their owners could be reached.",
  measure: (metrics) => metrics.count("scatter_partial_responses_total"),
});

export const multiSearched = defineEvent<{ queries: number; complete: boolean }>({
  name: "read.multi_searched",
  level: null,
  message: "A request with several searches was answered.",
  measure: (metrics, { queries, complete }) => {
    metrics.count("multisearch_batches_total");
    metrics.observe("multisearch_queries_per_batch", queries);
    if (!complete) metrics.count("multisearch_partial_failures_total");
  },
});
