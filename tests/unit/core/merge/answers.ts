/** Makes nodes' answers for tests: hits ranked by one rule, the hidden sequence behind it. */
import { encodeSequence, encodeShard } from "../../../../src/core/markers/codec.ts";
import type { MergeSpec } from "../../../../src/core/merge/merge-spec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../../../src/core/merge/node-answer.ts";

export interface TestHit {
  readonly id: number;
  /** Fewer go first. */
  readonly typos: number;
}

/** A node's text for these hits, in the order in which a node would send them. */
export function answerText(hits: readonly TestHit[], more: Readonly<Record<string, unknown>> = {}): string {
  const ranked = hits.toSorted(byRank);
  const tail = { query: "q", processingTimeMs: 1, limit: 20, offset: 0, estimatedTotalHits: hits.length, ...more };
  return `{"hits":[${ranked.map(hitText).join(",")}],${JSON.stringify(tail).slice(1)}`;
}

export function answer(hits: readonly TestHit[], more: Readonly<Record<string, unknown>> = {}): NodeAnswer {
  const read = readNodeAnswer(answerText(hits, more));
  if (read === null) throw new TypeError("this is an answer");
  return read;
}

export function byRank(a: TestHit, b: TestHit): number {
  return a.typos - b.typos || a.id - b.id;
}

function hitText({ id, typos }: TestHit): string {
  const sequence = encodeSequence(BigInt(id));
  const document = { id, _miroir_shard: encodeShard(1), _miroir_seq: sequence };
  const details = {
    typo: { order: 0, typoCount: typos, maxTypoCount: 5, score: 1 },
    "_miroir_seq:asc": { order: 1, value: sequence },
  };
  return JSON.stringify({ ...document, _rankingScoreDetails: details });
}

export function offsetSpec(offset: number, limit: number, more: Partial<MergeSpec> = {}): MergeSpec {
  return {
    paging: { mode: "offset", offset, limit },
    maxTotalHits: 1000,
    view: { keepDetails: false, hasDerivedFields: false, dropFields: [], displayed: null },
    distinct: null,
    facets: null,
    ...more,
  };
}
