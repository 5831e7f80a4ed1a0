/** The engine's metrics over the whole fleet; behind the engine's own switch. */
import { engineMetrics, type EngineMetricsDeps } from "../../services/stats/engine-metrics.ts";
import { behindFeature, type FeatureGateDeps } from "../feature-gate.ts";
import type { Route } from "../route.ts";

export interface MetricsDeps extends EngineMetricsDeps, FeatureGateDeps {
  /** The router's own, as text. */
  readonly own: { render(): Promise<string>; readonly contentType: string };
}

export function metricsRoutes(deps: MetricsDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      access: { kind: "action", action: "metrics.get" },
      answered: "the engine's families with the fleet's numbers, then the router's own, while `metrics` is on",
      handler: behindFeature(deps, "metrics", async (context) => {
        const own = await deps.own.render();
        const body = (await engineMetrics(deps, own, context.signal)) + own;
        return { status: 200, headers: { "content-type": deps.own.contentType }, body };
      }),
    },
  ];
}
