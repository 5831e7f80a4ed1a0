/** Found documents as hits: the attributes asked for, marked and cropped copies, positions, scores, vectors. */
import { canonicalNumber, parseExact, RawText } from "../exact-json.ts";
import { coversField } from "../index/attribute-patterns.ts";
import { distanceMetres, type Point } from "../index/geo.ts";
import type { SearchIndex, StoredDocument } from "../index/search-index.ts";
import { isObject } from "../index/walk-fields.ts";
import type { RankedDocument } from "./bucket-sort.ts";
import type { FormatOptions, Matcher } from "./match-text.ts";
import { detailsView, globalScore } from "./score-details.ts";
import type { SearchRequest } from "./search-request.ts";

interface HitContext {
  readonly index: SearchIndex;
  readonly request: SearchRequest;
  readonly matcher: Matcher;
  readonly geoTarget: Point | null;
}

type Hit = Record<string, unknown>;

export function makeHit(ranked: RankedDocument, context: HitContext): Hit {
  const { index, request } = context;
  const document = index.documents.get(ranked.id);
  if (document === undefined) return {};
  const hit = retrieved(document, request.attributesToRetrieve ?? ["*"], index);
  if (request.retrieveVectors === true) hit["_vectors"] = vectorsView(document, index);
  const formats = formatsOf(context);
  if (formats.size > 0 || request.showMatchesPosition === true) {
    const positions: Record<string, unknown[]> = {};
    const whole = displayedValue(document, index);
    const formatted = formatMembers(whole, "", [], formats, context, positions);
    if (formats.size > 0) {
      const names = [
        ...formats.keys(),
        ...effective(request.attributesToRetrieve ?? ["*"], index.settings.displayedAttributes),
      ];
      hit["_formatted"] = selected(formatted as Hit, names);
    }
    if (request.showMatchesPosition === true) hit["_matchesPosition"] = positions;
  }
  if (context.geoTarget !== null) {
    const geo = hit["_geo"] === undefined ? null : pointOf(document);
    if (geo !== null) hit["_geoDistance"] = Math.round(distanceMetres(context.geoTarget, geo));
  }
  if (request.showRankingScore === true) hit["_rankingScore"] = globalScore(ranked.details);
  if (request.showRankingScoreDetails === true) {
    hit["_rankingScoreDetails"] = detailsView(ranked.details, index.settings.rankingRules.includes("attribute"));
  }
  return hit;
}

/** Members by name or dotted path, `*` for all, limited to what the index displays. Raw text wherever a whole value is taken. */
export function retrieved(document: StoredDocument, names: readonly string[], index: SearchIndex): Hit {
  const displayed = index.settings.displayedAttributes;
  return pickMembers(document, effective(names, displayed));
}

/** All members or those named, without regard to what the index displays. */
export function pickMembers(document: StoredDocument, names: readonly string[]): Hit {
  const hit: Hit = {};
  for (const [name, text] of document.members) {
    if (name === "_vectors") continue;
    if (names.includes("*") || names.includes(name)) hit[name] = new RawText(text);
    else if (names.some((path) => path.startsWith(`${name}.`))) {
      const picked = selected({ [name]: parseExact(text) }, names);
      if (picked[name] !== undefined) hit[name] = picked[name];
    }
  }
  return hit;
}

/** Vectors of known embedders in full, anything else under `_vectors` as it was sent. */
export function vectorsView(document: StoredDocument, index: SearchIndex): Hit {
  const text = document.members.get("_vectors");
  const view: Hit = text === undefined ? {} : { ...(parseExact(text) as Hit) };
  for (const name of Object.keys(index.settings.embedders)) {
    const vectors = document.vectors.get(name);
    if (vectors === undefined) delete view[name];
    else view[name] = { embeddings: vectors.embeddings, regenerate: vectors.regenerate };
  }
  return view;
}

function effective(names: readonly string[], displayed: readonly string[]): readonly string[] {
  if (displayed.includes("*")) return names;
  if (names.includes("*")) return displayed;
  return names.filter((name) => displayed.some((allowed) => coversField(allowed, name)));
}

function displayedValue(document: StoredDocument, index: SearchIndex): Hit {
  const displayed = index.settings.displayedAttributes;
  const whole: Hit = {};
  for (const [name, text] of document.members) if (name !== "_vectors") whole[name] = parseExact(text);
  return displayed.includes("*") ? whole : selected(whole, displayed);
}

/** The parts of a value that the dotted paths name, `*` for all; in arrays, what is left of each element. */
function selected(value: Hit, paths: readonly string[]): Hit {
  if (paths.includes("*")) return value;
  const result: Hit = {};
  for (const [key, member] of Object.entries(value)) {
    if (paths.includes(key)) {
      result[key] = member;
      continue;
    }
    const inner = paths.flatMap((path) => (path.startsWith(`${key}.`) ? [path.slice(key.length + 1)] : []));
    if (inner.length === 0) continue;
    if (isObject(member)) {
      const part = selected(member, inner);
      if (Object.keys(part).length > 0) result[key] = part;
    } else if (Array.isArray(member)) {
      const parts = selectedItems(member, inner);
      if (parts.length > 0) result[key] = parts;
    }
  }
  return result;
}

/** Values that are no objects stay as they are. */
function selectedItems(items: readonly unknown[], paths: readonly string[]): unknown[] {
  return items.flatMap((item): unknown[] => {
    if (Array.isArray(item)) return [selectedItems(item, paths)];
    if (!isObject(item)) return [item];
    const part = selected(item, paths);
    return Object.keys(part).length > 0 ? [part] : [];
  });
}

/** Which fields are marked or cropped, and how long. */
function formatsOf({ index, request }: HitContext): Map<string, { highlight: boolean; crop: number | null }> {
  const displayed = index.settings.displayedAttributes;
  const isShown = (name: string): boolean =>
    displayed.includes("*") || displayed.some((allowed) => coversField(allowed, name));
  const known = index.fields.filter(isShown);
  const formats = new Map<string, { highlight: boolean; crop: number | null }>();
  const matching = (name: string): readonly string[] => (name === "*" ? known : known.includes(name) ? [name] : []);
  for (const name of request.attributesToHighlight ?? []) {
    for (const field of matching(name)) formats.set(field, { highlight: true, crop: null });
  }
  for (const wanted of request.attributesToCrop ?? []) {
    const colon = wanted.lastIndexOf(":");
    const name = colon === -1 ? wanted : wanted.slice(0, colon);
    const length =
      colon === -1 || !/^\d+$/.test(wanted.slice(colon + 1))
        ? (request.cropLength ?? 10)
        : Number(wanted.slice(colon + 1));
    for (const field of matching(name))
      formats.set(field, { highlight: formats.get(field)?.highlight ?? false, crop: length });
  }
  return formats;
}

function formatMembers(
  value: unknown,
  path: string,
  indices: readonly number[],
  formats: ReadonlyMap<string, { readonly highlight: boolean; readonly crop: number | null }>,
  context: HitContext,
  positions: Record<string, unknown[]>,
): unknown {
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        formatMembers(member, path === "" ? key : `${path}.${key}`, indices, formats, context, positions),
      ]),
    );
  }
  if (Array.isArray(value))
    return value.map((item, at) => formatMembers(item, path, [...indices, at], formats, context, positions));
  const text = typeof value === "string" ? value : value instanceof RawText ? canonicalNumber(value.text) : null;
  if (text === null) return value;
  if (context.request.showMatchesPosition === true) addPositions(text, path, indices, context.matcher, positions);
  const format = mergedFormat(path, formats);
  return format === null ? text : context.matcher.format(text, { ...format, ...tags(context.request) });
}

function mergedFormat(
  path: string,
  formats: ReadonlyMap<string, { readonly highlight: boolean; readonly crop: number | null }>,
): { highlight: boolean; crop: number | null } | null {
  const applying = [...formats].flatMap(([name, format]) =>
    coversField(name, path) || coversField(path, name) ? [format] : [],
  );
  if (applying.length === 0) return null;
  return {
    highlight: applying.some(({ highlight }) => highlight),
    crop: applying.find(({ crop }) => crop !== null)?.crop ?? null,
  };
}

function tags(request: SearchRequest): Pick<FormatOptions, "preTag" | "postTag" | "cropMarker"> {
  return {
    preTag: request.highlightPreTag ?? "<em>",
    postTag: request.highlightPostTag ?? "</em>",
    cropMarker: request.cropMarker ?? "…",
  };
}

/** Starts and lengths in bytes. Of several elements of an array only the last one with a match is told. */
function addPositions(
  text: string,
  path: string,
  indices: readonly number[],
  matcher: Matcher,
  positions: Record<string, unknown[]>,
): void {
  const { tokens, matches } = matcher.find(text);
  if (matches.length === 0) return;
  positions[path] = matches.map((match) => {
    const start = tokens[match.firstToken]?.start ?? 0;
    const matched = Array.from(text.slice(start)).slice(0, match.characters).join("");
    return {
      start: Buffer.byteLength(text.slice(0, start)),
      length: Buffer.byteLength(matched),
      ...(indices.length > 0 ? { indices } : {}),
    };
  });
}

function pointOf(document: StoredDocument): Point | null {
  const geo = document.value["_geo"];
  if (!isObject(geo)) return null;
  const point = { lat: Number(geo["lat"]), lng: Number(geo["lng"]) };
  return Number.isFinite(point.lat) && Number.isFinite(point.lng) ? point : null;
}
