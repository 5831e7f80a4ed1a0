import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { encodeSequence } from "../../../../src/core/markers/codec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../../../src/core/merge/node-answer.ts";
import { unseenWords, withExactness } from "../../../../src/core/search/exact-words.ts";

interface TestHit {
  readonly id: number;
  readonly matching: number;
  readonly matchType: string;
}

function answerOf(hits: readonly TestHit[]): NodeAnswer {
  const texts = hits.map(({ id, matching, matchType }) => {
    const words = { order: 0, matchingWords: matching, maxMatchingWords: 3, score: 1 };
    const counts = matchType === "noExactMatch" ? { matchingWords: matching - 1, maxMatchingWords: matching } : {};
    const exactness = { order: 1, matchType, ...counts, score: 0.5 };
    const place = { order: 2, value: encodeSequence(BigInt(id)) };
    const details = { words, exactness, "_miroir_seq:asc": place };
    return `{"id":${id},"size":1.0,"_rankingScoreDetails":${JSON.stringify(details)}}`;
  });
  const tail = `"query":"q","processingTimeMs":1,"limit":20,"offset":0,"estimatedTotalHits":${hits.length}`;
  return readNodeAnswer(`{"hits":[${texts.join(",")}],${tail}}`)!;
}

function hitsOf({ hits }: NodeAnswer): string {
  return hits.text.slice(hits.start, hits.end);
}

function read(answer: NodeAnswer): readonly { readonly id: number; readonly exactness: Record<string, unknown> }[] {
  const hits = JSON.parse(`[${hitsOf(answer)}]`) as { id: number; _rankingScoreDetails: Record<string, never> }[];
  return hits.map(({ id, _rankingScoreDetails }) => ({ id, exactness: _rankingScoreDetails["exactness"]! }));
}

describe("words that a node has not seen", () => {
  test("matter at the end of the query, and only if another node has seen one of them", () => {
    expect(unseenWords([5, 0], [5, 3])).toEqual({ tested: 1, upTo: 1 });
    expect(unseenWords([5, 2, 0, 0], [9, 2, 0, 1])).toEqual({ tested: 2, upTo: 3 });
    expect(unseenWords([5, 0], [5, 0])).toBeNull();
    expect(unseenWords([5, 0, 1], [5, 7, 1])).toBeNull();
    expect(unseenWords([0, 0], [5, 7])).toBeNull();
  });

  test("are none where one node has everything", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 6 }), (counts) => expect(unseenWords(counts, counts)).toBeNull()),
    );
  });
});

describe("the exactness of one engine", () => {
  const unseen = { tested: 1, upTo: 1 };

  test("is none for documents tested for a word too few, which therefore go behind", () => {
    const answer = answerOf([
      { id: 1, matching: 2, matchType: "exactMatch" },
      { id: 2, matching: 2, matchType: "noExactMatch" },
      { id: 3, matching: 1, matchType: "exactMatch" },
    ]);
    const found = read(withExactness(answer, unseen, 2)!);
    expect(found.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(found[0]!.exactness).toEqual({
      order: 1,
      matchType: "noExactMatch",
      matchingWords: 1,
      maxMatchingWords: 2,
      score: 2 / 3 / 3,
    });
    // The word is not looked for in documents that do without it.
    expect(found[2]!.exactness["matchType"]).toBe("exactMatch");
    const late = answerOf([
      { id: 5, matching: 2, matchType: "matchesStart" },
      { id: 4, matching: 2, matchType: "noExactMatch" },
    ]);
    expect(read(withExactness(late, unseen, 2)!).map(({ id }) => id)).toEqual([4, 5]);
  });

  test("leaves an answer as it is, to the letter, where nothing was tested for a word too few", () => {
    const answer = answerOf([{ id: 1, matching: 1, matchType: "exactMatch" }]);
    expect(withExactness(answer, unseen, 2)).toBe(answer);
    const changed = withExactness(answerOf([{ id: 1, matching: 2, matchType: "exactMatch" }]), unseen, 2)!;
    expect(hitsOf(changed)).toStartWith('{"id":1,"size":1.0,"_rankingScoreDetails":{');
  });

  test("cannot be had from what is no answer", () => {
    const garbage = readNodeAnswer(
      `{"hits":[{"id":1}],"query":"q","processingTimeMs":1,"limit":1,"offset":0,"estimatedTotalHits":1}`,
    )!;
    expect(withExactness(garbage, unseen, 2)).toBeNull();
  });
});
