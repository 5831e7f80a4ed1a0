import { expect, test } from "bun:test";
import fc from "fast-check";

import { splitAnswer } from "../../../../src/core/merge/answer-list.ts";
import { createHitCursor } from "../../../../src/core/merge/hit-cursor.ts";
import { readNodeAnswer } from "../../../../src/core/merge/node-answer.ts";

function elements(text: string): readonly unknown[] | "garbage" | null {
  const list = splitAnswer(text, "hits", "query");
  if (list === null) return null;
  const cursor = createHitCursor(list);
  const read: unknown[] = [];
  for (;;) {
    const hit = cursor.next();
    if (hit === "garbage") return "garbage";
    if (hit === null) return read;
    read.push(JSON.parse(`{${hit.text.slice(hit.bounds[0] ?? 0, hit.bounds.at(-1) ?? 0)}}`));
  }
}

const documents = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }));
const noise = fc.constantFrom('],"query":', '"],\\"query\\":"', "]", '{"hits":[', "\\");

test("the hits are found whatever the documents say", () => {
  fc.assert(
    fc.property(documents, noise, noise, fc.constantFrom(0, 1), (hits, value, query, indent) => {
      const noisy = [...hits, { value, query: ["x"], nested: { query: [[]], a: [1], q: value } }];
      const text = JSON.stringify(
        { hits: noisy, query, processingTimeMs: 1, facetDistribution: { [value]: {} } },
        null,
        indent,
      );
      expect(elements(text)).toEqual(JSON.parse(JSON.stringify(noisy)) as unknown[]);
      expect(JSON.parse(splitAnswer(text, "hits", "query")!.members.get("query")!)).toBe(query);
    }),
  );
});

test("members in another order are found by reading all of them", () => {
  const list = splitAnswer('{"query":"q","hits":[{"a":1}],"x":[1],"processingTimeMs":2}', "hits", "query");
  expect([...list!.members]).toEqual([
    ["query", '"q"'],
    ["x", "[1]"],
    ["processingTimeMs", "2"],
  ]);
});

test("a text that is cut off anywhere is no answer, or one whose hits are garbage", () => {
  const text = '{"hits":[{"a":"x"},{"b":[1,2]}],"query":"q","processingTimeMs":1,"estimatedTotalHits":2}';
  for (let length = 0; length < text.length; length++) {
    const answer = readNodeAnswer(text.slice(0, length));
    expect(answer).toBeNull();
  }
  expect(readNodeAnswer(text)).not.toBeNull();
});

test.each([
  ['{"hits":[1],"query":"","processingTimeMs":0}'],
  ['{"hits":[{"a":1}{"b":1}],"query":""}'],
  ['{"hits":[{"a":1},],"query":""}'],
])("what is not a list of objects is garbage: %s", (text) => {
  expect(elements(text)).toBe("garbage");
});

test.each([[""], ["<html></html>"], ["null"], ['{"hits":3,"query":""}'], ['{"message":"no"}'], ['{"hits":[]} x']])(
  "%p is not an answer to a search",
  (text) => {
    expect(readNodeAnswer(text)).toBeNull();
  },
);
