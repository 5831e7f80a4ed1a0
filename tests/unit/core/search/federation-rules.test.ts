import { expect, test } from "bun:test";

import type { IndexEntry } from "../../../../src/core/catalog/index-entry.ts";
import { rulesConflict, type RankedQuery } from "../../../../src/core/search/federation-rules.ts";

function query(position: number, parameters: object, rankingRules?: readonly string[]): RankedQuery {
  const entry: IndexEntry = {
    uid: "films",
    primaryKey: "id",
    shards: 4,
    state: "ready",
    settingsVersion: 1,
    settings: rankingRules === undefined ? {} : { rankingRules },
    createdAt: 0,
    updatedAt: 0,
  };
  return { position, indexUid: "films", entry, parameters: { ...parameters } };
}

test("keywords and placeholders go together, though the nodes with their hidden rule would refuse it", () => {
  expect(rulesConflict([query(0, { q: "red" }), query(1, {}), query(2, { q: "blue" })])).toBeNull();
});

test("the same sort goes together, the other direction does not", () => {
  const [asc, desc] = [{ sort: ["price:asc"] }, { sort: ["price:desc"] }];
  expect(rulesConflict([query(0, asc), query(1, asc)])).toBeNull();
  const conflict = rulesConflict([query(0, asc), query(1, desc)]);
  expect(conflict?.position).toBe(1);
  expect(conflict?.message).toStartWith(
    "The results of queries #0 and #1 are incompatible: \n" +
      "  1. `queries[0].sort[0]`, `films.rankingRules[0]`: ascending sort rule(s) on field `price`\n" +
      "  2. `queries[1].sort[0]`, `films.rankingRules[0]`: descending sort rule(s) on field `price`\n" +
      "  - cannot compare two sort rules in opposite directions\n" +
      "  - note: The ranking rules of query #0 were modified during canonicalization:\n",
  );
});

test("a relevancy is not compared with a sort, and the notes tell what the query left of the rules", () => {
  const rules = ["sort", "typo", "words", "typo"];
  const conflict = rulesConflict([query(0, { q: "red" }, rules), query(2, { q: "red", sort: ["price:asc"] }, rules)]);
  expect(conflict).toEqual({
    position: 2,
    message:
      "The results of queries #0 and #2 are incompatible: \n" +
      "  1. `queries[0]`, `films.rankingRules[0..=2]`: relevancy rule(s) words, typo, words\n" +
      "  2. `queries[2].sort[0]`, `films.rankingRules[0]`: ascending sort rule(s) on field `price`\n" +
      "  - cannot compare a relevancy rule with a sort rule\n" +
      "  - note: The ranking rules of query #0 were modified during canonicalization:\n" +
      "   1. Removed rule `sort` at position #0 in ranking rules because `query.sort` is empty\n" +
      "    2. Prepended rule `words` before first relevancy rule `typo` at position #1 in ranking rules\n" +
      "    3. Removed rule `words` at position #2 in ranking rules because it was previously prepended\n" +
      "    4. Removed duplicate rule `typo` at position #3 in ranking rules as it already appears at position #1 in ranking rules\n" +
      "  - note: The ranking rules of query #2 were modified during canonicalization:\n" +
      "    1. Prepended rule `words` before first relevancy rule `typo` at position #1 in ranking rules\n" +
      "    2. Removed rule `words` at position #2 in ranking rules because it was previously prepended\n" +
      "    3. Removed duplicate rule `typo` at position #3 in ranking rules as it already appears at position #1 in ranking rules\n",
  });
});

test("a query is compared with the strictest before it, not with the last", () => {
  const sorted = query(0, { sort: ["price:asc"] });
  const conflict = rulesConflict([sorted, query(1, {}), query(2, { sort: ["price:desc"] })]);
  expect(conflict?.message).toStartWith("The results of queries #0 and #2 are incompatible");
});

test("a vector takes the place of the first relevancy rule, and behind a sort rule nothing follows it", () => {
  const rules = ["words", "price:asc", "typo", "year:desc"];
  const vector = { vector: [1, 2], hybrid: { embedder: "e", semanticRatio: 1 } };
  expect(rulesConflict([query(0, { q: "red" }, rules), query(1, vector, rules)])).toBeNull();
});
