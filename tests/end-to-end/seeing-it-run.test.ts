/** What an operator sees of a running router: metrics, logs, readiness, `miroir ctl`. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { startMiroir, type TestMiroir } from "../support/miroir.ts";

const MAIN = join(import.meta.dir, "..", "..", "src", "main.ts");

let miroir: TestMiroir;
beforeAll(async () => {
  miroir = await startMiroir({ nodes: 3, replicationFactor: 2 });
  await miroir.write("POST", "/indexes/films/documents?primaryKey=id", [{ id: 1, title: "secret-title" }]);
  await miroir.request(
    "POST",
    "/indexes/films/search",
    { q: "secret-query", filter: undefined },
    { "x-request-id": "my-id-1" },
  );
  await miroir.request("POST", "/indexes/nothing/search", {});
});
afterAll(() => miroir.stop());

async function ctl(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = Bun.spawn([process.execPath, MAIN, "ctl", ...args, "--url", miroir.url], {
    env: { ...process.env, MIROIR_ADMIN_API_KEY: miroir.adminKey },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err };
}

test("the metrics tell of requests, nodes, shards, scatter, tasks and lanes, with path templates only", async () => {
  const text = await (await fetch(miroir.metricsUrl)).text();
  for (const expected of [
    /^miroir_requests_total\{method="POST",path_template="\/indexes\/\{indexUid\}\/search",status="200"\} [1-9]/m,
    /^miroir_requests_total\{method="POST",path_template="\/indexes\/\{indexUid\}\/search",status="404"\} 1$/m,
    /^miroir_request_duration_seconds_bucket\{/m,
    /^miroir_node_healthy\{node_id="node-2"\} 1$/m,
    /^miroir_node_request_duration_seconds_count\{node_id="node-0",operation="search"\} [1-9]/m,
    /^miroir_shard_coverage 1$/m,
    /^miroir_shard_distribution\{node_id="node-1"\} \d+$/m,
    /^miroir_degraded_shards_total 0$/m,
    /^miroir_scatter_fan_out_size_count [1-9]/m,
    /^miroir_tasks_total\{status="succeeded"\} [1-9]/m,
    /^miroir_lane_depth\{node_id="node-0"\} 0$/m,
    /^miroir_build_info\{version="[^"]+"\} 1$/m,
  ]) {
    expect(text).toMatch(expected);
  }
  expect(text).not.toContain("/indexes/films");
});

test("only the metrics are served on the metrics listener, and the client listener wants the admin key for them", async () => {
  expect((await fetch(new URL("/indexes", miroir.metricsUrl))).status).toBe(404);
  expect((await fetch(`${miroir.url}/_miroir/metrics`)).status).toBe(401);
  const asked = await fetch(`${miroir.url}/_miroir/metrics`, { headers: { "x-admin-key": miroir.adminKey } });
  expect(await asked.text()).toContain("miroir_requests_total");
});

test("the log is one JSON object a line, finds a request by its id, and holds no key, query or document", async () => {
  // Lines are written in groups, a moment after the answer.
  const deadline = performance.now() + 10_000;
  while (!(await miroir.output()).includes("my-id-1") && performance.now() < deadline) await Bun.sleep(20);
  const lines = (await miroir.output())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines)
    expect(Object.keys(line)).toEqual(expect.arrayContaining(["timestamp", "level", "message"]));
  const mine = lines.find((line) => line["request_id"] === "my-id-1");
  expect(mine).toMatchObject({ index: "films", status: 200 });
  expect(mine?.["duration_ms"]).toBeNumber();
  const text = await miroir.output();
  for (const hidden of [miroir.masterKey, miroir.adminKey, "secret-query", "secret-title"])
    expect(text).not.toContain(hidden);
});

describe("miroir ctl", () => {
  test("status, topology, shards and tasks as tables and as JSON", async () => {
    const status = await ctl("status");
    expect([status.code, status.err]).toEqual([0, ""]);
    expect(status.out).toContain("3, all active");
    expect((await ctl("topology")).out).toContain("node-1");
    const topology = await ctl("topology", "--json");
    expect(JSON.parse(topology.out)).toMatchObject({
      shards: 16,
      replication_factor: 2,
      fully_covered: true,
      degraded_node_count: 0,
    });
    const shards = await ctl("shards");
    expect(shards.code).toBe(0);
    expect(shards.out.trim().split("\n").length).toBeGreaterThanOrEqual(17);
    const tasks = await ctl("task", "list");
    expect(tasks.out).toContain("documentAdditionOrUpdate");
    const one = await ctl("task", "get", "0", "--json");
    expect(JSON.parse(one.out)).toMatchObject({ uid: 0, status: "succeeded" });
    expect((await ctl("ready")).code).toBe(0);
  });

  test("a wrong admin key and an unreachable router have exit codes of their own and a sentence", async () => {
    const child = Bun.spawn([process.execPath, MAIN, "ctl", "status", "--url", miroir.url], {
      env: { ...process.env, MIROIR_ADMIN_API_KEY: "wrong" },
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await child.stderr.text()).not.toBe("");
    expect(await child.exited).toBe(5);
    const nobody = Bun.spawn([process.execPath, MAIN, "ctl", "status", "--url", "http://127.0.0.1:1"], {
      env: { ...process.env, MIROIR_ADMIN_API_KEY: "x" },
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await nobody.exited).toBe(4);
  });

  test("readiness says which node is missing", async () => {
    await miroir.nodes[0]?.kill();
    await miroir.nodes[1]?.kill();
    const deadline = performance.now() + 20_000;
    let answer = await fetch(`${miroir.url}/_miroir/ready`);
    while (answer.status === 200 && performance.now() < deadline) {
      await Bun.sleep(50);
      answer = await fetch(`${miroir.url}/_miroir/ready`);
    }
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("node-0");
    const asked = await ctl("ready");
    expect(asked.code).toBe(6);
    expect(asked.err + asked.out).toContain("node-0");
  });
});
