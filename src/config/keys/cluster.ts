/** Changing the fleet while it serves: rebalance, reshard, comparison of replicas, import, several routers. */
import { choice, formedText, key, list, onOff, section, wholeNumber } from "../key.ts";
import { PERIOD, WINDOW } from "../forms.ts";

export const clusterKeys = {
  rebalancer: section(
    { doc: "Moving shards when nodes come and go.", later: true },
    {
      auto_rebalance_on_recovery: key(onOff(), true, { doc: "Start by itself when a failed node is back." }),
      max_concurrent_migrations: key(wholeNumber(1, 1024), 4, { doc: "Most shards that move at once." }),
      migration_timeout_s: key(wholeNumber(1), 3600, { doc: "A move that takes longer is rolled back." }),
      drain_timeout_s: key(wholeNumber(1), 30, { doc: "Longest wait for writes in flight at the cutover." }),
      skip_delta_pass: key(onOff(), false, {
        doc: "Leave out the second pass over what changed during the move and rely on the comparison of replicas.",
      }),
    },
  ),
  resharding: section(
    { doc: "Changing the number of shards of an index.", later: true },
    {
      enabled: key(onOff(), true, { doc: "Allow it." }),
      backfill_concurrency: key(wholeNumber(1, 1024), 4, { doc: "Shards copied at once." }),
      backfill_batch_size: key(wholeNumber(1, 1000000), 1000, { doc: "Documents copied in one batch." }),
      throttle_docs_per_sec: key(wholeNumber(0), 0, { doc: "Most documents a second; 0 sets no limit." }),
      verify_before_swap: key(onOff(), true, { doc: "Compare old and new before clients are switched." }),
      retain_old_index_hours: key(wholeNumber(0), 48, { doc: "How long the old copy is kept." }),
      allowed_windows: key(
        list(
          formedText(WINDOW, 'a daily window such as "02:00-06:00 UTC" (HH:MM-HH:MM UTC, may cross midnight)'),
          'a list of daily windows such as ["02:00-06:00 UTC"]',
        ),
        [],
        { doc: "Times of day at which a reshard may run; empty allows every time." },
      ),
    },
  ),
  anti_entropy: section(
    { doc: "Comparing replicas and repairing differences." },
    {
      enabled: key(onOff(), true, { doc: "Compare." }),
      schedule: key(formedText(PERIOD, 'a period such as "every 6h" (s, m, h or d)'), "every 6h", {
        doc: "Time between two passes.",
      }),
      shards_per_pass: key(wholeNumber(0), 0, { doc: "Shards compared in one pass; 0 compares all." }),
      max_read_concurrency: key(wholeNumber(1, 1024), 2, { doc: "Reads in flight at once." }),
      fingerprint_batch_size: key(wholeNumber(1, 1000000), 1000, { doc: "Documents read in one request." }),
      auto_repair: key(onOff(), true, { doc: "Put differences right; otherwise they are only reported." }),
      updated_at_field: key(choice("_miroir_updated_at"), "_miroir_updated_at", {
        doc: "Hidden field that says when a document was written. It has no other name.",
      }),
    },
  ),
  dump_import: section(
    { doc: "Importing a dump of a single node.", later: true },
    {
      mode: key(choice("streaming", "broadcast"), "streaming", {
        doc: "`streaming` sends every document to its shard; `broadcast` gives the dump to every node.",
      }),
      batch_size: key(wholeNumber(1, 10000000), 1000, { doc: "Documents sent in one batch." }),
      parallel_target_writes: key(wholeNumber(1, 1024), 8, { doc: "Batches in flight at once." }),
      memory_buffer_bytes: key(wholeNumber(1048576), 134217728, { doc: "Memory for documents on their way." }),
      chunk_size_bytes: key(wholeNumber(1048576), 268435456, { doc: "Part of the dump that is claimed at once." }),
    },
  ),
  leader_election: section(
    { doc: "Which of several routers does a job that must have one owner." },
    {
      enabled: key(onOff(), true, {
        doc: "Take part. A router that does not never prunes tasks or brings kept writes to nodes; another one has to.",
      }),
      lease_ttl_s: key(wholeNumber(1, 3600), 10, { doc: "A lease that is not renewed ends after this." }),
      renew_interval_s: key(wholeNumber(1, 3600), 3, {
        doc: "Time between two renewals; less than half of the lease.",
      }),
    },
  ),
  peer_discovery: section(
    { doc: "How routers learn of each other." },
    { refresh_interval_s: key(wholeNumber(1, 3600), 3, { doc: "Time between two heartbeats." }) },
  ),
};
