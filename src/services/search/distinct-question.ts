/** What a node is asked to count because of a distinct attribute, and what its answer stands for. */
import type { DistinctQuestion } from "../../core/merge/distinct-counts.ts";
import { readHits } from "../../core/merge/hit-cursor.ts";
import type { DistinctPart } from "../../core/merge/merge-search.ts";
import type { NodeAnswer } from "../../core/merge/node-answer.ts";
import { fewestHits } from "./deciding-words.ts";

type Body = Readonly<Record<string, unknown>>;

/** `base`: the search as the nodes got it, without its paging and decoration. */
export function countingBody(base: Body, question: DistinctQuestion, facets: boolean): Body {
  const { facets: wanted, rankingScoreThreshold, ...rest } = base;
  return {
    ...rest,
    // The values of documents that are kept say themselves which of them are numbers.
    attributesToRetrieve: facets && question.limit > 0 ? wanted : [],
    ...(facets ? { facets: wanted } : {}),
    ...(question.threshold && rankingScoreThreshold !== undefined ? { rankingScoreThreshold } : {}),
    ...(question.counted ? { page: 1, hitsPerPage: fewestHits(base) } : { offset: 0, limit: question.limit }),
  };
}

export function partOf(node: NodeAnswer, question: DistinctQuestion, base: Body): DistinctPart {
  const { answer, filters, limit, counted, threshold } = question;
  const part = { answer, filters, node };
  const hits = limit === 0 ? null : readHits(node.hits);
  // A node may have counted more than it lists.
  if (hits !== null && hits.length >= node.total) return { ...part, counted: "some", hits };
  if (counted) return { ...part, counted: "values" };
  const isWhole = limit === 0 && !(threshold && base["rankingScoreThreshold"] !== undefined);
  return { ...part, counted: isWhole ? "all" : "some" };
}
