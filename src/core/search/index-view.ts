/** What of an index's settings decides how it is searched, read from the client's view with the engine's defaults. */
import type { IndexEntry } from "../catalog/index-entry.ts";
import type { FacetRules } from "../merge/facets.ts";
import { matchesPattern } from "../settings/attribute-pattern.ts";

export interface IndexView {
  /** null: every attribute is displayed. */
  readonly displayed: readonly string[] | null;
  /** Are vectors kept from a client that asks for them? */
  readonly hidesVectors: boolean;
  readonly distinctAttribute: string | null;
  readonly maxTotalHits: number;
  readonly facetRules: FacetRules;
  readonly isFilterable: (field: string) => boolean;
}

export function indexView(entry: IndexEntry): IndexView {
  const { settings } = entry;
  const displayed = settings["displayedAttributes"];
  const distinct = settings["distinctAttribute"];
  const faceting = record(settings["faceting"]);
  const orders = record(faceting["sortFacetValuesBy"]);
  return {
    displayed: isStrings(displayed) && !displayed.includes("*") ? displayed : null,
    hidesVectors: displayed !== undefined && hidesVectors(displayed, settings["embedders"]),
    distinctAttribute: typeof distinct === "string" ? distinct : null,
    maxTotalHits: count(record(settings["pagination"])["maxTotalHits"], MAX_TOTAL_HITS_DEFAULT),
    facetRules: {
      valuesMax: count(faceting["maxValuesPerFacet"], VALUES_PER_FACET_DEFAULT),
      orderOf: (field) => ((orders[field] ?? orders["*"]) === "count" ? "count" : "alpha"),
    },
    isFilterable: (field) => filterable(settings["filterableAttributes"], field),
  };
}

/**
 * An explicit list hides vectors unless it names them, but only while no document has brought any: from then on the
 * engine shows them to everybody.
 */
function hidesVectors(displayed: unknown, embedders: unknown): boolean {
  if (!isStrings(displayed) || displayed.includes("*") || displayed.includes("_vectors")) return false;
  return Object.keys(record(embedders)).length === 0;
}

/**
 * May documents be chosen by its values? Entries are names, which cover everything below them, or objects with patterns
 * and features. The first that matches decides.
 */
function filterable(entries: unknown, field: string): boolean {
  if (!Array.isArray(entries)) return false;
  for (const entry of entries as readonly unknown[]) {
    if (typeof entry === "string") {
      if (entry === field || field.startsWith(`${entry}.`)) return true;
      continue;
    }
    const { attributePatterns, features } = record(entry);
    if (!isStrings(attributePatterns) || !attributePatterns.some((pattern) => matchesPattern(pattern, field))) continue;
    return record(record(features)["filter"])["equality"] !== false;
  }
  return false;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function count(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

export function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}

const MAX_TOTAL_HITS_DEFAULT = 1000;
const VALUES_PER_FACET_DEFAULT = 100;
