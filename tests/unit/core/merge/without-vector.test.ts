import { expect, test } from "bun:test";

import { createHitCursor, memberText, type Hit } from "../../../../src/core/merge/hit-cursor.ts";
import { asWithoutVector } from "../../../../src/core/merge/without-vector.ts";

function hit(details: object): Hit {
  const text = JSON.stringify({ id: 1, _rankingScore: 1, _rankingScoreDetails: details, n: 1.5 });
  return createHitCursor({ text, start: 0, end: text.length, members: new Map() }).next() as Hit;
}

const hidden = { "_miroir_seq:asc": { order: 9, value: "‡" } };

test("a document without a vector looks as it does on a node without the hidden rule", () => {
  const made = asWithoutVector(hit(hidden), 0)!;
  expect(JSON.parse(made.text)).toEqual({
    id: 1,
    _rankingScore: 0,
    _rankingScoreDetails: {
      vectorSort: { similarity: null, order: 0 },
      "_miroir_seq:asc": { value: "‡", order: 1 },
    },
    n: 1.5,
  });
  expect(memberText(made, "n")).toBe("1.5");
});

test("sort criteria stay before or behind the vector, as the ranking rules have them", () => {
  const sorted = { "b:asc": { order: 1, value: 2 }, "a:desc": { order: 0, value: 1 }, ...hidden };
  const rules = (before: number): readonly string[] =>
    Object.keys(JSON.parse(memberText(asWithoutVector(hit(sorted), before)!, "_rankingScoreDetails")!) as object);
  expect(rules(0)).toEqual(["vectorSort", "a:desc", "b:asc", "_miroir_seq:asc"]);
  expect(rules(1)).toEqual(["a:desc", "vectorSort", "b:asc", "_miroir_seq:asc"]);
  expect(rules(5)).toEqual(["a:desc", "b:asc", "vectorSort", "_miroir_seq:asc"]);
});

test("what its words are worth says nothing about its place in the list by meaning", () => {
  const worded = {
    "a:desc": { order: 0, value: 1 },
    typo: { order: 1, typoCount: 0, maxTypoCount: 1, score: 1 },
    ...hidden,
  };
  expect(
    Object.keys(JSON.parse(memberText(asWithoutVector(hit(worded), 1)!, "_rankingScoreDetails")!) as object),
  ).toEqual(["a:desc", "vectorSort", "_miroir_seq:asc"]);
});
