/** One search over one index, from the checked request to the answer's parts. */
import { DocSet } from "../doc-set.ts";
import { evaluateFilter } from "../filter/evaluate-filter.ts";
import { checkFeatures } from "../filter/filter-features.ts";
import { parseFilter } from "../filter/parse-filter.ts";
import { isFilterable, matchingRule, patternCovers, patternsAllowing } from "../index/attribute-patterns.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { NodeError, withinIndex } from "../node-error.ts";
import { applyDistinct, bucketSort, type RankedDocument } from "./bucket-sort.ts";
import { exactAttributeRule } from "./exact-attribute-rule.ts";
import { facetResult } from "./facets.ts";
import { mergeHybrid } from "./hybrid-search.ts";
import { makeHit } from "./make-hits.ts";
import { createMatcher } from "./match-text.ts";
import { parseQuery, type ParsedQuery } from "./parse-query.ts";
import { buildQueryGraph, reducedDocuments, type MatchingStrategy } from "./query-graph.ts";
import type { RankingRule } from "./ranking-rule.ts";
import {
  attributeRankRule,
  exactWordsRule,
  proximityRule,
  typoRule,
  wordPositionRule,
  wordsRule,
} from "./relevancy-rules.ts";
import { SearchContext } from "./search-context.ts";
import type { SearchRequest } from "./search-request.ts";
import { semanticTarget, type SemanticTarget } from "./semantic-target.ts";
import { checkSortable, checkSortRule, parseSort, shownNames, type SortCriterion } from "./sort-criteria.ts";
import { geoRule, likenessTo, sortRule, vectorRule } from "./value-rules.ts";

export interface SearchEnvironment {
  readonly isEnabled: (feature: string) => boolean;
  /** A filter that applies on top of the request's, from a tenant token. */
  readonly forcedFilter: unknown;
}

export interface Found {
  readonly ranked: readonly RankedDocument[];
  readonly candidates: DocSet;
  readonly query: ParsedQuery | null;
  readonly isSemantic: boolean;
  /** What was searched near to; absent: nothing was. */
  readonly target?: readonly number[];
}

/** Everything of the answer except times and ids. */
export function search(
  index: SearchIndex,
  request: SearchRequest,
  environment: SearchEnvironment,
): Record<string, unknown> {
  const isPaged = request.page !== undefined || request.hitsPerPage !== undefined;
  const perPage = request.hitsPerPage ?? 20;
  const page = request.page ?? 1;
  const limit = isPaged ? (page === 0 ? 0 : perPage) : (request.limit ?? 20);
  const offset = isPaged ? Math.max(0, page - 1) * perPage : (request.offset ?? 0);
  const { maxTotalHits } = index.settings.pagination;
  const count = Math.min(offset + limit, maxTotalHits);
  const found = findHits(index, request, environment, count, isPaged);
  const sort = parseSort(request.sort ?? [], "invalid_search_sort");
  const geo = sort.find((criterion) => criterion.kind === "geo");
  const context = {
    index,
    request,
    matcher: createMatcher(found.query, index.tokenizer),
    geoTarget: geo?.target ?? null,
  };
  const pageHits = found.ranked.slice(offset, offset + limit);
  const total = found.candidates.size;
  return {
    hits: pageHits.map((ranked) => makeHit(ranked, context)),
    query: request.q ?? "",
    ...(request.retrieveVectors === true && found.target !== undefined ? { queryVector: found.target } : {}),
    processingTimeMs: 0,
    ...(isPaged
      ? { hitsPerPage: perPage, page, totalPages: perPage === 0 ? 0 : Math.ceil(total / perPage), totalHits: total }
      : { limit, offset, estimatedTotalHits: total }),
    ...(request.facets !== undefined && request.facets.length > 0
      ? facetResult(index, request.facets, found.candidates)
      : {}),
    ...(found.isSemantic ? { semanticHitCount: pageHits.filter(hasVectorScore).length } : {}),
  };
}

function findHits(
  index: SearchIndex,
  request: SearchRequest,
  environment: SearchEnvironment,
  count: number,
  isExhaustive: boolean,
): Found {
  const { hybrid, q = "" } = request;
  const ratio = hybrid?.semanticRatio ?? 0.5;
  if (hybrid === undefined || q === "" || ratio === 0 || ratio === 1) {
    return findDocuments(index, request, environment, count, isExhaustive);
  }
  const { hybrid: _hybrid, vector, ...byWords } = request;
  const { q: _q, ...rest } = request;
  const byVector = { ...rest, hybrid: { ...hybrid, semanticRatio: 1 } };
  // Without a vector the engine would ask an embedder, and does with the words alone when that fails.
  if (vector !== undefined || index.settings.embedders[hybrid.embedder] === undefined) semanticTarget(index, byVector);
  const words = findDocuments(index, byWords, environment, count, isExhaustive);
  if (vector === undefined) return { ...words, isSemantic: true };
  const vectors = (): Found => findDocuments(index, byVector, environment, count, isExhaustive);
  const distinct = request.distinct ?? index.settings.distinctAttribute;
  const facet = distinct === null || !index.knowsField(distinct) ? null : index.facet(distinct);
  const merged = mergeHybrid({ words, vectors, ratio, count, distinct: facet });
  return { ...merged, isSemantic: true, ...(merged === words ? {} : { target: vector }) };
}

/** The ranked documents of a request, at least `count` of them if there are as many. */
export function findDocuments(
  index: SearchIndex,
  request: SearchRequest,
  environment: SearchEnvironment,
  count: number,
  isExhaustive: boolean,
): Found {
  const embedder = semanticTarget(index, request);
  const select = parsedFilters([request.filter, environment.forcedFilter], environment, "invalid_search_filter");
  const sort = parseSort(request.sort ?? [], "invalid_search_sort");
  const context = new SearchContext(
    index,
    withinIndex(index.uid, () => searchedFields(index, request.attributesToSearchOn)),
  );
  const distinctField = withinIndex(index.uid, () => checkedDistinct(index, request.distinct));
  let universe = select(index);
  withinIndex(index.uid, () => {
    checkSortRule(sort, index);
    checkSortable(sort, index, "invalid_search_sort");
  });

  const strategy = request.matchingStrategy ?? "last";
  const isKeyword = embedder === null && request.q !== undefined && request.q.trim() !== "";
  const query = isKeyword ? parseQuery(request.q ?? "", context) : null;
  const graph = query === null || query.terms.length === 0 ? null : buildQueryGraph(query);
  if (query !== null) universe = universe.minus(excludedDocuments(query, context));
  if (graph !== null) universe = universe.and(reducedDocuments(graph, strategy, universe, context));
  const kind = embedder !== null ? embedder : graph === null ? "placeholder" : strategy;
  const distinct = distinctField === null || !index.knowsField(distinctField) ? null : index.facet(distinctField);
  const threshold = request.rankingScoreThreshold ?? null;
  const evaluated = isExhaustive && threshold !== null ? index.settings.pagination.maxTotalHits : count;
  const rules = rankingRules(index, sort, kind, context);
  const result = bucketSort({
    universe,
    rules,
    graph,
    count,
    evaluated: Math.max(count, evaluated),
    distinct,
    threshold,
  });
  const countsValues = isExhaustive && distinct !== null && embedder === null;
  const candidates = countsValues ? applyDistinct(result.candidates, distinct).remaining : result.candidates;
  const target = embedder === null || request.vector === undefined ? {} : { target: request.vector };
  return { ranked: result.documents, candidates, query, isSemantic: embedder !== null, ...target };
}

/** Reads filters and gives what selects the documents that all of them accept. */
export function parsedFilters(
  filters: readonly unknown[],
  environment: Pick<SearchEnvironment, "isEnabled">,
  code: string,
  errors: "asWritten" | "ofIndex" = "ofIndex",
): (index: SearchIndex) => DocSet {
  const parsed = filters.flatMap((given) =>
    given === undefined || given === null ? [] : (parseFilter(given, code) ?? []),
  );
  for (const filter of parsed) checkFeatures(filter, environment.isEnabled);
  return (index) =>
    parsed.reduce((found, filter) => {
      if (errors === "asWritten") return found.and(evaluateFilter(filter, index, code, true));
      return found.and(withinIndex(index.uid, () => evaluateFilter(filter, index, code)));
    }, index.all);
}

function rankingRules(
  index: SearchIndex,
  sort: readonly SortCriterion[],
  kind: MatchingStrategy | "placeholder" | SemanticTarget,
  context: SearchContext,
): RankingRule[] {
  const rules: RankingRule[] = [];
  const used = new Set<string>();
  const addSort = (field: string, ascending: boolean): void => {
    if (used.has(field)) return;
    used.add(field);
    rules.push(sortRule(index, field, ascending));
  };
  const relevancy = (name: string, make: () => RankingRule[]): void => {
    if (kind === "placeholder") return;
    if (typeof kind === "object") {
      if (!used.has("<vector>")) rules.push(vectorRule(index, kind.name, likenessTo(kind.target, kind.embedder)));
      used.add("<vector>");
      return;
    }
    if (kind !== "all" && !used.has("<words>")) rules.push(wordsRule(context, kind));
    used.add("<words>");
    if (name !== "words" && !used.has(`<${name}>`)) rules.push(...make());
    used.add(`<${name}>`);
  };
  for (const rule of index.settings.rankingRules) {
    switch (rule) {
      case "words":
        relevancy("words", () => []);
        break;
      case "typo":
        relevancy("typo", () => [typoRule(context)]);
        break;
      case "proximity":
        relevancy("proximity", () => [proximityRule(context)]);
        break;
      case "attribute":
        relevancy("attribute", () => [attributeRankRule(context), wordPositionRule(context)]);
        break;
      case "attributeRank":
        relevancy("attributeRank", () => [attributeRankRule(context)]);
        break;
      case "wordPosition":
        relevancy("wordPosition", () => [wordPositionRule(context)]);
        break;
      case "exactness":
        relevancy("exactness", () => [exactAttributeRule(context), exactWordsRule(context)]);
        break;
      case "sort":
        for (const criterion of sort) {
          if (criterion.kind === "geo") rules.push(geoRule(index, criterion.target, criterion.ascending));
          else addSort(criterion.field, criterion.ascending);
        }
        break;
      default:
        addSort(rule.slice(0, rule.lastIndexOf(":")), rule.endsWith(":asc"));
    }
  }
  return rules;
}

function excludedDocuments(query: ParsedQuery, context: SearchContext): DocSet {
  let excluded = new DocSet();
  for (const word of query.negativeWords) excluded = excluded.or(context.wordDocuments({ word, isDerived: false }));
  for (const phrase of query.negativePhrases) excluded = excluded.or(context.phraseDocuments(phrase));
  return excluded;
}

function searchedFields(index: SearchIndex, names: readonly string[] | undefined): ReadonlySet<number> | null {
  if (names === undefined) return null;
  const { searchableAttributes, displayedAttributes } = index.settings;
  const searchable = index.fields.filter((field) => index.weightOf(field) !== null);
  const fields = new Set<number>();
  for (const name of names) {
    const matching = searchable.filter((field) => patternCovers(name, field));
    for (const field of matching) fields.add(index.fieldNumber(field));
    const isDeclared = searchableAttributes.includes("*") || searchableAttributes.includes(name);
    if (name !== "*" && matching.length === 0 && !isDeclared) {
      throw new NodeError(
        "invalid_search_attributes_to_search_on",
        `Attribute \`${name}\` is not searchable. Available searchable attributes are: \`${shownNames(searchable.toSorted(), displayedAttributes)}\`.`,
      );
    }
  }
  return names.includes("*") ? null : fields;
}

function checkedDistinct(index: SearchIndex, requested: string | undefined): string | null {
  if (requested === undefined) return index.settings.distinctAttribute;
  const rules = index.settings.filterableAttributes;
  const rule = matchingRule(requested, rules);
  if (rule !== null && isFilterable(rule.features)) return requested;
  const available = patternsAllowing(rules, isFilterable);
  const hint =
    rule !== null
      ? `Note: this attribute matches rule #${rule.position} in filterableAttributes, but this rule does not enable filtering.\nHint: enable filtering in rule #${rule.position} by adding appropriate filter features.\nHint: prepend another rule matching ${requested} with filter features before rule #${rule.position}`
      : available.length === 0
        ? "This index does not have configured filterable attributes."
        : `Available filterable attributes patterns are: \`${available.join(", ")}\`.`;
  throw new NodeError(
    "invalid_search_distinct",
    `Attribute \`${requested}\` is not filterable and thus, cannot be used as distinct attribute. ${hint}`,
  );
}

function hasVectorScore({ details }: RankedDocument): boolean {
  return details.some((detail) => detail.kind === "vector");
}
