/**
 * A node small enough to read, with the engine's rule about a distinct attribute: of documents that share a value the
 * first is kept, and what it makes redundant is taken off the total, as far as the node has looked. It looks at whole
 * groups of documents that no rule tells apart; a node of Miroir tells all apart by their sequence. It knows no text without
 * any character, and looks at its hits once more where the request names the attribute.
 */
import { encodeSequence, encodeShard } from "../../../src/core/markers/codec.ts";
import type { Filter } from "../../../src/core/filters/filter.ts";
import { parseFilter } from "../../../src/core/filters/parse-filter.ts";

export interface StoredDocument {
  /** Also its place in the order of insertion. */
  readonly id: number;
  readonly shard: number;
  /** Higher goes first; below zero: it counts, but no rule finds it. */
  readonly rank: number;
  readonly brand: readonly string[];
}

export interface AskedSearch {
  readonly filter?: string | readonly string[];
  readonly offset?: number;
  readonly limit?: number;
  readonly page?: number;
  readonly hitsPerPage?: number;
  readonly distinct?: string;
  readonly facets?: readonly string[];
}

export interface NodeAnswerBody {
  readonly hits: readonly { readonly id: number }[];
  readonly [member: string]: unknown;
}

/** `alone`: a single engine, without the hidden rule. */
export function answerDistinct(
  stored: readonly StoredDocument[],
  body: AskedSearch,
  alone: boolean,
  maxTotalHits = 1000,
): NodeAnswerBody {
  const found = stored.filter((document) => filtersOf(body).every((filter) => meets(document, filter)));
  const ordered = found.filter(({ rank }) => rank >= 0).toSorted((a, b) => b.rank - a.rank || a.id - b.id);
  const unlisted = found.filter(({ rank }) => rank < 0);
  const paged = body.page !== undefined || body.hitsPerPage !== undefined;
  const reached = paged ? (body.page ?? 1) * (body.hitsPerPage ?? 20) : (body.offset ?? 0) + (body.limit ?? 20);
  const count = Math.min(reached, maxTotalHits);
  const tellsApart = body.distinct === undefined || body.distinct === "brand";
  const { kept, values } = keep(ordered, tellsApart, paged ? ordered.length : count, alone);
  // Numbered pages count each value once, wherever it stands.
  const once = paged ? keep(unlisted, tellsApart, unlisted.length, false, values).kept : unlisted;
  const isGone = (document: StoredDocument): boolean =>
    !kept.includes(document) && known(document).some((value) => values.has(value.trim()));
  const all = paged ? [...kept, ...once] : [...ordered, ...unlisted].filter((document) => !isGone(document));
  const rejected = body.distinct === "brand" ? lookAgain(kept.slice(0, count)) : new Set<StoredDocument>();
  const counted = all.filter((document) => !rejected.has(document));
  const from = paged ? ((body.page ?? 1) - 1) * (body.hitsPerPage ?? 20) : (body.offset ?? 0);
  const shown = kept.slice(0, count).filter((document) => !rejected.has(document));
  const hits = shown.slice(from).map((document) => ({
    id: document.id,
    brand: document.brand,
    _miroir_shard: encodeShard(document.shard),
    _rankingScoreDetails: {
      words: { order: 0, matchingWords: document.rank, maxMatchingWords: 9, score: 1 },
      "_miroir_seq:asc": { order: 1, value: encodeSequence(BigInt(document.id)) },
    },
  }));
  const total = counted.length;
  const facets = body.facets?.includes("brand") === true ? { facetDistribution: { brand: brands(counted) } } : {};
  return {
    hits,
    query: "",
    processingTimeMs: 1,
    ...(paged ? { hitsPerPage: body.hitsPerPage, page: body.page, totalHits: total } : { estimatedTotalHits: total }),
    ...facets,
    ...(facets.facetDistribution === undefined ? {} : { facetStats: {} }),
  };
}

/** Of texts those with a character. */
function known({ brand }: StoredDocument): readonly string[] {
  return brand.filter((value) => value !== "");
}

/** What shares a value with one before it, blank or not. */
function lookAgain(kept: readonly StoredDocument[]): ReadonlySet<StoredDocument> {
  const seen = new Set<string>();
  return new Set(
    kept.filter(({ brand }) => {
      const values = brand.map((value) => value.trim());
      const isSeen = values.some((value) => seen.has(value));
      if (!isSeen) for (const value of values) seen.add(value);
      return isSeen;
    }),
  );
}

/** Looks until `count` documents are kept, and at everything that ties with the last of them. `values`: kept before. */
function keep(
  ordered: readonly StoredDocument[],
  tellsApart: boolean,
  count: number,
  alone: boolean,
  before: ReadonlySet<string> = new Set(),
): { readonly kept: readonly StoredDocument[]; readonly values: ReadonlySet<string> } {
  const kept: StoredDocument[] = [];
  const values = new Set(before);
  for (const [i, document] of ordered.entries()) {
    const ties = alone && i > 0 && ordered[i - 1]!.rank === document.rank;
    if (kept.length >= count && (!ties || count === 0)) break;
    const own = tellsApart ? known(document).map((value) => value.trim()) : [];
    if (own.some((value) => values.has(value))) continue;
    kept.push(document);
    for (const value of own) values.add(value);
  }
  return { kept, values };
}

function brands(counted: readonly StoredDocument[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const document of counted) for (const value of known(document)) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function filtersOf({ filter }: AskedSearch): readonly Filter[] {
  return [filter ?? []].flat().map((text) => {
    const parsed = parseFilter(text);
    if (!parsed.ok || parsed.filter === null) throw new TypeError(`no filter: ${text}`);
    return parsed.filter;
  });
}

function meets(document: StoredDocument, filter: Filter): boolean {
  const valuesOf = (field: string): readonly string[] =>
    field === "_miroir_shard" ? [encodeShard(document.shard)] : field === "brand" ? document.brand : [];
  if (filter.kind === "and") return filter.parts.every((part) => meets(document, part));
  if (filter.kind === "or") return filter.parts.some((part) => meets(document, part));
  if (filter.kind === "not") return !meets(document, filter.part);
  if (filter.kind === "in") {
    return valuesOf(filter.field).some((value) => value !== "" && filter.values.includes(value));
  }
  if (filter.kind === "exists") return valuesOf(filter.field).length > 0;
  throw new TypeError(`this node does not know ${filter.kind}`);
}
