/** Every rule between keys: what breaks it, where that is reported, and what the message tells to change. */
import { describe, expect, test } from "bun:test";
import { stringify } from "yaml";
import { loadConfig, type LoadInput } from "../../../src/config/load-config.ts";
import { rules } from "../../../src/config/rules.ts";

const node = (id: string, group = 0) => ({ id, address: `http://${id}:7700`, replica_group: group });

type Values = Record<string, unknown>;

function problems(values: Values, more: Partial<LoadInput> = {}): { path: string; message: string }[] {
  const text = stringify({ miroir: { nodes: [node("a")], ...values } });
  const result = loadConfig({ file: "m.yaml", env: {}, flags: [], readFile: () => ({ text }), ...more });
  return result.ok ? [] : result.problems.map(({ path, message }) => ({ path, message }));
}

interface Case {
  rule: number;
  name: string;
  values: Values;
  /** null: allowed. */
  path: string | null;
  says?: string;
  more?: Partial<LoadInput>;
}

const cases: Case[] = [
  { rule: 1, name: "no shard", values: { shards: 0 }, path: "shards", says: "from 1 to" },
  { rule: 2, name: "no copy", values: { replication_factor: 0 }, path: "replication_factor", says: "from 1 to" },
  { rule: 3, name: "no group", values: { replica_groups: 0 }, path: "replica_groups", says: "from 1 to" },
  { rule: 4, name: "port 0", values: { server: { port: 0 } }, path: "server.port", says: "such as 7700" },
  {
    rule: 4,
    name: "one port for both listeners",
    values: { server: { port: 8000 }, metrics: { port: 8000 } },
    path: "metrics.port",
    says: "another port",
  },
  {
    rule: 4,
    name: "one port, but no metrics listener",
    values: { server: { port: 8000 }, metrics: { port: 8000, enabled: false } },
    path: null,
  },
  {
    rule: 5,
    name: "an id twice",
    values: { nodes: [node("a"), { ...node("b"), id: "a" }] },
    path: "nodes[1].id",
    says: "already that of nodes[0]",
  },
  {
    rule: 6,
    name: "an address twice, once with a slash",
    values: { nodes: [node("a"), { id: "b", address: "HTTP://a:7700/" }] },
    path: "nodes[1].address",
    says: "already the address of node a",
  },
  ...["ftp://a", "a:7700", "http://u:p@a", "http://a?x=1", "http://"].map((address): Case => ({
    rule: 6,
    name: `the address ${address}`,
    values: { nodes: [{ id: "a", address }] },
    path: "nodes[0].address",
    says: "http://10.0.0.11:7700",
  })),
  {
    rule: 7,
    name: "a group that does not exist",
    values: { nodes: [node("a"), node("b", 1)] },
    path: "nodes[1].replica_group",
    says: "raise replica_groups",
  },
  { rule: 8, name: "no node", values: { nodes: [] }, path: "nodes", says: "No node is configured" },
  {
    rule: 8,
    name: "a group with too few nodes",
    values: { nodes: [node("a"), node("b"), node("c", 1)], replica_groups: 2, replication_factor: 2 },
    path: "nodes",
    says: "Replica group 1 has 1 of the 2 nodes",
  },
  {
    rule: 8,
    name: "full groups",
    values: { nodes: [node("a"), node("b"), node("c", 1), node("d", 1)], replica_groups: 2, replication_factor: 2 },
    path: null,
  },
  {
    rule: 9,
    name: "fewer shards than nodes",
    values: { nodes: [node("a"), node("b"), node("c")], shards: 2 },
    path: "shards",
    says: "raise it to 3 or more",
  },
  {
    rule: 10,
    name: "Redis without an address",
    values: { task_store: { backend: "redis" } },
    path: "task_store.url",
    says: "redis://",
  },
  {
    rule: 10,
    name: "SQLite without a path",
    values: { task_store: { path: "" } },
    path: "task_store.path",
    says: "path of its file",
  },
  {
    rule: 10,
    name: "SQLite in a place that cannot be written",
    values: {},
    path: "task_store.path",
    says: "/var is read-only",
    more: { whyNotWritable: () => "/var is read-only" },
  },
  {
    rule: 10,
    name: "Redis with an address, wherever the path leads",
    values: { task_store: { backend: "redis", url: "rediss://:secret@r:6379/0" } },
    path: null,
    more: { whyNotWritable: () => "no" },
  },
  {
    rule: 11,
    name: "shared rate limits without Redis",
    values: { search_ui: { rate_limit: { backend: "redis" } } },
    path: "search_ui.rate_limit.backend",
    says: "task_store.backend: redis",
  },
  {
    rule: 11,
    name: "overflow to Redis without Redis",
    values: { cdc: { buffer: { overflow: "redis" } } },
    path: "cdc.buffer.overflow",
    says: "use disk or drop here",
  },
  {
    rule: 12,
    name: "a key replaced as soon as it is made",
    values: { search_ui: { scoped_key_max_age_days: 30 } },
    path: "search_ui.scoped_key_rotate_before_expiry_days",
    says: "below search_ui.scoped_key_max_age_days (30)",
  },
  {
    rule: 12,
    name: "a key never replaced",
    values: { search_ui: { scoped_key_rotate_before_expiry_days: 0 } },
    path: "search_ui.scoped_key_rotate_before_expiry_days",
    says: "from 1",
  },
  {
    rule: 13,
    name: "a tenant in a group that does not exist",
    values: { tenant_affinity: { static_map: { acme: 1 } } },
    path: "tenant_affinity.static_map.acme",
    says: "Group 1 does not exist",
  },
  {
    rule: 13,
    name: "a dedicated group that does not exist",
    values: { tenant_affinity: { dedicated_groups: [0, 4] } },
    path: "tenant_affinity.dedicated_groups[1]",
    says: "Group 4 does not exist",
  },
  ...[0, 1.5].map((rate): Case => ({
    rule: 14,
    name: `a sample rate of ${rate}`,
    values: { shadow: { targets: [{ name: "t", url: "http://t", sample_rate: rate }] } },
    path: "shadow.targets[0].sample_rate",
    says: rate === 0 ? "above 0" : "from 0 to 1",
  })),
  {
    rule: 15,
    name: "no delta pass and no comparison",
    values: { rebalancer: { skip_delta_pass: true }, anti_entropy: { enabled: false } },
    path: "rebalancer.skip_delta_pass",
    says: "lost for good",
  },
  { rule: 15, name: "no delta pass", values: { rebalancer: { skip_delta_pass: true } }, path: null },
  {
    rule: 16,
    name: "search pages without a secret",
    values: { search_ui: { enabled: true } },
    path: "search_ui.enabled",
    says: "SEARCH_UI_JWT_SECRET",
  },
  {
    rule: 16,
    name: "search pages with a secret under another name",
    values: { search_ui: { enabled: true, auth: { jwt_secret_env: "MY_SECRET" } } },
    path: null,
    more: { env: { MY_SECRET: "x" } },
  },
  {
    rule: 17,
    name: "a lease renewed too late",
    values: { leader_election: { lease_ttl_s: 10, renew_interval_s: 5 } },
    path: "leader_election.renew_interval_s",
    says: "use at most 4",
  },
  ...["24:00-06:00 UTC", "02:00-06:00", "2:00-6:00 UTC"].map((window): Case => ({
    rule: 18,
    name: `the window ${window}`,
    values: { resharding: { allowed_windows: [window] } },
    path: "resharding.allowed_windows[0]",
    says: "HH:MM-HH:MM UTC",
  })),
  {
    rule: 18,
    name: "a window across midnight",
    values: { resharding: { allowed_windows: ["22:00-04:30 UTC"] } },
    path: null,
  },
  ...["60", "0/minute", "5/day", "x/second"].map((rate): Case => ({
    rule: 19,
    name: `the rate ${rate}`,
    values: { search_ui: { rate_limit: { per_ip: rate } } },
    path: "search_ui.rate_limit.per_ip",
    says: "n/minute",
  })),
  {
    rule: 20,
    name: "batches larger than the buffer",
    values: { dump_import: { batch_size: 100000 } },
    path: "dump_import.batch_size",
    says: "raise the buffer",
  },
];

describe("rules between keys", () => {
  test.each(cases)("$rule: $name", ({ values, path, says, more }) => {
    const found = problems(values, more);
    if (path === null) {
      expect(found).toEqual([]);
      return;
    }
    expect(found.map((problem) => problem.path)).toEqual([path]);
    expect(found[0]?.message).toContain(says ?? "");
  });

  test("every rule has a case that breaks it", () => {
    const broken = new Set(cases.filter((one) => one.path !== null).map((one) => one.rule));
    expect(rules.map((rule) => rule.number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(rules.map((rule) => rule.number).filter((number) => !broken.has(number))).toEqual([]);
  });
});
