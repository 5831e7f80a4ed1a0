/** `POST /indexes/{uid}/facet-search`: the values of a facet that begin with a text. */
import { matchingRule, patternsAllowing } from "../index/attribute-patterns.ts";
import { compareBytes } from "../index/facet-index.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { NodeError } from "../node-error.ts";
import { orderOf } from "../search/facets.ts";
import { findDocuments, type SearchEnvironment } from "../search/search.ts";
import { SEARCH_FIELDS, type SearchRequest } from "../search/search-request.ts";
import { editDistance } from "../text/edit-distance.ts";
import { checkFeatures } from "./check-features.ts";
import { indexUid, jsonBody, type NodeReply, type NodeRequestContext } from "./request.ts";
import { boolean, checkFields, missingField, object, string, type FieldSpec } from "./validate.ts";

const FACET_SEARCH_FIELDS: Readonly<Record<string, FieldSpec>> = {
  facetName: { check: string, code: "invalid_facet_search_facet_name" },
  facetQuery: { check: string, code: "invalid_facet_search_query" },
  exhaustiveFacetCount: { check: boolean, code: "invalid_facet_search_exhaustive_facet_count" },
  ...Object.fromEntries(
    [
      "q",
      "vector",
      "media",
      "hybrid",
      "filter",
      "matchingStrategy",
      "attributesToSearchOn",
      "rankingScoreThreshold",
      "locales",
      "useNetwork",
    ].map((name) => [name, SEARCH_FIELDS[name] ?? { check: object, code: "bad_request" }]),
  ),
};

/** The values of a facet that begin with the query, among the documents of a search. */
export async function facetSearch(context: NodeRequestContext, environment: SearchEnvironment): Promise<NodeReply> {
  const started = performance.now();
  const uid = indexUid(context);
  const body = object(await jsonBody(context), "", "bad_request");
  const known = Object.fromEntries(Object.entries(body).filter(([name]) => name in FACET_SEARCH_FIELDS));
  const { facetName, facetQuery, ...rest } = checkFields(known, FACET_SEARCH_FIELDS) as SearchRequest & {
    facetName?: string;
    facetQuery?: string;
  };
  checkFeatures(rest, context);
  if (facetName === undefined) throw missingField("facetName", "", "missing_facet_search_facet_name");
  const index = context.node.index(uid);
  if (!index.settings.facetSearch) {
    throw new NodeError("facet_search_disabled", "The facet search is disabled for this index");
  }
  checkFacetSearchable(index, facetName);
  const { candidates } = findDocuments(index, rest, environment, 0, false);
  const facet = index.facet(facetName);
  const wanted = facetQuery === undefined ? null : searchForm(index, facetQuery);
  const hits: FacetHit[] = [];
  for (const text of facet.sortedStrings) {
    const documents = facet.strings.get(text)?.and(candidates);
    if (documents === undefined || documents.isEmpty) continue;
    if (wanted !== null && !matchesFacetQuery(searchForm(index, text), wanted, index)) continue;
    const [first = 0] = facet.strings.get(text) ?? [];
    hits.push({ value: facet.byDocument.get(first)?.strings.get(text) ?? text, count: documents.size });
  }
  const { maxValuesPerFacet } = index.settings.faceting;
  return {
    status: 200,
    body: {
      facetHits:
        orderOf(index, facetName) === "count"
          ? mostFrequent(hits, maxValuesPerFacet)
          : hits.slice(0, maxValuesPerFacet),
      facetQuery: facetQuery ?? null,
      processingTimeMs: Math.floor(performance.now() - started),
    },
  };
}

interface FacetHit {
  readonly value: string;
  readonly count: number;
}

/** The least one that is kept gives way to whatever comes later and is as frequent. */
function mostFrequent(hits: readonly FacetHit[], max: number): readonly FacetHit[] {
  const kept: FacetHit[] = [];
  const descending = (a: FacetHit, b: FacetHit): number => b.count - a.count || compareBytes(b.value, a.value);
  for (const hit of hits) {
    if (kept.length === max) {
      const least = kept.at(-1);
      if (least === undefined || least.count > hit.count) continue;
      kept.pop();
    }
    kept.push(hit);
    kept.sort(descending);
  }
  return kept;
}

function checkFacetSearchable(index: SearchIndex, name: string): void {
  const rules = index.settings.filterableAttributes;
  const rule = matchingRule(name, rules);
  if (rule?.features.facetSearch === true) return;
  const available = patternsAllowing(rules, ({ facetSearch: isAllowed }) => isAllowed);
  const hint =
    rule !== null
      ? `Note: this attribute matches rule #${rule.position} in filterableAttributes, but this rule does not enable facetSearch.\nHint: enable facetSearch in rule #${rule.position} by adding \`"facetSearch": true\` to the rule.\nHint: prepend another rule matching ${name} with facetSearch: true before rule #${rule.position}`
      : available.length === 0
        ? "This index does not have configured facet-searchable attributes. To make it facet-searchable add it to the `filterableAttributes` index settings."
        : `Available facet-searchable attributes patterns are: \`${available.join(", ")}\`. To make it facet-searchable add it to the \`filterableAttributes\` index settings.`;
  throw new NodeError("invalid_facet_search_facet_name", `Attribute \`${name}\` is not facet-searchable. ${hint}`);
}

function searchForm(index: SearchIndex, text: string): string {
  return index.tokenizer
    .tokenize(text)
    .map(({ lemma }) => lemma)
    .join("")
    .trim();
}

/** The beginning of the value, with as many typos as a word of that length may have. */
function matchesFacetQuery(value: string, query: string, index: SearchIndex): boolean {
  if (value.startsWith(query)) return true;
  const { enabled, minWordSizeForTypos } = index.settings.typoTolerance;
  const characters = Array.from(query);
  if (!enabled || characters.length < minWordSizeForTypos.oneTypo || value[0] !== query[0]) return false;
  const typos = characters.length < minWordSizeForTypos.twoTypos ? 1 : 2;
  return editDistance(characters, Array.from(value), typos, true) !== null;
}
