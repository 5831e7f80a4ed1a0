/** The recorded answers of the shards merged as the router merges those of nodes. */
import { mergeSearch } from "../../src/core/merge/merge-search.ts";
import type { MergeStrategyName } from "../../src/core/merge/ranking.ts";
import { offsetSpec } from "../unit/core/merge/answers.ts";
import { unseenWords, withExactness } from "../../src/core/search/exact-words.ts";
import { addFrequencies } from "../../src/core/search/frequency-order.ts";
import type { NodeAnswer } from "../../src/core/merge/node-answer.ts";
import { nodeAnswer, type RecordedQuery, type Recording } from "./recording.ts";

export interface MergeRecordedOptions {
  readonly strategy: MergeStrategyName;
  readonly from: number;
  readonly count: number;
  /** Without the place in insertion order `score` and `rrf` break ties by the number of the shard. */
  readonly placed?: boolean;
}

export interface MergedIds {
  readonly ids: readonly number[];
  readonly total: number;
}

export function mergeRecorded(
  recording: Recording,
  query: RecordedQuery,
  { strategy, from, count, placed }: MergeRecordedOptions,
): MergedIds {
  const recorded = query.shards.map((list) => nodeAnswer(recording, list, placed));
  const answers = strategy === "dfs" ? settled(recorded, query) : recorded;
  const spec = offsetSpec(from, count, { ranking: { strategy, rrfK: 60 } });
  const result = mergeSearch({ answers, spec, requestUid: "r", metadata: null, withoutThreshold: null });
  if (result.kind !== "merged") throw new TypeError(`shard ${result.answer} is garbage`);
  const { hits, estimatedTotalHits } = JSON.parse(result.text) as {
    readonly hits: readonly { readonly id: number }[];
    readonly estimatedTotalHits: number;
  };
  return { ids: hits.map(({ id }) => id), total: estimatedTotalHits };
}

/** With the word counts that `dfs` asks for. */
function settled(answers: readonly NodeAnswer[], { exact }: RecordedQuery): readonly NodeAnswer[] {
  if (exact === undefined) return answers;
  const total = addFrequencies(exact);
  return answers.map((answer, shard) => {
    const unseen = unseenWords(exact[shard]!, total);
    return unseen === null ? answer : withExactness(answer, unseen, total.length)!;
  });
}
