/**
 * The ranking rules that one query really uses, as the engine derives them from the settings and the query before it
 * compares queries of a federation: with notes on what was left out, since its error messages recite them.
 */
export type RuleKind =
  "relevancy" | "ascending sort" | "descending sort" | "ascending geo sort" | "descending geo sort";

/** Where a rule stands in the canonical list: a run of rules, or a place in the query's `sort`. */
export interface CanonicalRule {
  readonly kind: RuleKind;
  readonly from: number;
  readonly to: number;
  readonly sortAt: number | null;
}

export interface CanonicalRules {
  readonly rules: readonly CanonicalRule[];
  /** The list that `from` and `to` speak of, and the sort criteria that `sortAt` speaks of. */
  readonly names: readonly string[];
  readonly sort: readonly string[];
  readonly notes: readonly string[];
}

export interface RulesInput {
  readonly rankingRules: readonly string[];
  /** null: the query has none. */
  readonly sort: readonly string[] | null;
  readonly matchesAllWords: boolean;
  readonly search: "placeholder" | "keyword" | "vector";
}

export function canonicalRules(input: RulesInput): CanonicalRules {
  const walk: Walk = {
    names: [],
    sort: [],
    notes: [],
    fields: new Map(),
    seen: new Map(),
    words: "absent",
    vectorAt: null,
  };
  for (const [at, name] of input.rankingRules.entries()) {
    if (!takeRule(walk, input, name, at)) break;
  }
  return { rules: listRules(walk), names: walk.names, sort: walk.sort, notes: walk.notes };
}

interface Walk {
  readonly names: string[];
  sort: string[];
  readonly notes: string[];
  /** Fields that are sorted by already: the rule's name and position. */
  readonly fields: Map<string, Place>;
  /** Relevancy rules and `sort`, by name: where they came first. */
  readonly seen: Map<string, number>;
  words: "absent" | "prepended" | "own";
  vectorAt: number | null;
}

interface Place {
  readonly name: string;
  readonly position: string;
}

/** False: the rules end here. */
function takeRule(walk: Walk, input: RulesInput, name: string, at: number): boolean {
  if (name === "sort") takeSort(walk, input.sort, at);
  else if (isSortLike(name)) takeField(walk, walk.names, name, { name, position: ruleAt(at) });
  else if (input.search === "placeholder") {
    const why = 'because the query is a placeholder search (`q`: "")';
    walk.notes.push(`Removed relevancy rule \`${name}\` at position ${ruleAt(at)} ${why}`);
  } else if (input.search === "vector") return takeVector(walk, name, at);
  else if (name === "words") takeWords(walk, input, at);
  else takeRelevancy(walk, input, name, at);
  return true;
}

function takeSort(walk: Walk, sort: readonly string[] | null, at: number): void {
  const earlier = walk.seen.get("sort");
  if (earlier !== undefined) walk.notes.push(duplicate("sort", ruleAt(at), ruleAt(earlier)));
  else if (sort === null) {
    walk.notes.push(`Removed rule \`sort\` at position ${ruleAt(at)} because \`query.sort\` is empty`);
  } else {
    walk.seen.set("sort", at);
    walk.names.push("sort");
    walk.sort = [];
    for (const [i, criterion] of sort.entries()) {
      const position = `#${i} in \`query.sort\` (as \`sort\` is #${at} in ranking rules)`;
      const geo = criterion.startsWith("_geoPoint(");
      const shown = geo ? `_geo(..):${criterion.endsWith(":asc") ? "asc" : "desc"}` : criterion;
      takeField(walk, walk.sort, criterion, { name: shown, position }, geo ? "_geoPoint" : undefined);
    }
  }
}

function takeField(
  walk: Walk,
  into: string[],
  rule: string,
  place: Place,
  key = rule.replace(/:(asc|desc)$/, ""),
): void {
  const earlier = walk.fields.get(key);
  if (earlier !== undefined) walk.notes.push(duplicate(earlier.name, place.position, earlier.position));
  else {
    walk.fields.set(key, place);
    into.push(rule);
  }
}

/** The first relevancy rule becomes the vector; behind a sort rule nothing can follow. */
function takeVector(walk: Walk, name: string, at: number): boolean {
  if (walk.vectorAt === null) {
    walk.vectorAt = at;
    walk.names.push(name);
    return true;
  }
  const query = "because the query is a vector search and `vector` was";
  const vector = `inserted at position ${ruleAt(walk.vectorAt)}`;
  if (![...walk.fields.keys()].some((field) => field !== "_geoPoint")) {
    walk.notes.push(`Removed relevancy rule \`${name}\` at position ${ruleAt(at)} ${query} already ${vector}`);
    return true;
  }
  walk.notes.push(`Truncated relevancy rule \`${name}\` at position ${ruleAt(at)} and later rules ${query} ${vector}`);
  return false;
}

function takeWords(walk: Walk, { matchesAllWords }: RulesInput, at: number): void {
  const earlier = walk.seen.get("words");
  if (matchesAllWords) {
    const why = "`query.matchingWords` is set to `all`";
    walk.notes.push(`Removed rule \`words\` at position ${ruleAt(at)} because ${why}`);
  } else if (walk.words === "own") walk.notes.push(duplicate("words", ruleAt(at), ruleAt(earlier ?? 0)));
  else {
    if (walk.words === "prepended") {
      walk.notes.push(`Removed rule \`words\` at position ${ruleAt(at)} because it was previously prepended`);
    }
    walk.words = "own";
    walk.seen.set("words", at);
    walk.names.push("words");
  }
}

function takeRelevancy(walk: Walk, { matchesAllWords }: RulesInput, name: string, at: number): void {
  if (!matchesAllWords && walk.words === "absent") {
    walk.words = "prepended";
    walk.notes.push(`Prepended rule \`words\` before first relevancy rule \`${name}\` at position ${ruleAt(at)}`);
    walk.names.push("words");
  }
  const earlier = walk.seen.get(name);
  if (earlier !== undefined) walk.notes.push(duplicate(name, ruleAt(at), ruleAt(earlier)));
  else {
    walk.seen.set(name, at);
    walk.names.push(name);
  }
}

function listRules({ names, sort }: Walk): readonly CanonicalRule[] {
  const rules: CanonicalRule[] = [];
  for (const [at, name] of names.entries()) {
    const last = rules.at(-1);
    if (name === "sort") {
      for (const [sortAt, criterion] of sort.entries())
        rules.push({ kind: sortKind(criterion), from: at, to: at, sortAt });
    } else if (isSortLike(name)) rules.push({ kind: sortKind(name), from: at, to: at, sortAt: null });
    else if (last?.kind === "relevancy") rules[rules.length - 1] = { ...last, to: at };
    else rules.push({ kind: "relevancy", from: at, to: at, sortAt: null });
  }
  return rules;
}

function sortKind(criterion: string): RuleKind {
  const geo = criterion.startsWith("_geoPoint(") || /^_geo:(asc|desc)$/.test(criterion);
  if (criterion.endsWith(":asc")) return geo ? "ascending geo sort" : "ascending sort";
  return geo ? "descending geo sort" : "descending sort";
}

function isSortLike(name: string): boolean {
  return name.endsWith(":asc") || name.endsWith(":desc");
}

function ruleAt(at: number): string {
  return `#${at} in ranking rules`;
}

function duplicate(name: string, removed: string, earlier: string): string {
  return `Removed duplicate rule \`${name}\` at position ${removed} as it already appears at position ${earlier}`;
}
