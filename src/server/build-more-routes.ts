/** What the routes need that ask every node, or any: keys, features, metrics, chats, search rules, templates, exports. */
import type { Config } from "../config/config.ts";
import type { FeatureGateDeps } from "../http/feature-gate.ts";
import type { RouteDeps } from "../http/routes/all.ts";
import type { Clock } from "../platform/clock.ts";
import type { Random } from "../platform/random.ts";
import type { BroadcastDeps } from "../services/broadcast/broadcast.ts";
import type { EveryNodeDeps } from "../services/broadcast/on-every-node.ts";
import type { Catalog } from "../services/catalog/catalog.ts";
import { featureSwitches } from "../services/experimental/experimental-features.ts";
import type { Coordinator } from "../coordinators/coordinator.ts";
import { EXPORT_CHUNK, exportChunk, type ExportChunkDeps } from "../services/export/export-chunk.ts";
import { exportFlow, type ExportDeps } from "../services/export/export-indexes.ts";
import type { ManagedFleet } from "../services/fleet/create-fleet.ts";
import type { Relay } from "../services/relay/relay.ts";
import { rulesFlow } from "../services/search-rules/change-rules.ts";
import type { RuleBook } from "../services/search-rules/rule-book.ts";
import type { KnownFields } from "../services/search/known-fields.ts";
import type { StatsDeps } from "../services/stats/index-stats.ts";
import type { RunningTaskRegistry } from "../services/tasks/create-task-registry.ts";
import type { TaskFlow } from "../services/tasks/task-registry.ts";
import type { Store } from "../store/store.ts";
import type { Telemetry } from "../telemetry/create-telemetry.ts";
import { buildJobs } from "./build-jobs.ts";
import { buildOutgoing } from "./build-webhooks.ts";
import type { Limits } from "./limits.ts";

/** What changes of indexes have in common, of which routes over every node need a part. */
export interface SharedParts
  extends Pick<EveryNodeDeps, "policy" | "versions">, Pick<BroadcastDeps, "lanes" | "withdraw" | "turns"> {
  readonly fleet: ManagedFleet;
  readonly catalog: Catalog;
  readonly tasks: RunningTaskRegistry;
  readonly relay: Relay;
  readonly clock: Clock;
}

export interface OwnParts extends Pick<EveryNodeDeps, "missed"> {
  readonly store: Store;
  readonly random: Random;
  readonly book: RuleBook;
  /** What is remembered of keys is no longer true. */
  readonly forget: () => void;
  /** One change at a time of what belongs to all nodes, over all routers. */
  readonly fleetWide: <T>(work: () => Promise<T>) => Promise<T>;
  /** The same for keys, after which every router forgets what it knew of them. */
  readonly changeKeys: <T>(work: () => Promise<T>) => Promise<T>;
  readonly telemetry: Telemetry;
  readonly config: Config;
  readonly knownFields: KnownFields;
  readonly limits: Pick<Limits, "nodeTimeoutMs">;
  /** This run of the router. */
  readonly run: string;
}

export interface MoreRoutes {
  readonly routes: Pick<
    RouteDeps,
    "features" | "stats" | "metrics" | "chats" | "searchRules" | "templates" | "exports" | "keys" | "experimental"
  >;
  readonly flows: readonly TaskFlow[];
  /** Of chunks of exports, this router's and others'. */
  readonly coordinators: readonly Coordinator[];
  /** Interrupts exports; they go on after the next start. */
  close(): void;
}

export function buildMoreRoutes(shared: SharedParts, own: OwnParts): MoreRoutes {
  const parts = { ...shared, ...own };
  const timeoutMs = own.limits.nodeTimeoutMs;
  const { fleet, catalog, tasks, telemetry } = parts;
  const features: FeatureGateDeps = {
    relay: parts.relay,
    switches: (signal) => featureSwitches({ fleet }, signal),
  };
  const stats: StatsDeps = {
    catalog,
    fleet,
    busy: (uid) => tasks.openTasks().some((task) => task.indexUid === uid),
    timeoutMs,
    expiry: own.config.ttl.enabled,
  };
  const stopping = new AbortController();
  const { emit } = telemetry;
  const jobs = buildJobs({ store: parts.store.jobs, run: parts.run, clock: parts.clock, emit });
  const exports: ExportDeps & ExportChunkDeps = {
    ...features,
    fleet,
    catalog,
    tasks,
    jobs: jobs.queue,
    knownFields: parts.knownFields,
    outgoing: buildOutgoing(parts),
    clock: parts.clock,
    timeoutMs,
    stopping: stopping.signal,
    payloadBytesMax: parts.config.server.max_body_bytes,
  };
  const searchRules = { ...parts, ...features, queue: parts.fleetWide };
  const everyNode = { fleet, missed: parts.missed, versions: parts.versions, policy: parts.policy };
  const routes = {
    keys: {
      ...everyNode,
      random: parts.random,
      forget: parts.forget,
      queue: parts.changeKeys,
    },
    experimental: { ...everyNode, queue: parts.fleetWide },
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
      ...everyNode,
      ...features,
      queue: parts.fleetWide,
    },
    searchRules,
    templates: { ...features, fleet, catalog, timeoutMs },
    exports,
  } satisfies MoreRoutes["routes"];
  return {
    routes,
    flows: [exportFlow(exports), rulesFlow(searchRules)],
    coordinators: [jobs.coordinator(new Map([[EXPORT_CHUNK, exportChunk(exports)]]))],
    close: () => stopping.abort(),
  };
}
