/** In a search by vector, nearness takes the place of the first rule about relevancy. */
import type { IndexEntry } from "../catalog/index-entry.ts";
import { DEFAULT_RANKING_RULES } from "../settings/node-form.ts";
import { isStrings } from "./index-view.ts";

/** How many sort criteria decide before nearness does; null: nearness decides nothing. */
export function sortsBeforeVector({ settings }: Pick<IndexEntry, "settings">, sort: unknown): number | null {
  const rules = settings["rankingRules"];
  if (!isStrings(rules)) return 0;
  const relevancy = rules.findIndex((rule) => RELEVANCY.has(rule));
  if (relevancy === -1) return null;
  const ownSorts = isStrings(sort) ? sort.length : 0;
  return rules.slice(0, relevancy).reduce((count, rule) => count + (rule === "sort" ? ownSorts : 1), 0);
}

/** Does a field decide in front of a rule about relevancy, so that better documents may stand behind worse ones? */
export function sortsBeforeRelevancy({ settings }: Pick<IndexEntry, "settings">, sort: unknown): boolean {
  const rules = settings["rankingRules"];
  const hasSort = isStrings(sort) && sort.length > 0;
  const order = isStrings(rules) ? rules : DEFAULT_RANKING_RULES;
  const first = order.findIndex((rule) => (rule === "sort" ? hasSort : !RELEVANCY.has(rule)));
  return first !== -1 && order.slice(first).some((rule) => RELEVANCY.has(rule));
}

const RELEVANCY: ReadonlySet<string> = new Set([
  "words",
  "typo",
  "proximity",
  "attribute",
  "attributeRank",
  "wordPosition",
  "exactness",
]);
