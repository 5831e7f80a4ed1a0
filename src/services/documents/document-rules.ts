/** What the settings of an index demand of its documents, as far as the router can know it. */
import type { EmbedderShape } from "../../core/documents/vectors-shape.ts";

export interface DocumentRules {
  readonly geo: boolean;
  readonly embedders: readonly EmbedderShape[];
}

/** `settings`: the client's view. */
export function documentRules(settings: Readonly<Record<string, unknown>>): DocumentRules {
  return {
    geo: usesGeo(settings["filterableAttributes"]) || usesGeo(settings["sortableAttributes"]),
    embedders: embedderShapes(settings["embedders"]),
  };
}

/** Attributes are names, or objects with patterns; a pattern that only might match does not count. */
function usesGeo(attributes: unknown): boolean {
  if (!Array.isArray(attributes)) return false;
  return (attributes as readonly unknown[]).some((one) => {
    if (one === GEO) return true;
    const patterns = typeof one === "object" && one !== null && "attributePatterns" in one ? one.attributePatterns : [];
    return Array.isArray(patterns) && patterns.includes(GEO);
  });
}

function embedderShapes(embedders: unknown): readonly EmbedderShape[] {
  if (typeof embedders !== "object" || embedders === null) return [];
  return Object.entries(embedders as Readonly<Record<string, unknown>>).flatMap(([name, value]) => {
    if (typeof value !== "object" || value === null) return [];
    const { source, dimensions } = value as { source?: unknown; dimensions?: unknown };
    const known = typeof dimensions === "number" ? dimensions : null;
    return [{ name, dimensions: known, userProvided: source === "userProvided" }];
  });
}

const GEO = "_geo";
