/** What of an index's settings decides how it is searched, read from the client's view with the engine's defaults. */
import type { IndexEntry } from "../catalog/index-entry.ts";
import type { FacetRules } from "../merge/facets.ts";

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

/** Entries are names, patterns with `*` at one end, or objects with patterns and features. */
function filterable(entries: unknown, field: string): boolean {
  if (!Array.isArray(entries)) return false;
  return entries.some((entry: unknown) => {
    if (typeof entry === "string") return matches(entry, field);
    const patterns = record(entry)["attributePatterns"];
    return isStrings(patterns) && patterns.some((pattern) => matches(pattern, field));
  });
}

/** A name covers everything below it. */
function matches(pattern: string, field: string): boolean {
  if (pattern === "*" || pattern === field || field.startsWith(`${pattern}.`)) return true;
  if (pattern.endsWith("*") && field.startsWith(pattern.slice(0, -1))) return true;
  return pattern.startsWith("*") && field.endsWith(pattern.slice(1));
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
