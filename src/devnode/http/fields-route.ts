/** `POST /indexes/{uid}/fields`: every field the documents have had, and what the settings say about it. */
import { coversField, matchingRule, patternCovers, type RuleFeatures } from "../index/attribute-patterns.ts";
import { compareBytes } from "../index/facet-index.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { RESERVED_FIELDS, walkValues } from "../index/walk-fields.ts";
import { orderOf } from "../search/facets.ts";
import { indexUid, jsonBody, type NodeReply, type NodeRequestContext } from "./request.ts";
import { boolean, checkFields, integer, object, strings, type FieldSpec } from "./validate.ts";

const FLAGS = ["displayed", "searchable", "sortable", "distinct", "rankingRule", "filterable"] as const;

export async function listFields(context: NodeRequestContext): Promise<NodeReply> {
  const index = context.node.index(indexUid(context));
  const body = object(await jsonBody(context), "", "bad_request");
  const {
    offset = 0,
    limit = 20,
    filter,
  } = checkFields(body, BODY) as { offset?: number; limit?: number; filter?: Filter };
  const fields = [...fieldNames(index)].sort(compareBytes).map((name) => view(name, index));
  const wanted = fields.filter((field) => matches(field, filter ?? {}));
  return { status: 200, body: { results: wanted.slice(offset, offset + limit), offset, limit, total: wanted.length } };
}

interface Filter extends Readonly<Partial<Record<(typeof FLAGS)[number], boolean>>> {
  readonly attributePatterns?: readonly string[];
}

const FILTER: Readonly<Record<string, FieldSpec>> = {
  attributePatterns: { check: strings, code: "invalid_index_fields_filter_attribute_patterns" },
  ...Object.fromEntries(
    FLAGS.map((name) => {
      const words = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [name, { check: boolean, code: `invalid_index_fields_filter_${words}` }];
    }),
  ),
};

const BODY: Readonly<Record<string, FieldSpec>> = {
  offset: { check: integer, code: "invalid_index_offset", refusesNull: true },
  limit: { check: integer, code: "invalid_index_limit", refusesNull: true },
  filter: { check: (value, path, code) => checkFields(value, FILTER, path, code), code: "invalid_index_fields_filter" },
};

function fieldNames(index: SearchIndex): Set<string> {
  const names = new Set(index.fields);
  for (const { value } of index.documents.values()) walkValues(value, (name) => names.add(name));
  return names;
}

type FieldView = ReturnType<typeof view>;

// The kind of the return value is what it is; it is only printed.
// oxlint-disable-next-line typescript/explicit-function-return-type
function view(name: string, index: SearchIndex) {
  const { settings } = index;
  const { displayedAttributes, sortableAttributes, rankingRules, distinctAttribute } = settings;
  const isReserved = RESERVED_FIELDS.some((reserved) => coversField(reserved, name));
  const own = rankingRules.find((rule) => rule === `${name}:asc` || rule === `${name}:desc`);
  const features = matchingRule(name, settings.filterableAttributes)?.features ?? NO_FEATURES;
  const localized = (settings.localizedAttributes ?? []) as readonly LocalizedRule[];
  const rule = localized.find(({ attributePatterns }) => attributePatterns.some((one) => patternCovers(one, name)));
  return {
    name,
    displayed: { enabled: displayedAttributes.some((shown) => shown === "*" || coversField(shown, name)) },
    searchable: { enabled: !isReserved && index.weightOf(name) !== null },
    sortable: { enabled: sortableAttributes.some((sortable) => coversField(sortable, name)) },
    distinct: { enabled: distinctAttribute !== null && coversField(distinctAttribute, name) },
    rankingRule: { enabled: own !== undefined, order: own?.slice(name.length + 1) },
    filterable: {
      enabled: features.equality || features.comparison || features.facetSearch,
      sortBy: orderOf(index, name),
      ...features,
    },
    localized: { locales: (rule?.locales ?? []).map((code) => code.charAt(0).toUpperCase() + code.slice(1)) },
  };
}

const NO_FEATURES: RuleFeatures = { facetSearch: false, equality: false, comparison: false };

interface LocalizedRule {
  readonly attributePatterns: readonly string[];
  readonly locales: readonly string[];
}

function matches(field: FieldView, { attributePatterns, ...flags }: Filter): boolean {
  if (attributePatterns?.some((pattern) => patternCovers(pattern, field.name)) === false) return false;
  return FLAGS.every((flag) => flags[flag] === undefined || flags[flag] === field[flag].enabled);
}
