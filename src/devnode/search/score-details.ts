/** Scores of ranking rules: combined to one number, and printed in the engine's shape. */

export interface Rank {
  readonly rank: number;
  readonly max: number;
}

export type ScoreDetail =
  | {
      readonly kind: "words" | "typo" | "proximity" | "attributeRank" | "wordPosition" | "exactWords";
      readonly rank: Rank;
    }
  | { readonly kind: "exactAttribute"; readonly match: "exactMatch" | "matchesStart" | "noExactMatch" }
  | {
      readonly kind: "sort";
      readonly field: string;
      readonly ascending: boolean;
      readonly value: number | string | null;
      readonly isHidden: boolean;
    }
  | {
      readonly kind: "geo";
      readonly target: { readonly lat: number; readonly lng: number };
      readonly ascending: boolean;
      readonly value: { readonly lat: number; readonly lng: number } | null;
      readonly distance: number | null;
    }
  | { readonly kind: "vector"; readonly similarity: number | null };

const EXACT_RANKS = { exactMatch: 3, matchesStart: 2, noExactMatch: 1 } as const;

/** One number between 0 and 1; sorting does not count, and a similarity stands for everything else. */
export function globalScore(details: readonly ScoreDetail[]): number {
  const similar = details.findLast((detail) => detail.kind === "vector");
  if (similar !== undefined) return similar.similarity ?? 0;
  return combined(details.flatMap((detail) => rankOf(detail) ?? []));
}

/** The relevancy part of a list of scores up to the first sort value, for merging lists. */
export function rankOf(detail: ScoreDetail): Rank | null {
  if (detail.kind === "exactAttribute") return { rank: EXACT_RANKS[detail.match], max: 3 };
  return "rank" in detail ? detail.rank : null;
}

/** The first rule weighs most: each further one only divides what the ones before leave equal. */
export function combined(ranks: readonly Rank[]): number {
  let rank = 1;
  let max = 1;
  for (const inner of ranks) {
    rank = (rank - 1) * inner.max + inner.rank;
    max *= inner.max;
  }
  return rank / max;
}

/** The `_rankingScoreDetails` object; `isUnified` when the index uses the one `attribute` rule for both of its halves. */
export function detailsView(details: readonly ScoreDetail[], isUnified: boolean): Record<string, unknown> {
  const view: Record<string, unknown> = {};
  let order = 0;
  let attribute: Rank = { rank: 1, max: 1 };
  for (const detail of details) {
    switch (detail.kind) {
      case "words":
        view["words"] = {
          order,
          matchingWords: detail.rank.rank,
          maxMatchingWords: detail.rank.max,
          score: local(detail.rank),
        };
        break;
      case "typo":
        view["typo"] = {
          order,
          typoCount: detail.rank.max - detail.rank.rank,
          maxTypoCount: detail.rank.max - 1,
          score: local(detail.rank),
        };
        break;
      case "proximity":
        view["proximity"] = { order, score: local(detail.rank) };
        break;
      case "attributeRank":
        attribute = detail.rank;
        if (isUnified) view["attribute"] = { order, attributeRankingOrderScore: local(detail.rank) };
        else view["attributeRank"] = { order, score: local(detail.rank) };
        break;
      case "wordPosition":
        if (isUnified) {
          Object.assign(view["attribute"] as object, {
            queryWordDistanceScore: local(detail.rank),
            score: combined([attribute, detail.rank]),
          });
          continue;
        }
        view["wordPosition"] = { order, score: local(detail.rank) };
        break;
      case "exactAttribute":
        view["exactness"] = { order, matchType: detail.match, score: EXACT_RANKS[detail.match] / 3 };
        break;
      case "exactWords":
        exactWords(view["exactness"] as Record<string, unknown>, detail.rank);
        continue;
      case "sort":
        view[detail.isHidden ? `<hidden-rule-${order}>` : `${detail.field}:${detail.ascending ? "asc" : "desc"}`] = {
          order,
          value: detail.isHidden ? "<hidden>" : detail.value,
        };
        break;
      case "geo":
        view[`_geoPoint(${detail.target.lat}, ${detail.target.lng}):${detail.ascending ? "asc" : "desc"}`] = {
          order,
          value: detail.value,
          distance: detail.distance,
        };
        break;
      case "vector":
        view["vectorSort"] = { order, similarity: detail.similarity };
        break;
    }
    order += 1;
  }
  return view;
}

function exactWords(exactness: Record<string, unknown>, rank: Rank): void {
  if (exactness["matchType"] !== "noExactMatch") return;
  exactness["matchingWords"] = rank.rank - 1;
  exactness["maxMatchingWords"] = rank.max - 1;
  exactness["score"] = combined([{ rank: 1, max: 3 }, rank]);
}

function local(rank: Rank): number {
  return rank.rank / rank.max;
}
