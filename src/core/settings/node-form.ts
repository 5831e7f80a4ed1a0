/**
 * What Miroir adds to the settings of an index on the nodes, as data. Everything here is put in by `to-node-patch.ts`
 * and taken out again by `to-client-view.ts`; no other place may know it.
 */
import {
  EXPIRES_AT_FIELD,
  NO_FIELD,
  SEQUENCE_FIELD,
  SEQUENCE_RULE,
  SHARD_FIELD,
  UPDATED_AT_FIELD,
} from "../markers/fields.ts";

/**
 * Stand before the client's filterable attributes, because the engine takes the first element that matches: a client's
 * `*` must not change what the markers can do. The second element keeps a client's `*` from building filter and facet
 * structures over values that are different in every document.
 */
export const FILTERABLE_MARKERS = [
  {
    attributePatterns: [SHARD_FIELD, NO_FIELD],
    features: { facetSearch: false, filter: { equality: true, comparison: true } },
  },
  {
    attributePatterns: [SEQUENCE_FIELD, UPDATED_AT_FIELD],
    features: { facetSearch: false, filter: { equality: false, comparison: false } },
  },
] as const;

/** The same number of elements: places that are counted from the client's first one do not depend on the form. */
const FILTERABLE_MARKERS_WITH_EXPIRY = [
  { ...FILTERABLE_MARKERS[0], attributePatterns: [SHARD_FIELD, NO_FIELD, EXPIRES_AT_FIELD] },
  FILTERABLE_MARKERS[1],
] as const;

/** What nodes are to look like, besides what clients ask for. */
export interface NodeForm {
  readonly tieBreak: TieBreak;
  /** `ttl.enabled`: documents may carry when they expire, and nodes are asked which have. */
  readonly expiry: boolean;
}

export const PLAIN_FORM: NodeForm = { tieBreak: "sequence", expiry: false };

export function filterableMarkers({ expiry }: NodeForm): readonly unknown[] {
  return expiry ? FILTERABLE_MARKERS_WITH_EXPIRY : FILTERABLE_MARKERS;
}

/**
 * `search.tie_break`. `sequence`: nodes order by the sequence behind all other rules. `node`: they neither have that rule
 * nor build anything to sort by; the sequence is stored and read, and that is all.
 */
export type TieBreak = "sequence" | "node";

export const SORTABLE_MARKER = SEQUENCE_FIELD;
export const RANKING_MARKER = SEQUENCE_RULE;

/** The client's list with the marker behind it, where nodes have it. */
export function withMarker(list: readonly unknown[], marker: string, { tieBreak }: NodeForm): readonly unknown[] {
  return tieBreak === "sequence" ? [...list, marker] : list;
}

/** The engine's own, written out because the hidden rule has to stand behind them. */
export const DEFAULT_RANKING_RULES = [
  "words",
  "typo",
  "proximity",
  "attributeRank",
  "sort",
  "wordPosition",
  "exactness",
] as const;

export const DEFAULT_MAX_VALUES_PER_FACET = 100;

/**
 * How many values per facet a node returns when the client asked for `wanted`. In alphabetical order the first
 * `wanted` values of the whole are among the first `wanted` of every node, so any limit is exact, but for numbers that
 * nodes list in another order than that of the whole, which are asked for again (`cut-numbers.ts`); ordered by count, a
 * value can be just below the cut on one node and high on another. Ten times the client's limit makes that rare, at
 * least a thousand makes it absent for most fields (they have fewer values), and the extra cost is bounded: above
 * 10,000 the client's own limit is kept, since an answer of that size is dominated by it anyway.
 */
export function raisedMaxValuesPerFacet(wanted: number): number {
  return Math.max(wanted, Math.min(10 * wanted, 10_000), 1000);
}

/** The template the engine uses, and shows, when a client gives none: every searchable field. */
export const DEFAULT_DOCUMENT_TEMPLATE =
  "{% for field in fields %}{% if field.is_searchable and field.value != nil %}{{ field.name }}: {{ field.value }}\n{% endif %}{% endfor %}";

/**
 * The same without the markers. With the default one every embedding would contain the text of the markers, and
 * documents would be embedded again whenever a marker changed. A template of a client's own that loops over `fields`
 * has to leave them out by itself.
 */
export const NODE_DOCUMENT_TEMPLATE = templateWithout([SHARD_FIELD, SEQUENCE_FIELD, UPDATED_AT_FIELD]);
const NODE_DOCUMENT_TEMPLATE_WITH_EXPIRY = templateWithout([
  SHARD_FIELD,
  SEQUENCE_FIELD,
  UPDATED_AT_FIELD,
  EXPIRES_AT_FIELD,
]);

export function nodeDocumentTemplate({ expiry }: Pick<NodeForm, "expiry">): string {
  return expiry ? NODE_DOCUMENT_TEMPLATE_WITH_EXPIRY : NODE_DOCUMENT_TEMPLATE;
}

/** In whichever form: a node may still have that of a former configuration. */
export function isNodeDocumentTemplate(template: unknown): boolean {
  return template === NODE_DOCUMENT_TEMPLATE || template === NODE_DOCUMENT_TEMPLATE_WITH_EXPIRY;
}

function templateWithout(markers: readonly string[]): string {
  const kept = markers.map((name) => `and field.name != "${name}"`).join(" ");
  return `{% for field in fields %}{% if field.is_searchable and field.value != nil ${kept} %}{{ field.name }}: {{ field.value }}\n{% endif %}{% endfor %}`;
}
