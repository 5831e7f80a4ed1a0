/** Every route the router serves, in one list; what is documented and not served is refused by name. */
import type { Route } from "../route.ts";
import { documentsReadRoutes } from "./documents-read.ts";
import { documentsWriteRoutes } from "./documents-write.ts";
import { experimentalFeaturesRoutes } from "./experimental-features.ts";
import { healthRoutes } from "./health.ts";
import { indexesRoutes } from "./indexes.ts";
import { keysRoutes } from "./keys.ts";
import { miroirRoutes } from "./miroir.ts";
import { searchRoutes } from "./search.ts";
import { settingsRoutes } from "./settings.ts";
import { statsRoutes } from "./stats.ts";
import { tasksRoutes } from "./tasks.ts";
import { unsupportedRoutes } from "./unsupported.ts";

/** What the route files need, by the name of the file. */
export interface RouteDeps {
  readonly search: Parameters<typeof searchRoutes>[0];
  readonly documentsRead: Parameters<typeof documentsReadRoutes>[0];
  readonly documentsWrite: Parameters<typeof documentsWriteRoutes>[0];
  readonly indexes: Parameters<typeof indexesRoutes>[0];
  readonly settings: Parameters<typeof settingsRoutes>[0];
  readonly tasks: Parameters<typeof tasksRoutes>[0];
  readonly keys: Parameters<typeof keysRoutes>[0];
  readonly stats: Parameters<typeof statsRoutes>[0];
  readonly experimental: Parameters<typeof experimentalFeaturesRoutes>[0];
  readonly health: Parameters<typeof healthRoutes>[0];
  readonly miroir: Parameters<typeof miroirRoutes>[0];
}

export function allRoutes(deps: RouteDeps): readonly Route[] {
  const served = [
    ...healthRoutes(deps.health),
    ...searchRoutes(deps.search),
    ...documentsReadRoutes(deps.documentsRead),
    ...documentsWriteRoutes(deps.documentsWrite),
    ...indexesRoutes(deps.indexes),
    ...settingsRoutes(deps.settings),
    ...tasksRoutes(deps.tasks),
    ...keysRoutes(deps.keys),
    ...statsRoutes(deps.stats),
    ...experimentalFeaturesRoutes(deps.experimental),
    ...miroirRoutes(deps.miroir),
  ];
  const names = new Set(served.map((route) => `${route.method} ${route.path}`));
  return [...served, ...unsupportedRoutes(names)];
}
