/**
 * In which order the values of facets stand, as far as it depends on how they were asked for: a name stands for all below
 * it, but an order that the settings have for a field holds only where a name or a pattern means that very field.
 */
import { matchesPattern } from "../settings/attribute-pattern.ts";
import type { FacetRules } from "./facets.ts";

/** `asked`: names and patterns. */
export function askedRules(rules: FacetRules, asked: readonly string[]): FacetRules {
  return { ...rules, orderOf: (field) => rules.orderOf(isMeant(asked, field) ? field : ANY_FIELD) };
}

/** Is it this very field that was asked for? */
export function isMeant(asked: readonly string[], field: string): boolean {
  return asked.some((pattern) => matchesPattern(pattern, field));
}

/** What the settings call fields that they do not name. */
const ANY_FIELD = "*";
