/** Which attributes a pattern or a filterable-attributes rule covers, and what each rule allows. */

export interface AttributeRule {
  readonly attributePatterns: readonly string[];
  readonly features: {
    readonly facetSearch: boolean;
    readonly filter: { readonly equality: boolean; readonly comparison: boolean };
  };
}

/** An element of `filterableAttributes`: a plain name allows everything, the object form says what it allows. */
export type FilterableRule = string | AttributeRule;

export interface RuleFeatures {
  readonly facetSearch: boolean;
  readonly equality: boolean;
  readonly comparison: boolean;
}

/** A plain name covers the attribute itself and everything below it. */
export function coversField(name: string, field: string): boolean {
  return field === name || (field.startsWith(name) && field[name.length] === ".");
}

/** A pattern covers by prefix, suffix or part around its `*`. */
export function patternCovers(pattern: string, field: string): boolean {
  if (pattern === "*") return true;
  if (pattern.length > 1 && pattern.startsWith("*") && pattern.endsWith("*"))
    return field.includes(pattern.slice(1, -1));
  if (pattern.startsWith("*")) return field.endsWith(pattern.slice(1));
  if (pattern.endsWith("*")) return field.startsWith(pattern.slice(0, -1));
  return pattern === field;
}

/** The first rule that covers the field decides; its position is part of error messages. */
export function matchingRule(
  field: string,
  rules: readonly FilterableRule[],
): { readonly position: number; readonly features: RuleFeatures } | null {
  const position = rules.findIndex((rule) =>
    typeof rule === "string"
      ? coversField(rule, field)
      : rule.attributePatterns.some((pattern) => patternCovers(pattern, field)),
  );
  const rule = rules[position];
  if (rule === undefined) return null;
  return { position, features: featuresOf(rule) };
}

export function isFilterable(features: RuleFeatures): boolean {
  return features.equality || features.comparison;
}

/** Names and patterns of the rules that allow something, sorted, as error messages list them. */
export function patternsAllowing(
  rules: readonly FilterableRule[],
  allows: (features: RuleFeatures) => boolean,
): string[] {
  const names = new Set<string>();
  for (const rule of rules) {
    if (!allows(featuresOf(rule))) continue;
    for (const name of typeof rule === "string" ? [rule] : rule.attributePatterns) names.add(name);
  }
  return [...names].sort();
}

export function allowedOperators(features: RuleFeatures): string[] {
  if (!isFilterable(features)) return [];
  return [
    "OR",
    "AND",
    "NOT",
    ...(features.equality ? ["=", "!=", "IN"] : []),
    ...(features.comparison ? ["<", ">", "<=", ">=", "TO"] : []),
    "IS EMPTY",
    "IS NULL",
    "EXISTS",
  ];
}

function featuresOf(rule: FilterableRule): RuleFeatures {
  if (typeof rule === "string") return { facetSearch: true, equality: true, comparison: true };
  return { facetSearch: rule.features.facetSearch, ...rule.features.filter };
}
