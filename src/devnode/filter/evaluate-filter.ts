/** The documents of an index that a filter selects. */
import { DocSet, unionOf } from "../doc-set.ts";
import {
  allowedOperators,
  isFilterable,
  matchingRule,
  patternsAllowing,
  type RuleFeatures,
} from "../index/attribute-patterns.ts";
import { compareBytes, normalizeFacet, type FacetIndex } from "../index/facet-index.ts";
import { distanceMetres } from "../index/geo.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { NodeError } from "../node-error.ts";
import type { Filter, Operator, Word } from "./filter-ast.ts";
import { leaves } from "./filter-features.ts";
import { filterError } from "./filter-reader.ts";
import { evaluationError } from "./print-filter.ts";

/** Evaluates the filter; a field that is not filterable is an error even where its part would not be reached. */
export function evaluateFilter(filter: Filter, index: SearchIndex, code: string, asWritten = false): DocSet {
  const evaluation: Evaluation = {
    index,
    fail: (message, word, source) =>
      asWritten ? filterError(message, word, source, code) : evaluationError(message, word, filter, code),
  };
  for (const leaf of leaves(filter)) checkLeaf(leaf, evaluation);
  return select(filter, evaluation, index.all);
}

interface Evaluation {
  readonly index: SearchIndex;
  readonly fail: (message: string, word: Word, source: string) => NodeError;
}

function checkLeaf(filter: Filter, { index, fail }: Evaluation): void {
  if (filter.kind !== "condition" && filter.kind !== "in") return;
  const rule = matchingRule(filter.field.text, index.settings.filterableAttributes);
  if (filter.field.text === "_shard" || (rule !== null && isFilterable(rule.features))) return;
  throw fail(notFilterable(filter.field.text, index), filter.field, filter.source);
}

function notFilterable(field: string, index: SearchIndex): string {
  const available = patternsAllowing(index.settings.filterableAttributes, isFilterable);
  const hint =
    available.length === 0
      ? "This index does not have configured filterable attributes."
      : `Available filterable attribute patterns are: ${available.map((name) => `\`${name}\``).join(", ")}.`;
  return `Attribute \`${field}\` is not filterable. ${hint}`;
}

function select(filter: Filter, evaluation: Evaluation, among: DocSet): DocSet {
  const { index } = evaluation;
  switch (filter.kind) {
    case "and":
      return filter.parts.reduce(
        (found, part) => (found.isEmpty ? found : found.and(select(part, evaluation, found))),
        among,
      );
    case "or":
      return unionOf(filter.parts.map((part) => select(part, evaluation, among)));
    case "not":
      return among.minus(select(filter.part, evaluation, among));
    case "in":
      return unionOf(filter.values.map((value) => condition(filter.field, "=", [value], index)));
    case "condition":
      return condition(filter.field, filter.operator, filter.values, index);
    case "radius":
      return radius(filter, evaluation);
    case "box":
      return box(filter, evaluation);
    case "vectors": {
      const found = new DocSet();
      for (const [id, { vectors }] of index.documents) {
        if (filter.embedder === null ? vectors.size > 0 : vectors.has(filter.embedder)) found.add(id);
      }
      return found;
    }
  }
}

function condition(field: Word, operator: Operator, values: readonly Word[], index: SearchIndex): DocSet {
  if (field.text === "_shard") {
    throw new NodeError("invalid_search_filter", `Shard \`${values[0]?.text ?? ""}\` does not exist`);
  }
  const rule = matchingRule(field.text, index.settings.filterableAttributes);
  if (!index.knowsField(field.text) || rule === null) return new DocSet();
  checkOperator(field.text, operator, rule.features, rule.position);
  const facet = index.facet(field.text);
  const [first, second] = values;
  switch (operator) {
    case "=":
      return equal(facet, first);
    case "!=":
      return index.all.minus(equal(facet, first));
    case "EXISTS":
      return facet.exists;
    case "IS NULL":
      return facet.isNull;
    case "IS EMPTY":
      return facet.isEmpty;
    case "CONTAINS":
      return strings(facet, (text) => text.includes(normalizeFacet(first?.text ?? "")));
    case "STARTS WITH":
      return first?.text === ""
        ? facet.exists
        : strings(facet, (text) => text.startsWith(normalizeFacet(first?.text ?? "")));
    case "TO":
      return within(
        facet,
        first,
        second,
        (order) => order >= 0,
        (order) => order <= 0,
      );
    case ">":
      return within(
        facet,
        first,
        undefined,
        (order) => order > 0,
        () => true,
      );
    case ">=":
      return within(
        facet,
        first,
        undefined,
        (order) => order >= 0,
        () => true,
      );
    case "<":
      return within(
        facet,
        undefined,
        first,
        () => true,
        (order) => order < 0,
      );
    case "<=":
      return within(
        facet,
        undefined,
        first,
        () => true,
        (order) => order <= 0,
      );
  }
}

function checkOperator(field: string, operator: Operator, features: RuleFeatures, position: number): void {
  const comparison = ["<", ">", "<=", ">=", "TO"].includes(operator);
  const equality = operator === "=" || operator === "!=";
  if ((!comparison || features.comparison) && (!equality || features.equality)) return;
  throw new NodeError(
    "invalid_search_filter",
    `Filter operator \`${operator}\` is not allowed for the attribute \`${field}\`.\n  - Note: allowed operators: ${allowedOperators(features).join(", ")}.\n  - Note: field \`${field}\` matched rule #${position} in \`filterableAttributes\`\n  - Hint: enable ${comparison ? "comparison" : "equality"} in rule #${position} by modifying the features.filter object\n  - Hint: prepend another rule matching \`${field}\` with appropriate filter features before rule #${position}`,
  );
}

function equal(facet: FacetIndex, word: Word | undefined): DocSet {
  const text = word?.text ?? "";
  const number = finite(text);
  const found = facet.strings.get(normalizeFacet(text)) ?? new DocSet();
  const numeric = number === null ? undefined : facet.numbers.get(number === 0 ? 0 : number);
  return numeric === undefined ? found : found.or(numeric);
}

function strings(facet: FacetIndex, accepts: (text: string) => boolean): DocSet {
  const found: DocSet[] = [];
  for (const [text, documents] of facet.strings) if (accepts(text)) found.push(documents);
  return unionOf(found);
}

/** Values between two bounds: numbers when every given bound is a number, and always strings by their bytes. */
function within(
  facet: FacetIndex,
  low: Word | undefined,
  high: Word | undefined,
  aboveLow: (order: number) => boolean,
  belowHigh: (order: number) => boolean,
): DocSet {
  const found: DocSet[] = [];
  const lowNumber = low === undefined ? -Infinity : finite(low.text);
  const highNumber = high === undefined ? Infinity : finite(high.text);
  if (lowNumber !== null && highNumber !== null) {
    for (const [value, documents] of facet.numbers) {
      if (aboveLow(value - lowNumber) && belowHigh(value - highNumber)) found.push(documents);
    }
  }
  const lowText = low === undefined ? null : normalizeFacet(low.text);
  const highText = high === undefined ? null : normalizeFacet(high.text);
  for (const [value, documents] of facet.strings) {
    const above = lowText === null || aboveLow(compareBytes(value, lowText));
    if (above && (highText === null || belowHigh(compareBytes(value, highText)))) found.push(documents);
  }
  return unionOf(found);
}

function radius(filter: Extract<Filter, { kind: "radius" }>, { index, fail }: Evaluation): DocSet {
  const lat = coordinate(filter.point[0], 90, "Latitude", filter.source, fail);
  const lng = coordinate(filter.point[1], 180, "Longitude", filter.source, fail);
  const metres = Number(filter.radius.text);
  if (!geoIsFilterable(index)) throw fail(notFilterable("_geo/_geojson", index), filter.point[0], filter.source);
  const found = new DocSet();
  for (const [id, { point }] of index.documents) {
    if (point !== null && distanceMetres({ lat, lng }, point) <= metres + Number.EPSILON) found.add(id);
  }
  return found;
}

function box(filter: Extract<Filter, { kind: "box" }>, { index, fail }: Evaluation): DocSet {
  const top = coordinate(filter.topRight[0], 90, "Latitude", filter.source, fail);
  const right = coordinate(filter.topRight[1], 180, "Longitude", filter.source, fail);
  const bottom = coordinate(filter.bottomLeft[0], 90, "Latitude", filter.source, fail);
  const left = coordinate(filter.bottomLeft[1], 180, "Longitude", filter.source, fail);
  if (top < bottom) {
    throw fail(
      `The top latitude \`${top}\` is below the bottom latitude \`${bottom}\`.`,
      filter.bottomLeft[1],
      filter.source,
    );
  }
  if (!geoIsFilterable(index)) throw fail(notFilterable("_geo/_geojson", index), filter.topRight[0], filter.source);
  const found = new DocSet();
  for (const [id, { point }] of index.documents) {
    if (point === null || point.lat < bottom || point.lat > top) continue;
    const inside = right < left ? point.lng >= left || point.lng <= right : point.lng >= left && point.lng <= right;
    if (inside) found.add(id);
  }
  return found;
}

function geoIsFilterable(index: SearchIndex): boolean {
  return index.settings.filterableAttributes.includes("_geo");
}

function coordinate(word: Word, limit: number, name: string, source: string, fail: Evaluation["fail"]): number {
  const value = Number(word.text);
  if (Math.abs(value) <= limit) return value;
  throw fail(
    `Bad ${name.toLowerCase()} \`${value}\`. ${name} must be contained between -${limit} and ${limit} degrees.`,
    word,
    source,
  );
}

/** The number a value stands for, in the spelling the engine accepts; null when it is none. */
function finite(text: string): number | null {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
