/**
 * May the results of these queries be merged? The engine compares the ranking rules of each query with those of the
 * strictest before it and refuses when a sort would be compared with a relevancy or with a sort the other way. Decided
 * here and not by the nodes, whose hidden last rule would have them refuse more.
 */
import { DEFAULT_RANKING_RULES } from "../settings/node-form.ts";
import type { IndexEntry } from "../catalog/index-entry.ts";
import { canonicalRules, type CanonicalRule, type CanonicalRules, type RuleKind } from "./federation-canonical.ts";
import { isStrings } from "./index-view.ts";
import { readKind } from "./search-request.ts";

export interface RankedQuery {
  readonly position: number;
  readonly indexUid: string;
  readonly entry: IndexEntry;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface RulesConflict {
  /** Of the query that does not go with those before it. */
  readonly position: number;
  readonly message: string;
}

/** Queries in the order in which the engine runs them. */
export function rulesConflict(queries: readonly RankedQuery[]): RulesConflict | null {
  let strictest: { readonly query: RankedQuery; readonly rules: CanonicalRules } | null = null;
  for (const query of queries) {
    const rules = rulesOf(query);
    if (strictest !== null) {
      const other = strictest.rules;
      const at = rules.rules.findIndex((rule, i) => other.rules[i] !== undefined && other.rules[i].kind !== rule.kind);
      if (at !== -1) return { position: query.position, message: message(strictest, { query, rules }, at) };
      if (other.rules.length > rules.rules.length) continue;
    }
    strictest = { query, rules };
  }
  return null;
}

function rulesOf({ entry, parameters }: RankedQuery): CanonicalRules {
  const rules = entry.settings["rankingRules"];
  const { sort, q } = parameters;
  const hasWords = typeof q === "string" && q.trim() !== "";
  return canonicalRules({
    rankingRules: isStrings(rules) ? rules : DEFAULT_RANKING_RULES,
    sort: isStrings(sort) ? sort : null,
    matchesAllWords: parameters["matchingStrategy"] === "all",
    search: readKind(parameters) === "semantic" ? "vector" : hasWords ? "keyword" : "placeholder",
  });
}

interface Side {
  readonly query: RankedQuery;
  readonly rules: CanonicalRules;
}

function message(previous: Side, current: Side, at: number): string {
  const [first, second] = [previous.rules.rules[at]!, current.rules.rules[at]!];
  return [
    `The results of queries #${previous.query.position} and #${current.query.position} are incompatible: \n`,
    `  1. ${described(previous, first)}\n`,
    `  2. ${described(current, second)}\n`,
    `  - ${reason(first.kind, second.kind)}\n`,
    notes(previous),
    notes(current),
  ].join("");
}

function described({ query, rules }: Side, rule: CanonicalRule): string {
  const { from, to, sortAt, kind } = rule;
  const range = from === to ? `${from}` : `${from}..=${to}`;
  const own = sortAt === null ? "" : `.sort[${sortAt}]`;
  const names = sortAt === null ? rules.names.slice(from, to + 1).join(", ") : sorted(rules.sort[sortAt] ?? "");
  return `\`queries[${query.position}]${own}\`, \`${query.indexUid}.rankingRules[${range}]\`: ${kind} rule(s) ${names}`;
}

function sorted(criterion: string): string {
  return criterion.startsWith("_geoPoint(") ? "default" : `on field \`${criterion.replace(/:(asc|desc)$/, "")}\``;
}

function reason(a: RuleKind, b: RuleKind): string {
  const [geoA, geoB] = [a.includes("geo"), b.includes("geo")];
  if (a === "relevancy" || b === "relevancy") {
    return `cannot compare a relevancy rule with a ${geoA || geoB ? "geosort" : "sort"} rule`;
  }
  if (geoA !== geoB) return "cannot compare a sort rule with a geosort rule";
  return `cannot compare two ${geoA ? "geosort" : "sort"} rules in opposite directions`;
}

function notes({ query, rules }: Side): string {
  if (rules.notes.length === 0) return "";
  const lines = rules.notes.map((note, i) => `${note.startsWith(SORT_NOTE) ? "   " : "    "}${i + 1}. ${note}\n`);
  return `  - note: The ranking rules of query #${query.position} were modified during canonicalization:\n${lines.join("")}`;
}

/** The one note that the engine indents by one blank less. */
const SORT_NOTE = "Removed rule `sort`";
