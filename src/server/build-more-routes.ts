/** What the routes behind the engine's switches need: metrics, chat workspaces, templates. */
import type { FeatureGateDeps } from "../http/feature-gate.ts";
import type { RouteDeps } from "../http/routes/all.ts";
import type { Clock } from "../platform/clock.ts";
import { createInTurn } from "../platform/in-turn.ts";
import type { EveryNodeDeps } from "../services/broadcast/on-every-node.ts";
import type { Catalog } from "../services/catalog/catalog.ts";
import { featureSwitches } from "../services/experimental/experimental-features.ts";
import type { ManagedFleet } from "../services/fleet/create-fleet.ts";
import type { Relay } from "../services/relay/relay.ts";
import type { StatsDeps } from "../services/stats/index-stats.ts";
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import type { Store } from "../store/store.ts";
import type { Telemetry } from "../telemetry/create-telemetry.ts";

export interface MoreRoutesParts extends Pick<EveryNodeDeps, "missed" | "policy"> {
  readonly fleet: ManagedFleet;
  readonly catalog: Catalog;
  readonly store: Store;
  readonly tasks: RunningTaskRegistry;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly timeoutMs: number;
}

export function buildMoreRoutes(
  parts: MoreRoutesParts,
): Pick<RouteDeps, "features" | "stats" | "metrics" | "chats" | "templates"> {
  const { fleet, catalog, tasks, telemetry, timeoutMs } = parts;
  const features: FeatureGateDeps = {
    relay: parts.relay,
    switches: (signal) => featureSwitches({ fleet }, signal),
  };
  const stats: StatsDeps = {
    catalog,
    fleet,
    busy: (uid) => tasks.openTasks().some((task) => task.indexUid === uid),
    timeoutMs,
  };
  const turns = createInTurn<string>();
  return {
    features,
    stats,
    metrics: {
      ...stats,
      ...features,
      tasks: parts.store.tasks,
      openTasks: () => tasks.openTasks(),
      clock: parts.clock,
      own: { render: () => telemetry.render(), contentType: telemetry.metrics.contentType },
    },
    chats: {
      fleet,
      missed: parts.missed,
      policy: parts.policy,
      ...features,
      queue: (work) => turns.run("chats", work),
    },
    templates: { ...features, fleet, catalog, timeoutMs },
  };
}
