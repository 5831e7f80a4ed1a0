/** Search, facet search, similar documents and plain multi-search. */
import { matchingRule, patternsAllowing } from "../index/attribute-patterns.ts";
import { compareBytes } from "../index/facet-index.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { NodeError } from "../node-error.ts";
import { orderOf } from "../search/facets.ts";
import { findDocuments, search, type SearchEnvironment } from "../search/search.ts";
import { editDistance } from "../text/edit-distance.ts";
import { parameterValue, SEARCH_FIELDS, searchRequest, type SearchRequest } from "../search/search-request.ts";
import { similarDocuments, similarRequest, SIMILAR_FIELDS } from "../search/similar.ts";
import {
  badIndexUid,
  indexUid,
  isIndexUid,
  jsonBody,
  queryParameters,
  reason,
  type NodeReply,
  type NodeRequestContext,
} from "./request.ts";
import type { Route } from "./route.ts";
import { boolean, checkFields, missingField, object, string, wrongKind, type FieldSpec } from "./validate.ts";

const path = "/indexes/:index";

export const searchRoutes: readonly Route[] = [
  { method: "POST", path: `${path}/search`, action: "search", handle: postSearch },
  { method: "GET", path: `${path}/search`, action: "search", handle: getSearch },
  { method: "POST", path: `${path}/facet-search`, action: "search", handle: facetSearch },
  { method: "POST", path: `${path}/similar`, action: "search", handle: postSimilar },
  { method: "GET", path: `${path}/similar`, action: "search", handle: getSimilar },
  { method: "POST", path: "/multi-search", action: "search", handle: multiSearch },
];

async function postSearch(context: NodeRequestContext): Promise<NodeReply> {
  const uid = indexUid(context);
  return answer(context, uid, searchRequest(await jsonBody(context)));
}

function getSearch(context: NodeRequestContext): NodeReply {
  const uid = indexUid(context);
  const request = asParameters(() => {
    const known = Object.keys(SEARCH_FIELDS).flatMap((name) => parameterNames[name] ?? [name]);
    const values: Record<string, unknown> = {};
    for (const [name, text] of queryParameters(context, known)) values[name] = parameterValue(name, text);
    const { hybridEmbedder, hybridSemanticRatio, personalizeUserContext, ...rest } = values;
    if (hybridEmbedder === undefined && hybridSemanticRatio !== undefined) {
      throw new NodeError(
        "invalid_search_hybrid_query",
        "`hybridEmbedder` is mandatory when `hybridSemanticRatio` is present",
      );
    }
    if (hybridEmbedder === undefined && rest["vector"] !== undefined) {
      throw new NodeError("missing_search_hybrid", "`hybridEmbedder` is mandatory when `vector` is present");
    }
    if (personalizeUserContext !== undefined) throw unsupported("personalize");
    const hybrid =
      hybridEmbedder === undefined
        ? {}
        : {
            hybrid: {
              embedder: hybridEmbedder,
              ...(hybridSemanticRatio === undefined ? {} : { semanticRatio: hybridSemanticRatio }),
            },
          };
    return searchRequest({ ...rest, ...hybrid });
  });
  return answer(context, uid, request);
}

const parameterNames: Readonly<Record<string, readonly string[]>> = {
  hybrid: ["hybridEmbedder", "hybridSemanticRatio"],
  media: [],
  personalize: ["personalizeUserContext"],
};

/** Errors about JSON values said as errors about query parameters. */
function asParameters<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    const kind =
      /^Invalid value type at `\.(\w+)`: expected (a positive integer|a boolean|a number), but found a string: `"(.*)"`$/.exec(
        error.message,
      );
    if (kind === null) {
      const reworded = error.message
        .replace(/^(Unknown value .*?) at `\.(\w+)`/, "$1 for parameter `$2`")
        .replace(/at `\.(\w+)`/, "in parameter `$1`");
      throw new NodeError(error.code, reworded);
    }
    const [, name = "", expected, text = ""] = kind;
    const parameter = `Invalid value in parameter \`${name}\``;
    if (expected === "a number") {
      throw new NodeError(
        error.code,
        `${parameter}: the value of \`${name}\` is invalid, expected a float between \`0.0\` and \`1.0\`.`,
      );
    }
    const form = expected === "a boolean" ? "a boolean, expected either `true` or `false`" : "a positive integer";
    throw new NodeError(error.code, `${parameter}: could not parse \`${text}\` as ${form}`);
  }
}

function answer(context: NodeRequestContext, uid: string, request: SearchRequest): NodeReply {
  return { status: 200, body: runSearch(context, uid, request) };
}

function runSearch(context: NodeRequestContext, uid: string, request: SearchRequest): Record<string, unknown> {
  const started = performance.now();
  checkSupported(request, context);
  const result = search(context.node.index(uid), request, environmentFor(context, uid));
  return { ...result, processingTimeMs: Math.floor(performance.now() - started), requestUid: Bun.randomUUIDv7() };
}

function environmentFor(context: NodeRequestContext, uid: string): SearchEnvironment {
  return {
    isEnabled: (feature) => context.node.features[feature] === true,
    forcedFilter: context.authority.filterFor(uid),
  };
}

function checkSupported(request: SearchRequest, context: NodeRequestContext): void {
  if (request.personalize !== undefined) throw unsupported("personalize");
  const gates = [
    [request.media, "multimodal", "passing `media` as part of a search query", 846],
    [request.useNetwork, "network", "passing `useNetwork` in a search query", 805],
  ] as const;
  for (const [value, feature, action, discussion] of gates) {
    if (value === undefined || value === false) continue;
    if (context.node.features[feature] === true) throw unsupported(feature);
    throw new NodeError(
      "feature_not_enabled",
      `${action} requires enabling the \`${feature}\` experimental feature. See https://github.com/orgs/meilisearch/discussions/${discussion}`,
    );
  }
}

function unsupported(what: string): NodeError {
  return new NodeError("bad_request", `A development node does not offer \`${what}\`. Use a real engine for it.`);
}

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
    ].map((name) => [name, SEARCH_FIELDS[name] ?? { check: object, code: "bad_request" }]),
  ),
};

/** The values of a facet that begin with the query, among the documents of a search. */
async function facetSearch(context: NodeRequestContext): Promise<NodeReply> {
  const started = performance.now();
  const uid = indexUid(context);
  const body = object(await jsonBody(context), "", "bad_request");
  const known = Object.fromEntries(Object.entries(body).filter(([name]) => name in FACET_SEARCH_FIELDS));
  const { facetName, facetQuery, ...rest } = checkFields(known, FACET_SEARCH_FIELDS) as SearchRequest & {
    facetName?: string;
    facetQuery?: string;
  };
  if (facetName === undefined) throw missingField("facetName", "", "missing_facet_search_facet_name");
  const index = context.node.index(uid);
  if (!index.settings.facetSearch) {
    throw new NodeError("facet_search_disabled", "The facet search is disabled for this index");
  }
  checkFacetSearchable(index, facetName);
  const { candidates } = findDocuments(index, rest, environmentFor(context, uid), 0, false);
  const facet = index.facet(facetName);
  const wanted = facetQuery === undefined ? null : searchForm(index, facetQuery);
  const hits: { value: string; count: number }[] = [];
  for (const text of facet.sortedStrings) {
    const documents = facet.strings.get(text)?.and(candidates);
    if (documents === undefined || documents.isEmpty) continue;
    if (wanted !== null && !matchesFacetQuery(searchForm(index, text), wanted, index)) continue;
    const [first = 0] = facet.strings.get(text) ?? [];
    hits.push({ value: facet.byDocument.get(first)?.strings.get(text) ?? text, count: documents.size });
  }
  const ordered =
    orderOf(index, facetName) === "count"
      ? hits.sort((a, b) => b.count - a.count || compareBytes(a.value, b.value))
      : hits;
  return {
    status: 200,
    body: {
      facetHits: ordered.slice(0, index.settings.faceting.maxValuesPerFacet),
      facetQuery: facetQuery ?? null,
      processingTimeMs: Math.floor(performance.now() - started),
    },
  };
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

async function postSimilar(context: NodeRequestContext): Promise<NodeReply> {
  const uid = indexUid(context);
  return similar(context, uid, await jsonBody(context));
}

function getSimilar(context: NodeRequestContext): NodeReply {
  const values: Record<string, unknown> = {};
  for (const [name, text] of queryParameters(context, Object.keys(SIMILAR_FIELDS))) {
    values[name] = name === "embedder" ? text : parameterValue(name, text);
  }
  return asParameters(() => similar(context, indexUid(context), values));
}

function similar(context: NodeRequestContext, uid: string, body: unknown): NodeReply {
  const started = performance.now();
  const result = similarDocuments(context.node.index(uid), similarRequest(body), environmentFor(context, uid));
  return { status: 200, body: { ...result, processingTimeMs: Math.floor(performance.now() - started) } };
}

/** The queries one after another; merging them into one list is left to a real engine. */
async function multiSearch(context: NodeRequestContext): Promise<NodeReply> {
  const body = object(await jsonBody(context), "", "bad_request");
  const any: FieldSpec["check"] = (value) => value;
  const { queries, federation } = checkFields(body, {
    queries: { check: any, code: "bad_request" },
    federation: { check: any, code: "invalid_multi_search_federation" },
  });
  if (queries === undefined) throw missingField("queries", "", "bad_request");
  if (federation !== undefined) throw unsupported("federation");
  if (!Array.isArray(queries)) throw wrongKind(queries, ".queries", "an array", "bad_request");
  const specs = {
    indexUid: { check: string, code: "invalid_index_uid" },
    ...SEARCH_FIELDS,
    federationOptions: { check: any, code: "invalid_multi_search_federation_options" },
  };
  const requests = (queries as unknown[]).map((query, at) => {
    const { indexUid: uid, federationOptions, ...request } = checkFields(query, specs, `.queries[${at}]`);
    if (uid === undefined) throw missingField("indexUid", `.queries[${at}]`, "missing_index_uid");
    if (!isIndexUid(uid as string)) throw badIndexUid(uid as string, `Invalid value at \`.queries[${at}].indexUid\`: `);
    if (federationOptions !== undefined) {
      throw new NodeError(
        "invalid_multi_search_federation_options",
        `Inside \`.queries[${at}]\`: Using \`federationOptions\` is not allowed in a non-federated search.\n - Hint: remove \`federationOptions\` from the query or add \`federation\` to the request.`,
      );
    }
    return { uid: uid as string, request };
  });
  const results = requests.map(({ uid, request }, at) => {
    try {
      if (!context.authority.sees(uid)) throw new NodeError("invalid_api_key", "The provided API key is invalid.");
      return { indexUid: uid, ...runSearch(context, uid, request) };
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      const moved = new NodeError(error.code, `Inside \`.queries[${at}]\`: ${reason(error)}`);
      throw error.code === "index_not_found" ? new PositionedError(moved) : moved;
    }
  });
  return { status: 200, body: { results } };
}

/** A missing index is a bad request here, while it is "not found" on the index's own route. */
class PositionedError extends NodeError {
  constructor(error: NodeError) {
    super(error.code, error.message);
  }

  override get status(): number {
    return 400;
  }
}
