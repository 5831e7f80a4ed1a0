/** The read path: merging, planning, limits of a search. */
import { choice, decimal, key, onOff, section, wholeNumber } from "../key.ts";

export const searchKeys = {
  search: section(
    { doc: "How the answers of the nodes become one." },
    {
      merge_strategy: key(choice("details", "score", "rrf", "dfs"), "details", {
        doc: "How the lists of the nodes become one: `details` compares hits rule by rule and is exact; `score` goes by the ranking score; `rrf` by reciprocal ranks; `dfs` is `details` that asks all nodes how frequent the words are and puts right what a node cannot know. A request chooses another with `X-Miroir-Merge-Strategy`. What each costs stands in docs/ranking.md.",
        reloadable: true,
      }),
      rrf_k: key(wholeNumber(1, 10000), 60, {
        doc: "The constant of `rrf`: a hit is worth 1 / (k + its place). A document stands in one list only, so the order is the same for every k.",
        reloadable: true,
      }),
      tie_break: key(choice("sequence", "node"), "sequence", {
        doc: "What decides between hits that are equal on every rule: `sequence` is the order of insertion, as on one node; `node` leaves it to each node, and between nodes the order of insertion decides. A change is carried out on existing indexes in the background. What each costs stands in docs/ranking.md.",
      }),
    },
  ),
  query_planner: section(
    { doc: "Searches whose filter pins the primary key need only the shards of those keys." },
    {
      enabled: key(onOff(), true, { doc: "Ask only those shards.", reloadable: true }),
      max_pk_literals_narrowable: key(wholeNumber(1, 100000), 128, {
        doc: "With more keys than this in the filter all shards are asked.",
        reloadable: true,
      }),
      log_plans: key(onOff(), false, { doc: "Log every plan at level debug.", later: true }),
    },
  ),
  query_coalescing: section(
    { doc: "Equal searches that arrive together are asked once.", later: true },
    {
      enabled: key(onOff(), true, { doc: "Join equal searches." }),
      window_ms: key(wholeNumber(1, 10000), 50, { doc: "How long a search may be joined." }),
      max_subscribers: key(wholeNumber(1, 1000000), 1000, { doc: "Most searches that share one answer." }),
      max_pending_queries: key(wholeNumber(1, 1000000), 10000, { doc: "Most different searches watched at once." }),
    },
  ),
  multi_search: section(
    { doc: "Limits of `POST /multi-search`." },
    {
      enabled: key(onOff(), true, { doc: "Serve the route." }),
      max_queries_per_batch: key(wholeNumber(1, 10000), 100, { doc: "Most queries in one request." }),
      total_timeout_ms: key(wholeNumber(100, 3600000), 30000, { doc: "Deadline of the whole request." }),
      per_query_timeout_ms: key(wholeNumber(100, 3600000), 30000, { doc: "Deadline of one query." }),
    },
  ),
  vector_search: section(
    { doc: "Semantic and hybrid search.", later: true },
    {
      enabled: key(onOff(), true, { doc: "Serve them." }),
      over_fetch_factor: key(wholeNumber(1, 100), 3, { doc: "How many times the wanted hits each node is asked for." }),
      merge_strategy: key(choice("convex", "rrf"), "convex", { doc: "How keyword and vector lists are combined." }),
      hybrid_alpha_default: key(decimal(0, 1), 0.5, { doc: "Weight of the vector list when a request names none." }),
      rrf_k: key(wholeNumber(1, 10000), 60, { doc: "The constant of `rrf`." }),
    },
  ),
  explain: section(
    { doc: "`POST /indexes/{uid}/explain`: the plan of a search.", later: true },
    {
      enabled: key(onOff(), true, { doc: "Serve the route." }),
      max_warnings: key(wholeNumber(0, 1000), 20, { doc: "Most warnings in one answer." }),
      allow_execute_parameter: key(onOff(), true, { doc: "Allow `execute=true`, which runs the search as well." }),
    },
  ),
};
