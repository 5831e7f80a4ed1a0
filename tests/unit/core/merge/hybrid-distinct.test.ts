import { expect, test } from "bun:test";
import fc from "fast-check";

import type { DistinctValue } from "../../../../src/core/merge/distinct.ts";
import { createHitCursor, type Hit } from "../../../../src/core/merge/hit-cursor.ts";
import { placeOf, planHybridCount } from "../../../../src/core/merge/hybrid-distinct.ts";

interface Stored {
  readonly id: number;
  readonly group: string | null;
  readonly hasWords: boolean;
  /** Higher is nearer. */
  readonly near: number;
}

function hitOf({ id, group }: Stored): Hit {
  const text = JSON.stringify({ id, ...(group === null ? {} : { group }), _miroir_seq: String(id) });
  return createHitCursor({ text, start: 0, end: text.length, members: new Map() }).next() as Hit;
}

const sharing = (a: Stored, b: Stored): boolean => a === b || (a.group !== null && a.group === b.group);

/** The first `length` documents, each value once. */
function keep(documents: readonly Stored[], length: number): readonly Stored[] {
  const kept: Stored[] = [];
  for (const document of documents) {
    if (kept.length === length) break;
    if (!kept.some((other) => sharing(other, document))) kept.push(document);
  }
  return kept;
}

/** As the engine does it: with sets of documents. */
function engineTotal(documents: readonly Stored[], from: number, to: number): number {
  const near = documents.toSorted((a, b) => b.near - a.near || a.id - b.id);
  const words = documents.filter(({ hasWords }) => hasWords);
  const [meaning, keyword] = [keep(near, to), keep(words, to)];
  const candidates = [...without(documents, meaning), ...meaning, ...without(words, keyword), ...keyword];
  const taken = from < to ? keep([...meaning, ...keyword], to) : [];
  return new Set([...without(candidates, taken), ...taken]).size;
}

function without(documents: readonly Stored[], kept: readonly Stored[]): readonly Stored[] {
  return documents.filter((document) => !kept.some((other) => sharing(other, document)));
}

test("the total is the engine's, for any documents with one value or none and any page", () => {
  const document = fc.record({
    group: fc.constantFrom("a", "b", "c", "d", null),
    hasWords: fc.boolean(),
    near: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(document, { maxLength: 14 }), fc.nat(4), fc.nat(6), (drawn, from, length) => {
      const documents = drawn.map((one, id) => ({ ...one, id }));
      const to = from + length;
      const near = documents.toSorted((a, b) => b.near - a.near || a.id - b.id);
      const words = documents.filter(({ hasWords }) => hasWords);
      const [meaning, keyword] = [keep(near, to), keep(words, to)];
      const taken = from < to ? keep([...meaning, ...keyword], to) : [];
      const plan = planHybridCount({
        field: "group",
        semantic: meaning.map(hitOf),
        keyword: keyword.map(hitOf),
        taken: taken.map(hitOf),
        semanticFull: meaning.length === to,
        keywordFull: keyword.length === to,
      });
      const has = (values: readonly DistinctValue[], { group }: Stored): boolean =>
        values.some(({ text }) => text === group);
      const byMeaning = plan.meaning === null ? [] : documents.filter((one) => !has(plan.meaning!, one));
      const wordsLeft = plan.words === null ? [] : words.filter((one) => !has(plan.words!.without, one));
      const among = plan.words?.among ?? null;
      const byWords = among === null ? wordsLeft : wordsLeft.filter((one) => has(among, one));
      const places = new Set(wordsLeft.map((one) => placeOf(hitOf(one))));
      const beside = [...plan.doubtful.keys()].filter((place) => !places.has(place)).length;
      expect(byMeaning.length + byWords.length + beside + plan.known).toBe(engineTotal(documents, from, to));
    }),
    { numRuns: 500 },
  );
});
