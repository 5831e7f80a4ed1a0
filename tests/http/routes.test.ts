/** The routes that the HTTP surface answers by itself. */
import { describe, expect, test } from "bun:test";
import { buildTopology } from "../../src/core/topology/build-topology.ts";
import { buildShardMap } from "../../src/core/routing/build-shard-map.ts";
import { healthRoutes } from "../../src/http/routes/health.ts";
import { miroirRoutes, type MiroirRoutesDeps } from "../../src/http/routes/miroir.ts";
import { switchedOffRoutes, unsupportedRoutes } from "../../src/http/routes/unsupported.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { ADMIN, appFixture } from "./app-fixture.ts";

type Body = Record<string, unknown>;
const GATE = {
  switches: async () => ({}),
  relay: async () => {
    throw new TypeError("no node is asked here");
  },
};
const body = async (response: Response): Promise<Body> => (await response.json()) as Body;
const admin = { headers: { "x-admin-key": ADMIN } };

describe("health and version", () => {
  test("are answered by the router; the version is a node's and kept for a minute", async () => {
    const clock = createFakeClock();
    let asked = 0;
    const routes = healthRoutes({
      clock,
      relay: async () => {
        asked++;
        return { kind: "answered", nodeId: "n", status: 200, text: '{"pkgVersion":"1.50.0"}' };
      },
    });
    const { send } = appFixture(routes);
    const open = { headers: {} };
    expect(await body(await send("GET", "/health", open))).toEqual({ status: "available" });
    expect(await body(await send("GET", "/", open))).toEqual({ status: "Meilisearch is running" });
    expect((await send("GET", "/version", open)).status).toBe(401);
    for (let i = 0; i < 3; i++) expect(await body(await send("GET", "/version"))).toEqual({ pkgVersion: "1.50.0" });
    expect(asked).toBe(1);
    await clock.advance(60_001);
    await send("GET", "/version");
    expect(asked).toBe(2);
  });
});

describe("what the router tells its operator", () => {
  const topology = buildTopology({
    epoch: 7,
    replicationFactor: 1,
    replicaGroups: 2,
    nodes: ["a", "b", "c", "d"].map((id, i) => ({
      id,
      address: `http://${id}:7700`,
      replicaGroup: i % 2,
      state: "active" as const,
    })),
  });

  function routesWith(dead: readonly string[], over: Partial<MiroirRoutesDeps> = {}): ReturnType<typeof appFixture> {
    return appFixture(
      miroirRoutes({
        readiness: async () => ({ ready: dead.length === 0, reasons: dead.map((id) => `Node ${id} is away.`) }),
        fleet: {
          topology: () => topology,
          shardMap: (shards) => buildShardMap(topology, shards),
          readable: (id) => !dead.includes(id),
          report: (id) =>
            dead.includes(id)
              ? { status: "failed", lastSeenMs: null, version: null, error: "no route" }
              : { status: "active", lastSeenMs: 5, version: "1.50.0", error: null },
        },
        shards: 8,
        shardsOfIndex: (uid) => (uid === "small" ? 2 : undefined),
        rebalanceInProgress: () => false,
        metrics: { render: async () => "miroir_up 1\n", contentType: "text/plain" },
        ...over,
      }),
    );
  }

  test("readiness needs no key and gives its reasons", async () => {
    const yes = await routesWith([]).send("GET", "/_miroir/ready", { headers: {} });
    expect([yes.status, await body(yes)]).toEqual([200, { ready: true, reasons: [] }]);
    const no = await routesWith(["a"]).send("GET", "/_miroir/ready", { headers: {} });
    expect([no.status, await body(no)]).toEqual([503, { ready: false, reasons: ["Node a is away."] }]);
  });

  test("everything else needs the admin key, also paths that are not served yet", async () => {
    const { send } = appFixture([...unsupportedRoutes(new Set(), GATE)]);
    expect((await send("POST", "/_miroir/nodes")).status).toBe(401);
    expect((await send("POST", "/_miroir/nodes", admin)).status).toBe(501);
    for (const path of ["topology", "shards", "metrics"]) {
      expect((await routesWith([]).send("GET", `/_miroir/${path}`)).status).toBe(401);
      expect((await routesWith([]).send("GET", `/_miroir/${path}`, admin)).status).toBe(200);
    }
  });

  test("the topology has exactly its documented fields", async () => {
    const whole = await body(await routesWith([]).send("GET", "/_miroir/topology", admin));
    expect(Object.keys(whole)).toEqual([
      "shards",
      "replication_factor",
      "replica_groups",
      "nodes",
      "degraded_node_count",
      "rebalance_in_progress",
      "fully_covered",
      "epoch",
    ]);
    const nodes = whole["nodes"] as Body[];
    expect(Object.keys(nodes[0] as Body)).toEqual([
      "id",
      "address",
      "replica_group",
      "status",
      "shard_count",
      "last_seen_ms",
      "version",
    ]);
    expect(nodes.reduce((sum, node) => sum + (node["shard_count"] as number), 0)).toBe(16);
    expect(whole).toMatchObject({
      shards: 8,
      replica_groups: 2,
      degraded_node_count: 0,
      fully_covered: true,
      epoch: 7,
    });
  });

  test("a dead node shows with its error; another group still covers its shards", async () => {
    const one = await body(await routesWith(["a"]).send("GET", "/_miroir/topology", admin));
    expect(one).toMatchObject({ degraded_node_count: 1, fully_covered: true });
    expect((one["nodes"] as Body[])[0]).toMatchObject({ id: "a", status: "failed", error: "no route" });
    const two = await body(await routesWith(["a", "b"]).send("GET", "/_miroir/topology", admin));
    expect(two["degraded_node_count"]).toBe(2);
    const all = await body(await routesWith(["a", "b", "c", "d"]).send("GET", "/_miroir/topology", admin));
    expect(all["fully_covered"]).toBe(false);
  });

  test("shards are listed with their owners per group, for an index with its own count", async () => {
    const all = await body(await routesWith([]).send("GET", "/_miroir/shards", admin));
    expect(all["shards"]).toHaveLength(8);
    expect((all["shards"] as Body[])[0]).toEqual({ shard: 0, groups: [[expect.any(String)], [expect.any(String)]] });
    const small = await body(await routesWith([]).send("GET", "/_miroir/shards?index=small", admin));
    expect(small).toMatchObject({ index: "small", shard_count: 2, epoch: 7 });
    const missing = await routesWith([]).send("GET", "/_miroir/shards?index=none", admin);
    expect([missing.status, (await body(missing))["code"]]).toEqual([404, "index_not_found"]);
    const wrong = await routesWith([]).send("GET", "/_miroir/shards?indx=x", admin);
    expect(await body(wrong)).toMatchObject({ code: "bad_request" });
  });

  test("the metrics are those of the metrics listener", async () => {
    const answer = await routesWith([]).send("GET", "/_miroir/metrics", admin);
    expect([answer.headers.get("content-type"), await answer.text()]).toEqual(["text/plain", "miroir_up 1\n"]);
  });
});

describe("what is documented and not served", () => {
  test("says so with 501 and what to use instead", async () => {
    const { send } = appFixture(unsupportedRoutes(new Set(), GATE));
    const answer = await send("POST", "/dumps");
    expect(answer.status).toBe(501);
    const { code, message } = await body(answer);
    expect(code).toBe("miroir_not_supported");
    expect(message).toStartWith("`POST /dumps` is not served by this version of Miroir. ");
  });

  test("leaves out what others serve, whatever they call its parameters", () => {
    const all = unsupportedRoutes(new Set(), GATE);
    const fewer = unsupportedRoutes(new Set(["GET /_miroir/aliases/{anyName}", "POST /dumps"]), GATE);
    expect(all.length - fewer.length).toBe(2);
    expect(fewer.some(({ method, path }) => method === "GET" && path === "/_miroir/aliases/{name}")).toBe(false);
  });

  test("every refusal has a reason that is a sentence", () => {
    for (const { answered } of unsupportedRoutes(new Set(), GATE)) expect(answered).toMatch(/^Refused: [A-Z].*\.$/);
  });

  test("switched off, it is 404 and names the key", async () => {
    const off = switchedOffRoutes(unsupportedRoutes(new Set(), GATE), "admin.enabled");
    const answer = await appFixture(off).send("GET", "/_miroir/changes", admin);
    expect(answer.status).toBe(404);
    expect((await body(answer))["message"]).toContain("`admin.enabled`");
  });
});
