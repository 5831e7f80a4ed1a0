import { describe, expect, test } from "bun:test";
import { AssertionFailure } from "../../../src/core/assert.ts";
import { systemClock } from "../../../src/platform/system.ts";
import { families, type FamilyName } from "../../../src/telemetry/families.ts";
import { createPrometheusMetrics } from "../../../src/telemetry/prometheus-metrics.ts";

const create = (labelValuesMax?: number): ReturnType<typeof createPrometheusMetrics> =>
  createPrometheusMetrics({ clock: systemClock, ...(labelValuesMax !== undefined && { labelValuesMax }) });

describe("the metrics", () => {
  test("appear with their first value and not before", async () => {
    const metrics = create();
    expect(await metrics.render()).not.toContain("miroir_requests_total");
    metrics.count("requests_total", { method: "GET", path_template: "/health", status: "200" });
    metrics.count("requests_total", { method: "GET", path_template: "/health", status: "200" }, 2);
    metrics.set("node_healthy", 1, { node_id: "n1" });
    metrics.observe("scatter_fan_out_size", 3);
    const text = await metrics.render();
    expect(text).toContain('miroir_requests_total{method="GET",path_template="/health",status="200"} 3');
    expect(text).toContain('miroir_node_healthy{node_id="n1"} 1');
    expect(text).toContain('miroir_scatter_fan_out_size_bucket{le="3"} 1');
  });

  test("of a feature that is on show themselves as zero", async () => {
    const metrics = create();
    metrics.activate(["scatter_retries_total", "shard_coverage", "scatter_fan_out_size"]);
    const text = await metrics.render();
    expect(text).toContain("miroir_scatter_retries_total 0");
    expect(text).toContain("miroir_shard_coverage 0");
  });

  test("every declared family can be used as what it is declared", async () => {
    const metrics = create();
    for (const [name, family] of Object.entries(families)) {
      const labels = family.labels.length === 0 ? undefined : Object.fromEntries(family.labels.map((l) => [l, "x"]));
      if (family.kind === "counter") metrics.count(name as FamilyName, labels);
      else if (family.kind === "gauge") metrics.set(name as FamilyName, 1, labels);
      else metrics.observe(name as FamilyName, 1, labels);
    }
    const text = await metrics.render();
    for (const name of Object.keys(families)) expect(text).toContain(`# TYPE miroir_${name} `);
  });

  test("used as another kind than declared are a fault of ours", () => {
    expect(() => create().set("requests_total", 1)).toThrow(AssertionFailure);
  });

  test("tell of the process what means something", async () => {
    const text = await create().render();
    for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"]) {
      expect(text).toMatch(new RegExp(`^${name} [0-9.e+]+$`, "m"));
    }
    expect(text).toMatch(/^miroir_event_loop_lag_seconds [0-9.e-]+$/m);
    expect(text).not.toContain("nodejs_");
  });
});
