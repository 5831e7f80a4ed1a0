/**
 * The rules between keys. Each has a number in the reference page, a test, and messages that say what to change. They
 * are judged on a complete configuration, also when single keys were wrong (those rules are then left out).
 */
import { addresses, groupsAreFilled, nodesPerGroup, uniqueIds } from "./fleet-rules.ts";
import { when, type Finding, type Rule, type RuleContext } from "./rule.ts";

/** Kept by the schema; they stand here so that the list is complete. */
const byLimit = (number: number, name: string): Rule => ({
  number,
  says: `\`${name}\` is at least 1.`,
  reads: [name],
  check: () => [],
});

export const rules: readonly Rule[] = [
  byLimit(1, "shards"),
  byLimit(2, "replication_factor"),
  byLimit(3, "replica_groups"),
  {
    number: 4,
    says: "`server.port` is not 0, and differs from `metrics.port` while the metrics listener is on.",
    reads: ["server.port", "metrics.port", "metrics.enabled"],
    check: ({ config: { server, metrics } }) => [
      ...when(server.port === 0, ["server", "port"], "It must not be 0: name the port that clients use, such as 7700."),
      ...when(
        metrics.enabled && server.port === metrics.port,
        ["metrics", "port"],
        `It must differ from server.port, which is ${server.port} too: give one of the two listeners another port.`,
      ),
    ],
  },
  { number: 5, says: "Node ids are unique.", reads: ["nodes"], check: uniqueIds },
  { number: 6, says: "Node addresses are unique, valid http(s) URLs.", reads: ["nodes"], check: addresses },
  {
    number: 7,
    says: "The `replica_group` of every node is below `replica_groups`.",
    reads: ["nodes", "replica_groups"],
    check: ({ config }) =>
      config.nodes.flatMap((node, position) =>
        when(
          node.replica_group >= config.replica_groups,
          ["nodes", position, "replica_group"],
          `Node ${node.id} is in group ${node.replica_group}, but with replica_groups ${config.replica_groups} the last group is ${config.replica_groups - 1} (they count from 0): put the node into an existing group or raise replica_groups.`,
        ),
      ),
  },
  {
    number: 8,
    says: "Every replica group has at least `replication_factor` nodes.",
    reads: ["nodes", "replica_groups", "replication_factor"],
    check: groupsAreFilled,
  },
  {
    number: 9,
    says: "`shards` is at least the number of nodes of the largest group.",
    reads: ["nodes", "shards"],
    check: ({ config }) => {
      const largest = Math.max(0, ...nodesPerGroup(config));
      return when(
        config.shards < largest,
        ["shards"],
        `With ${config.shards} shards some of the ${largest} nodes of the largest group would hold nothing: raise it to ${largest} or more (${largest * 8} leaves room to grow).`,
      );
    },
  },
  {
    number: 10,
    says: "`task_store.backend: redis` needs `task_store.url`; `sqlite` needs a path that can be written.",
    reads: ["task_store.backend", "task_store.path", "task_store.url"],
    check: store,
  },
  {
    number: 11,
    says: "What is shared through Redis (`search_ui.rate_limit.backend`, `cdc.buffer.overflow`) needs the Redis store.",
    reads: ["task_store.backend", "search_ui.rate_limit.backend", "cdc.buffer.overflow"],
    check: ({ config }) => {
      if (config.task_store.backend === "redis") return [];
      const cure = (other: string) => `redis needs task_store.backend: redis; use ${other} here or change the store.`;
      return [
        ...when(config.search_ui.rate_limit.backend === "redis", ["search_ui", "rate_limit", "backend"], cure("local")),
        ...when(config.cdc.buffer.overflow === "redis", ["cdc", "buffer", "overflow"], cure("disk or drop")),
      ];
    },
  },
  {
    number: 12,
    says: "`search_ui.scoped_key_rotate_before_expiry_days` is above 0 and below `search_ui.scoped_key_max_age_days`.",
    reads: ["search_ui.scoped_key_rotate_before_expiry_days", "search_ui.scoped_key_max_age_days"],
    check: ({ config: { search_ui: ui } }) =>
      when(
        ui.scoped_key_rotate_before_expiry_days >= ui.scoped_key_max_age_days,
        ["search_ui", "scoped_key_rotate_before_expiry_days"],
        `It must be below search_ui.scoped_key_max_age_days (${ui.scoped_key_max_age_days}), else a key is replaced as soon as it is made: lower it or let keys live longer.`,
      ),
  },
  {
    number: 13,
    says: "Groups named in `tenant_affinity.static_map` and `dedicated_groups` are below `replica_groups`.",
    reads: ["tenant_affinity.static_map", "tenant_affinity.dedicated_groups", "replica_groups"],
    check: tenantGroups,
  },
  {
    number: 14,
    says: "The `sample_rate` of a shadow target is above 0 and at most 1.",
    reads: ["shadow.targets"],
    check: ({ config }) =>
      config.shadow.targets.flatMap((target, position) =>
        when(
          target.sample_rate <= 0,
          ["shadow", "targets", position, "sample_rate"],
          "With 0 nothing is ever sent to this target: give a share above 0 (1 is every request) or remove the target.",
        ),
      ),
  },
  {
    number: 15,
    says: "`rebalancer.skip_delta_pass` needs `anti_entropy.enabled`.",
    reads: ["rebalancer.skip_delta_pass", "anti_entropy.enabled"],
    check: ({ config }) =>
      when(
        config.rebalancer.skip_delta_pass && !config.anti_entropy.enabled,
        ["rebalancer", "skip_delta_pass"],
        "Without anti_entropy.enabled, writes made at the cutover would be lost for good: switch anti_entropy on or keep the delta pass.",
      ),
  },
  {
    number: 16,
    says: "`search_ui.enabled` needs the secret of its sessions.",
    reads: ["search_ui.enabled", "search_ui.auth.jwt_secret", "search_ui.auth.jwt_secret_env"],
    check: ({ config: { search_ui: ui }, environment }) => {
      const named = ui.auth.jwt_secret_env;
      const present = ui.auth.jwt_secret !== "" || (named !== "" && (environment[named] ?? "") !== "");
      return when(
        ui.enabled && !present,
        ["search_ui", "enabled"],
        `The search pages sign their sessions: put a secret into the environment variable ${named === "" ? "SEARCH_UI_JWT_SECRET" : named} or name its file with search_ui.auth.jwt_secret_file.`,
      );
    },
  },
  {
    number: 17,
    says: "A lease is renewed at least twice in its life: `renew_interval_s` × 2 is below `lease_ttl_s`.",
    reads: ["leader_election.renew_interval_s", "leader_election.lease_ttl_s"],
    check: ({ config: { leader_election: lease } }) =>
      when(
        lease.renew_interval_s * 2 >= lease.lease_ttl_s,
        ["leader_election", "renew_interval_s"],
        `Twice this must stay below leader_election.lease_ttl_s (${lease.lease_ttl_s}), so that one late renewal loses nothing: use at most ${Math.max(1, Math.ceil(lease.lease_ttl_s / 2) - 1)} or make the lease longer.`,
      ),
  },
  { number: 18, says: "Windows have the form `HH:MM-HH:MM UTC`; they may cross midnight.", reads: [], check: () => [] },
  { number: 19, says: "Rates have the form `n/second`, `n/minute` or `n/hour`.", reads: [], check: () => [] },
  {
    number: 20,
    says: "A batch of `dump_import.batch_size` documents, counted as 1 KiB each, for each of `parallel_target_writes` fits into `memory_buffer_bytes`.",
    reads: ["dump_import.batch_size", "dump_import.parallel_target_writes", "dump_import.memory_buffer_bytes"],
    check: ({ config: { dump_import: dump } }) => {
      const neededBytes = dump.batch_size * dump.parallel_target_writes * DOCUMENT_BYTES;
      return when(
        neededBytes > dump.memory_buffer_bytes,
        ["dump_import", "batch_size"],
        `${dump.parallel_target_writes} batches of ${dump.batch_size} documents need about ${neededBytes} bytes, but dump_import.memory_buffer_bytes is ${dump.memory_buffer_bytes}: lower batch_size or parallel_target_writes, or raise the buffer.`,
      );
    },
  },
];

/** What a document is counted as before one has been seen. */
const DOCUMENT_BYTES = 1024;

function store({ config, whyNotWritable }: RuleContext): readonly Finding[] {
  const { backend, path, url } = config.task_store;
  if (backend === "redis") {
    return when(
      !/^rediss?:\/\/[^/\s]+/.test(url),
      ["task_store", "url"],
      "The Redis store needs the address of its server, such as redis://10.0.0.5:6379/0.",
    );
  }
  if (path.trim() === "") {
    return [{ path: ["task_store", "path"], message: "The SQLite store needs the path of its file." }];
  }
  const reason = whyNotWritable(path);
  return when(
    reason !== null,
    ["task_store", "path"],
    `The store cannot be written: ${reason}. Name a path in a directory that this user may write, or create the directory for it.`,
  );
}

function tenantGroups({ config }: RuleContext): readonly Finding[] {
  const { static_map: map, dedicated_groups: dedicated } = config.tenant_affinity;
  const named = [
    ...Object.entries(map).map(([tenant, group]) => ({ step: ["static_map", tenant], group })),
    ...dedicated.map((group, position) => ({ step: ["dedicated_groups", position], group })),
  ];
  return named.flatMap(({ step, group }) =>
    when(
      group >= config.replica_groups,
      ["tenant_affinity", ...step],
      `Group ${group} does not exist: with replica_groups ${config.replica_groups} the last group is ${config.replica_groups - 1}.`,
    ),
  );
}
