/**
 * A facet that only the router has asked for: the one of a distinct attribute, from which totals follow. Nodes answer it
 * with everything below the attribute, of which the client may have asked for a part.
 */
import { matchesPattern } from "../settings/attribute-pattern.ts";
import type { FacetPart } from "./facets.ts";

export interface OwnFacet {
  readonly field: string;
  /** The client's own facets: names, each of which stands for all below it, and patterns. None of them means the field. */
  readonly asked: readonly string[];
}

/** null: the client has asked for that facet itself. */
export function ownFacet(field: string, asked: readonly string[]): OwnFacet | null {
  return asksFor(asked, field) ? null : { field, asked };
}

/** What the client asked for. */
export function withoutOwnFacet(part: FacetPart, { field, asked }: OwnFacet): FacetPart {
  const isShown = (name: string): boolean => !covers(field, name) || asksFor(asked, name);
  return {
    distribution: part.distribution.filter((facet) => isShown(facet.field)),
    stats: new Map([...part.stats].filter(([name]) => isShown(name))),
    candidates: part.candidates,
  };
}

function asksFor(asked: readonly string[], field: string): boolean {
  return asked.some((pattern) => matchesPattern(pattern, field) || covers(pattern, field));
}

/** Is it the field, or one below it? */
function covers(parent: string, field: string): boolean {
  return field === parent || field.startsWith(`${parent}.`);
}
