/** How the router talks to nodes: health, deadlines, connections. */
import { choice, decimal, key, onOff, section, wholeNumber } from "../key.ts";

export const nodesKeys = {
  health: section(
    { doc: "The probes: `GET /health` on every node." },
    {
      interval_ms: key(wholeNumber(50, 600000), 5000, { doc: "Time between two probes of a node." }),
      timeout_ms: key(wholeNumber(10, 600000), 2000, { doc: "A probe that takes longer counts as missed." }),
      unhealthy_threshold: key(wholeNumber(1, 100), 3, { doc: "Missed probes in a row that fail a node." }),
      recovery_threshold: key(wholeNumber(1, 100), 2, { doc: "Answered probes in a row that bring it back." }),
    },
  ),
  scatter: section(
    { doc: "Asking several nodes for one answer." },
    {
      node_timeout_ms: key(wholeNumber(10, 3600000), 5000, {
        doc: "A node that takes longer is given up for this request and its shards are asked from other owners.",
        reloadable: true,
      }),
      retry_on_timeout: key(onOff(), true, {
        doc: "Ask other owners of the shards after a timeout too, not only after a failure.",
        reloadable: true,
      }),
      unavailable_shard_policy: key(choice("auto", "partial", "error", "fallback"), "auto", {
        doc: "When no owner in the group answers: `partial` answers without the shard and says so, `error` answers 503, `fallback` asks another group. `auto` is `fallback` with more than one group, else `partial`.",
        reloadable: true,
      }),
    },
  ),
  connection_pool_per_node: section(
    { doc: "Connections to each node." },
    {
      max_idle: key(wholeNumber(0, 10000), 32, {
        doc: "Idle connections kept open per node. The runtime keeps its own number so far.",
        later: true,
      }),
      max_total: key(wholeNumber(1, 10000), 128, { doc: "Most requests in flight to one node; more wait." }),
      idle_timeout_s: key(wholeNumber(1, 3600), 60, {
        doc: "Age at which an idle connection is closed. The runtime decides so far.",
        later: true,
      }),
    },
  ),
  hedging: section(
    { doc: "A second request to another owner when the first is slow.", later: true },
    {
      enabled: key(onOff(), true, { doc: "Send second requests." }),
      p95_trigger_multiplier: key(decimal(1, 100), 1.2, {
        doc: "A request is slow when it takes this many times the 95th percentile of its node.",
      }),
      min_trigger_ms: key(wholeNumber(1, 60000), 15, { doc: "Never send one earlier than this." }),
      max_hedges_per_query: key(wholeNumber(0, 64), 2, { doc: "Most second requests for one search." }),
      cross_group_fallback: key(onOff(), true, { doc: "Allow an owner in another replica group." }),
    },
  ),
  replica_selection: section(
    { doc: "Which owner of a shard answers.", later: true },
    {
      strategy: key(choice("adaptive", "round_robin", "random"), "adaptive", {
        doc: "`adaptive` prefers owners that are fast and idle.",
      }),
      latency_weight: key(decimal(0), 1, { doc: "Weight of the mean answer time." }),
      inflight_weight: key(decimal(0), 2, { doc: "Weight of the requests in flight." }),
      error_weight: key(decimal(0), 10, { doc: "Weight of recent errors." }),
      ewma_half_life_ms: key(wholeNumber(1, 3600000), 5000, { doc: "How fast old measurements fade." }),
      exploration_epsilon: key(decimal(0, 1), 0.05, { doc: "Share of requests sent to an owner by chance." }),
    },
  ),
};
