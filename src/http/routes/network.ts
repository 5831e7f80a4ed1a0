/**
 * The engine's own network of nodes. The router does not let it be switched on, since it is a second way of sharding
 * under this one; so its routes answer as those of a node where it is off.
 */
import { apiError } from "../../core/errors/api-error.ts";
import { behindFeature, type FeatureGateDeps } from "../feature-gate.ts";
import type { Method, Route } from "../route.ts";

export function networkRoutes(deps: FeatureGateDeps): readonly Route[] {
  const route = (method: Method, path: string, action: string): Route => ({
    method,
    path,
    access: { kind: "action", action },
    answered: "as on a node where `network` is off, since the router does not let it be switched on",
    // Somebody has switched it on on a node: still nothing of it is reached through the router.
    handler: behindFeature(deps, "network", async () => {
      throw apiError(
        "feature_not_enabled",
        `Using the ${path} route requires enabling the \`network\` experimental feature. See https://github.com/orgs/meilisearch/discussions/805`,
      );
    }),
  });
  return [
    route("GET", "/network", "network.get"),
    route("PATCH", "/network", "network.update"),
    route("POST", "/network/control", "network.update"),
  ];
}
