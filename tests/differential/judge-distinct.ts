/**
 * Is it the distinct attribute that makes two answers of one search differ, and for one of the reasons that are listed?
 * Both sides are asked again: they have to agree about the same search that tells all documents apart, and then about
 * one that leaves out what the reason is about.
 */
import { andFilters } from "../../src/core/filters/and-filters.ts";
import { readKind } from "../../src/core/search/search-request.ts";
import type { Comparison, Verdict } from "./verdict.ts";

type Body = Readonly<Record<string, unknown>>;

export interface DistinctSearch {
  readonly body: Body;
  /** Documents of which the engine has two ideas whether they share a value with another. */
  readonly odd: readonly string[];
  /** Are the hits the same, so that only totals and facets differ? */
  readonly sameHits: boolean;
  /** May documents be chosen by the values of the field? */
  readonly filterable: boolean;
  /** Does a field decide in front of the first rule about relevancy? */
  readonly sortsFirst: boolean;
  readonly maxTotalHits: number;
  /** Does the index show all fields? */
  readonly displaysAll: boolean;
  /** How many documents the single node finds that are good enough, all told apart. */
  readonly goodEnough: () => Promise<number>;
  /** The most that a node finds, all told apart. */
  readonly mostOfNode: () => Promise<number>;
}

type Compare = (body: Body) => Promise<Comparison>;

/**
 * `compare` takes no distinct attribute for an excuse, `compareOrdinary` all but odd values. null: the attribute does not
 * explain it.
 */
export async function explainedByDistinct(
  { body, odd, sameHits, filterable, sortsFirst, maxTotalHits, displaysAll, goodEnough, mostOfNode }: DistinctSearch,
  compare: Compare,
  compareOrdinary: Compare,
): Promise<{ readonly verdict: Verdict; readonly reason: string } | null> {
  const isHybrid = readKind(body) === "hybrid";
  const paged = (body["page"] ?? null) !== null || (body["hitsPerPage"] ?? null) !== null;
  const showsAll = displaysAll && (body["attributesToRetrieve"] ?? null) === null;
  if (sameHits && isHybrid && (paged || !showsAll) && (body["facets"] ?? null) !== null) {
    if (answersAlike(await compare({ ...body, facets: null }))) return estimate("facets by meaning and words together");
  }
  const { rankingScoreThreshold = null, ...everyScore } = body;
  // The engine stops when it has as many as can be paged. A node of Miroir may have fewer, and drops what is not good enough.
  const stops = sameHits && !isHybrid && paged && rankingScoreThreshold !== null;
  if (stops && (await goodEnough()) >= maxTotalHits && answersAlike(await compare(everyScore))) {
    return estimate("more that is good enough than can be paged");
  }
  const toldApart = await compare({ ...body, distinct: "id" });
  if (!sameHits && toldApart.verdict === "engine_local") return JUDGED_OTHERWISE;
  if (!answersAlike(toldApart)) {
    const { rankingScoreThreshold: threshold = null, ...rest } = body;
    if (threshold === null || !sameHits || !sortsFirst) return null;
    const alike = answersAlike(await compare({ ...rest, distinct: "id" })) && answersAlike(await compare(rest));
    return alike ? estimate(IN_FRONT) : null;
  }
  if (odd.length > 0) {
    const filter = andFilters(body["filter"] ?? undefined, [`id NOT IN [${odd.join(", ")}]`]);
    if (answersAlike(await compareOrdinary({ ...body, filter }))) return estimate("several or mixed values");
  }
  if (sameHits && !filterable) return estimate("nobody may filter by the attribute");
  const threshold = body["rankingScoreThreshold"] ?? null;
  if (sameHits && sortsFirst && threshold !== null) {
    if (answersAlike(await compare({ ...body, rankingScoreThreshold: null }))) return estimate(IN_FRONT);
  }
  // Such a total needs whole lists, of which a node shows no more than can be paged.
  if (sameHits && isHybrid && paged && threshold !== null && (await goodEnough()) >= maxTotalHits) {
    return estimate("more that is good enough than a node lists");
  }
  if (sameHits && paged && (body["facets"] ?? null) !== null) {
    if (answersAlike(await compare({ ...body, facets: null }))) return estimate("facets of numbered pages");
  }
  // The engine looks at all that tie with the last hit. Nodes are asked on only so often, each time for as much as they list.
  if (sameHits && !paged && (await mostOfNode()) > ASKED_ON_MAX * maxTotalHits) {
    return estimate("more ties with the last hit than nodes list");
  }
  const { page: _page, hitsPerPage: _hits, ...rest } = body;
  const wide = await compare({ ...rest, distinct: "id", offset: 0, limit: WIDE });
  return wide.verdict === "engine_local" ? JUDGED_OTHERWISE : null;
}

const JUDGED_OTHERWISE = { verdict: "engine_local", reason: "a document is judged differently" } as const;

function estimate(reason: string): { readonly verdict: Verdict; readonly reason: string } {
  return { verdict: "distinct_estimate", reason };
}

/** An error would prove nothing. */
export function answersAlike({ verdict }: Comparison): boolean {
  return verdict !== "different" && verdict !== "errors_equal";
}

const IN_FRONT = "a threshold that takes out documents in front of others";
const WIDE = 1_000;
/** As Miroir asks. */
const ASKED_ON_MAX = 8;
