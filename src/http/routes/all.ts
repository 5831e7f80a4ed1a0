/** Every route the router serves, in one list; what is documented and not served is refused by name. */
import type { Route } from "../route.ts";
import type { FeatureGateDeps } from "../feature-gate.ts";
import { withHiddenNames } from "../hidden-names.ts";
import { withSettingsHeaders } from "../settings-reads.ts";
import { withTaskNames } from "../task-reply.ts";
import { chatsRoutes } from "./chats.ts";
import { documentsReadRoutes } from "./documents-read.ts";
import { documentsWriteRoutes } from "./documents-write.ts";
import { dynamicSearchRulesRoutes } from "./dynamic-search-rules.ts";
import { experimentalFeaturesRoutes } from "./experimental-features.ts";
import { exportRoutes } from "./export.ts";
import { facetSearchRoutes } from "./facet-search.ts";
import { healthRoutes } from "./health.ts";
import { indexesRoutes } from "./indexes.ts";
import { keysRoutes } from "./keys.ts";
import { metricsRoutes } from "./metrics.ts";
import { miroirRoutes } from "./miroir.ts";
import { miroirSettingsRoutes } from "./miroir-settings.ts";
import { networkRoutes } from "./network.ts";
import { renderTemplateRoutes } from "./render-template.ts";
import { searchRoutes } from "./search.ts";
import { settingsRoutes } from "./settings.ts";
import { similarRoutes } from "./similar.ts";
import { statsRoutes } from "./stats.ts";
import { tasksRoutes } from "./tasks.ts";
import { ttlPolicyRoutes } from "./ttl-policy.ts";
import { verifyRoutes } from "./verify.ts";
import { switchedOffRoutes, unsupportedRoutes } from "./unsupported.ts";
import { webhooksRoutes } from "./webhooks.ts";

/** What the route files need, by the name of the file. */
export interface RouteDeps {
  readonly search: Parameters<typeof searchRoutes>[0];
  readonly documentsRead: Parameters<typeof documentsReadRoutes>[0];
  readonly documentsWrite: Parameters<typeof documentsWriteRoutes>[0];
  readonly indexes: Parameters<typeof indexesRoutes>[0];
  readonly settings: Parameters<typeof settingsRoutes>[0];
  readonly settingsHeaders: Parameters<typeof withSettingsHeaders>[0];
  readonly tasks: Parameters<typeof tasksRoutes>[0];
  readonly keys: Parameters<typeof keysRoutes>[0];
  readonly stats: Parameters<typeof statsRoutes>[0];
  readonly experimental: Parameters<typeof experimentalFeaturesRoutes>[0];
  readonly searchRules: Parameters<typeof dynamicSearchRulesRoutes>[0];
  readonly chats: Parameters<typeof chatsRoutes>[0];
  readonly templates: Parameters<typeof renderTemplateRoutes>[0];
  readonly metrics: Parameters<typeof metricsRoutes>[0];
  readonly exports: Parameters<typeof exportRoutes>[0];
  readonly features: FeatureGateDeps;
  readonly webhooks: Parameters<typeof webhooksRoutes>[0];
  readonly health: Parameters<typeof healthRoutes>[0];
  readonly miroir: Parameters<typeof miroirRoutes>[0];
  readonly miroirSettings: Parameters<typeof miroirSettingsRoutes>[0];
  readonly verify: Parameters<typeof verifyRoutes>[0];
  readonly ttl: Parameters<typeof ttlPolicyRoutes>[0];
  /** `admin.enabled`. */
  readonly adminEnabled: boolean;
  /** `task_registry.id_format: mtask`: tasks are named instead of numbered. */
  readonly taskNames: boolean;
}

export function allRoutes(deps: RouteDeps): readonly Route[] {
  const operator = [
    ...miroirRoutes(deps.miroir),
    ...miroirSettingsRoutes(deps.miroirSettings),
    ...verifyRoutes(deps.verify),
    ...ttlPolicyRoutes(deps.ttl),
    ...forOperators(tasksRoutes(deps.tasks)),
  ];
  const served = [
    ...healthRoutes(deps.health),
    ...withSettingsHeaders(deps.settingsHeaders, [
      ...withHiddenNames(
        [
          ...searchRoutes(deps.search),
          ...facetSearchRoutes(deps.search),
          ...similarRoutes(deps.search),
          ...documentsReadRoutes(deps.documentsRead),
        ],
        deps.ttl.enabled,
      ),
      ...settingsRoutes(deps.settings),
    ]),
    ...documentsWriteRoutes(deps.documentsWrite),
    ...indexesRoutes(deps.indexes),
    ...tasksRoutes(deps.tasks),
    ...keysRoutes(deps.keys),
    ...statsRoutes(deps.stats),
    ...experimentalFeaturesRoutes(deps.experimental),
    ...webhooksRoutes(deps.webhooks),
    ...networkRoutes(deps.features),
    ...dynamicSearchRulesRoutes(deps.searchRules),
    ...chatsRoutes(deps.chats),
    ...renderTemplateRoutes(deps.templates),
    ...metricsRoutes(deps.metrics),
    ...exportRoutes(deps.exports),
    ...(deps.adminEnabled ? operator : withoutOperators(operator)),
  ];
  const names = new Set(served.map((route) => `${route.method} ${route.path}`));
  const all = [...served, ...unsupportedRoutes(names, deps.features)];
  return deps.taskNames ? all.map(withTaskNames) : all;
}

/** The task lists under `/_miroir/` as well: the admin key opens nothing else, and `miroir ctl task` has only that. */
function forOperators(routes: readonly Route[]): readonly Route[] {
  return routes
    .filter(({ method, path }) => method === "GET" && path.startsWith("/tasks") && !path.endsWith("/documents"))
    .map((route) => ({ ...route, path: `/_miroir${route.path}`, access: { kind: "admin" } }));
}

/** Readiness is asked by machines that have no key, so it is always there. */
function withoutOperators(routes: readonly Route[]): readonly Route[] {
  const ready = routes.filter(({ access }) => access.kind === "exempt");
  return [
    ...ready,
    ...switchedOffRoutes(
      routes.filter(({ access }) => access.kind !== "exempt"),
      "admin.enabled",
    ),
  ];
}
