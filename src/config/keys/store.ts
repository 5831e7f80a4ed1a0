/** What survives a restart: the store, the task registry in it, and the writes kept for absent nodes. */
import { choice, key, onOff, section, filled, text, wholeNumber } from "../key.ts";

export const storeKeys = {
  task_store: section(
    { doc: "Where tasks, the catalog of indexes and everything else that must survive a restart are kept." },
    {
      backend: key(choice("sqlite", "redis"), "sqlite", {
        doc: "`sqlite`: one file, one router. `redis`: several routers on one fleet.",
      }),
      path: key(text("a path"), "/var/lib/miroir/miroir.db", {
        doc: "The SQLite file. Its directory must be writable; two routers never share a file.",
        flag: "store-path",
      }),
      url: key(text("an address such as redis://10.0.0.5:6379/0"), "", {
        doc: "The Redis server, `redis://` or `rediss://`, with a password if it wants one.",
        secret: true,
      }),
    },
  ),
  task_registry: section(
    { doc: "The list of tasks that clients see." },
    {
      id_format: key(choice("integer", "mtask"), "integer", {
        doc: "What stands in `taskUid`: a rising integer, as every official SDK expects, or the `mtask-…` text. Both are accepted in requests.",
      }),
      cache_size: key(wholeNumber(100, 10000000), 10000, { doc: "Tasks kept in memory beside the store." }),
      redis_pool_max: key(wholeNumber(1, 1000), 50, {
        doc: "Most connections of this router to Redis. Three carry everything small; the others, opened when they are needed, one body of a kept write each.",
      }),
      ttl_seconds: key(wholeNumber(60), 604800, {
        doc: "Age at which a task that has ended is forgotten.",
        reloadable: true,
      }),
      prune_interval_s: key(wholeNumber(1, 86400), 300, { doc: "Time between two sweeps for such tasks." }),
      prune_batch_size: key(wholeNumber(1, 1000000), 10000, { doc: "Most tasks removed by one sweep." }),
    },
  ),
  hints: section(
    { doc: "Writes kept for a node that missed them although enough others took them." },
    {
      enabled: key(onOff(), true, { doc: "Keep such writes and send them when the node is back." }),
      max_age_s: key(wholeNumber(1), 86400, {
        doc: "A node that was away longer is refilled as a whole instead.",
        reloadable: true,
      }),
      max_bytes: key(wholeNumber(1048576), 10737418240, {
        doc: "Most bytes kept for all nodes together; past it a node is refilled as a whole.",
        reloadable: true,
      }),
      path: key(filled("a path"), "/var/lib/miroir/hints", { doc: "Directory of the kept writes." }),
    },
  ),
};
