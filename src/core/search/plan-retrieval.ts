/** What nodes are asked to show of a hit, and what of it only the merge needs and is cut out again. */
import { readsBelow, unaskedNames } from "../merge/dotted-names.ts";
import type { PinSpec } from "../merge/pinned-hits.ts";
import type { HitView } from "../merge/render-hit.ts";
import type { IndexView } from "./index-view.ts";
import { covers, projectAttributes, projectFormatted } from "./project-attributes.ts";
import type { SearchRequest } from "./search-request.ts";

export interface Retrieval extends Pick<
  HitView,
  "dropFields" | "dropFormatted" | "cut" | "cutFormatted" | "hiddenKey" | "hiddenKeyFormatted"
> {
  /** null: the client's own, untouched. */
  readonly attributes: readonly string[] | null;
}

/** The displayed attributes, plus what only the merge needs. null: the latter cannot be cut out again. */
export function planRetrieval(request: SearchRequest, view: IndexView, distinct: string | null): Retrieval | null {
  const requested = request.attributesToRetrieve;
  const attributes = view.displayed === null ? requested : projectAttributes(requested, view.displayed);
  if (attributes === null || distinct === null || isNamed(attributes, distinct)) return { attributes, dropFields: [] };
  if (readsBelow(attributes, distinct)) return null;
  const top = distinct.split(".")[0]!;
  const readsTop = (names: readonly string[]): boolean => readsBelow(names, top);
  const formatted = [...attributes, ...marked(request, view)];
  if (covers(attributes, distinct)) {
    // An object that is retrieved brings its own parts along, but not a field whose very name has the dots.
    const dropFormatted = isNamed(formatted, distinct) ? [] : unaskedNames(formatted, distinct);
    return { attributes: [...attributes, distinct], dropFields: unaskedNames(attributes, distinct), dropFormatted };
  }
  // A node measures how far away a point is wherever it shows the point.
  const measured = top === GEO_FIELD ? [GEO_DISTANCE_FIELD] : [];
  return {
    attributes: [...attributes, distinct],
    // A document may also have a field whose very name has the dot.
    ...(readsTop(attributes)
      ? { dropFields: measured, cut: distinct }
      : { dropFields: [...new Set([top, ...unaskedNames(attributes, distinct)]), ...measured] }),
    ...(covers(formatted, distinct)
      ? { dropFormatted: isNamed(formatted, distinct) ? [] : unaskedNames(formatted, distinct) }
      : { cutFormatted: readsTop(formatted) ? distinct : top }),
  };
}

function isNamed(attributes: readonly string[], field: string): boolean {
  return attributes.includes("*") || attributes.includes(field);
}

/** What `_formatted` shows besides what is retrieved: of everything only what is displayed. */
function marked(
  { attributesToHighlight, attributesToCrop }: SearchRequest,
  { displayed }: Pick<IndexView, "displayed">,
): readonly string[] {
  const named = [...(attributesToHighlight ?? []), ...(attributesToCrop ?? [])];
  const names = displayed === null ? named : projectFormatted(named, displayed);
  return names.map((name) => name.replace(/:\d+$/, ""));
}

/** Of a pinned hit it has to be seen which document it is. */
export function withKey(
  retrieved: Retrieval,
  request: SearchRequest,
  view: Pick<IndexView, "displayed">,
  { primaryKey }: PinSpec,
): Retrieval {
  const { attributes } = retrieved;
  if (attributes === null || covers(attributes, primaryKey)) return retrieved;
  const top = primaryKey.split(".")[0]!;
  // Of an object that the client reads in part the key alone is cut out, else the object goes with it.
  const cutOf = (shown: readonly string[]): string => (readsBelow(shown, top) ? primaryKey : top);
  const hidden = { ...retrieved, attributes: [...attributes, primaryKey], hiddenKey: cutOf(attributes) };
  const marks = marked(request, view);
  if (covers(marks, primaryKey)) return hidden;
  return { ...hidden, hiddenKeyFormatted: cutOf([...attributes, ...marks]) };
}

const GEO_FIELD = "_geo";
const GEO_DISTANCE_FIELD = "_geoDistance";
