/** Refuses search parameters whose experimental feature is off, in the engine's words, or that are not played here. */
import { featureRequired } from "../node-error.ts";
import type { SearchRequest } from "../search/search-request.ts";
import type { NodeRequestContext } from "./request.ts";
import { unsupported } from "./unsupported.ts";

export function checkFeatures(request: SearchRequest, context: NodeRequestContext): void {
  if (request.personalize !== undefined) throw featureRequired("reranking search results", "personalization", 866);
  const gates = [
    [request.hybrid === undefined ? undefined : request.media, "multimodal", "passing `media` in a search query", 846],
    [request.useNetwork, "network", "passing `useNetwork` in a search query", 805],
  ] as const;
  for (const [value, feature, action, discussion] of gates) {
    if (value === undefined) continue;
    if (context.node.features[feature] === true) throw unsupported(feature);
    throw featureRequired(action, feature, discussion);
  }
}
