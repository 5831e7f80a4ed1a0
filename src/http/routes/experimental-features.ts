/** The switches of the engine's experimental features: one state for the whole fleet. */
import {
  changeExperimentalFeatures,
  type ExperimentalDeps,
  getExperimentalFeatures,
} from "../../services/experimental/experimental-features.ts";
import { jsonBody } from "../decode/json-body.ts";
import { jsonText } from "../respond.ts";
import type { Route } from "../route.ts";

export function experimentalFeaturesRoutes(deps: ExperimentalDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/experimental-features",
      access: { kind: "action", action: "experimental.get" },
      answered: "from one node; all have the same",
      handler: async (context) => jsonText(200, await getExperimentalFeatures(deps, context.signal)),
    },
    {
      method: "PATCH",
      path: "/experimental-features",
      access: { kind: "action", action: "experimental.update" },
      answered: "on all nodes or on none",
      handler: async (context) => {
        const { text, value } = await jsonBody(context);
        return jsonText(200, await changeExperimentalFeatures(deps, text, value));
      },
    },
  ];
}
