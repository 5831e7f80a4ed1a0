/** The `sort` parameter: fields and points with their directions, checked against what the index allows. */
import { coversField } from "../index/attribute-patterns.ts";
import type { Point } from "../index/geo.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { NodeError } from "../node-error.ts";

export type SortCriterion =
  | { readonly kind: "field"; readonly field: string; readonly ascending: boolean }
  | { readonly kind: "geo"; readonly target: Point; readonly ascending: boolean };

const RESERVED = ["_geo", "_geojson", "_geoDistance", "_geoRadius", "_geoBoundingBox", "_geoPolygon"];

export function parseSort(criteria: readonly string[], code: string): SortCriterion[] {
  return criteria.map((text) => parseCriterion(text, code));
}

export function checkSortable(criteria: readonly SortCriterion[], index: SearchIndex, code: string): void {
  for (const criterion of criteria) {
    const field = criterion.kind === "geo" ? "_geo" : criterion.field;
    const { sortableAttributes, displayedAttributes } = index.settings;
    if (sortableAttributes.some((name) => coversField(name, field))) continue;
    const shown = shownNames(sortableAttributes, code === "invalid_search_sort" ? displayedAttributes : ["*"]);
    const hint =
      shown === ""
        ? "This index does not have configured sortable attributes."
        : `Available sortable attributes are: \`${shown}\`.`;
    throw new NodeError(code, `Attribute \`${field}\` is not sortable. ${hint}`);
  }
}

/** Names in an error message: those the index displays, and that there are others. */
export function shownNames(names: readonly string[], displayed: readonly string[]): string {
  const shown = displayed.includes("*") ? names : names.filter((name) => displayed.includes(name));
  if (shown.length === 0) return "";
  return `${shown.join(", ")}${shown.length < names.length ? ", <..hidden-attributes>" : ""}`;
}

export function checkSortRule(criteria: readonly SortCriterion[], index: SearchIndex): void {
  if (criteria.length === 0 || index.settings.rankingRules.includes("sort")) return;
  throw new NodeError(
    "invalid_search_sort",
    "You must specify where `sort` is listed in the rankingRules setting to use the sort parameter at search time.",
  );
}

function parseCriterion(text: string, code: string): SortCriterion {
  const parts = /^(.*):(asc|desc)$/s.exec(text);
  if (parts === null) {
    throw new NodeError(
      code,
      `Invalid syntax for the sort parameter: expected expression ending by \`:asc\` or \`:desc\`, found \`${text}\`.`,
    );
  }
  const member = parts[1] ?? "";
  const ascending = parts[2] === "asc";
  if (member.startsWith("_geoPoint")) {
    const point = /^_geoPoint\(([^,]*),([^,]*)\)$/.exec(member);
    const [lat, lng] = [Number(point?.[1]?.trim() || "x"), Number(point?.[2]?.trim() || "x")];
    if (!Number.isFinite(lat) || !Number.isFinite(lng)) {
      throw new NodeError(
        code,
        `Invalid syntax for the geo parameter: expected expression formated like \`_geoPoint(latitude, longitude)\` and ending by \`:asc\` or \`:desc\`, found \`${member}\`.`,
      );
    }
    for (const [value, limit, name] of [
      [lat, 90, "Latitude"],
      [lng, 180, "Longitude"],
    ] as const) {
      if (Math.abs(value) > limit)
        throw new NodeError(
          code,
          `Bad ${name.toLowerCase()} \`${value}\`. ${name} must be contained between -${limit} and ${limit} degrees.`,
        );
    }
    return { kind: "geo", target: { lat, lng }, ascending };
  }
  const reserved = RESERVED.find((name) => member === name || member.startsWith(`${name}(`));
  if (reserved !== undefined) {
    throw new NodeError(
      code,
      `\`${reserved}\` is a reserved keyword and thus can't be used as a sort expression. Use the _geoPoint(latitude, longitude) built-in rule to sort on _geo field coordinates.`,
    );
  }
  return { kind: "field", field: member, ascending };
}
