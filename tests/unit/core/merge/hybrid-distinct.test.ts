import { expect, test } from "bun:test";
import fc from "fast-check";

import type { DistinctValue } from "../../../../src/core/merge/distinct.ts";
import { createHitCursor, type Hit } from "../../../../src/core/merge/hit-cursor.ts";
import {
  countAgain,
  keptOfList,
  placeOf,
  planHybridCount,
  planHybridPages,
  type HybridKept,
} from "../../../../src/core/merge/hybrid-distinct.ts";

interface Stored {
  readonly id: number;
  readonly group: string | null;
  readonly hasWords: boolean;
  /** Higher is nearer. */
  readonly near: number;
}

function hitOf({ id, group }: Stored): Hit {
  const text = JSON.stringify({ id, ...(group === null ? {} : { group }), _miroir_seq: String(id).padStart(3, "0") });
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

interface Lists {
  readonly meaning: readonly Stored[];
  readonly keyword: readonly Stored[];
  readonly taken: readonly Stored[];
  readonly words: readonly Stored[];
}

/** The two lists and the page, each of which looks at so many documents. */
function listsOf(documents: readonly Stored[], to: number, threshold = 0): Lists {
  const near = documents.filter((one) => one.near >= threshold).toSorted((a, b) => b.near - a.near || a.id - b.id);
  // The order of the words has nothing to do with that of insertion.
  const words = documents.filter(({ hasWords }) => hasWords).toSorted((a, b) => (a.id % 3) - (b.id % 3));
  const [meaning, keyword] = [keep(near, to), keep(words, to)];
  const inTurn = Array.from({ length: to }, (_, i) => [keyword[i], meaning[i]].filter((one) => one !== undefined));
  return { meaning, keyword, taken: keep(inTurn.flat(), to), words };
}

/** As the engine does it: with sets of documents. */
function engineTotal(documents: readonly Stored[], to: number, { paged = false, threshold = 0 } = {}): number {
  const { meaning, keyword, taken, words } = listsOf(documents, to, threshold);
  const byWords = [...without(words, keyword), ...keyword];
  // Of numbered pages each value of the words counts once, at the first document.
  const counted = paged
    ? keep(
        byWords.toSorted((a, b) => a.id - b.id),
        words.length,
      )
    : byWords;
  // A list that ends before it is full has found all that is good enough.
  const others = meaning.length === to ? without(documents, meaning) : [];
  const candidates = [...others, ...meaning, ...counted];
  return new Set([...without(candidates, taken), ...taken]).size;
}

function without(documents: readonly Stored[], kept: readonly Stored[]): readonly Stored[] {
  return documents.filter((document) => !kept.some((other) => sharing(other, document)));
}

const stored = fc.array(
  fc.record({ group: fc.constantFrom("a", "b", "c", "d", null, null, null), hasWords: fc.boolean(), near: fc.nat(9) }),
  { maxLength: 14 },
);

function keptOf({ meaning, keyword, taken }: Lists, to: number): HybridKept {
  return {
    field: "group",
    semantic: meaning.map(hitOf),
    keyword: keyword.map(hitOf),
    taken: taken.map(hitOf),
    rejected: [],
    semanticFull: meaning.length === to,
    keywordFull: keyword.length === to,
  };
}

const has = (values: readonly DistinctValue[], { group }: Stored): boolean => values.some(({ text }) => text === group);

test("the total is the engine's, for any documents with one value or none, any page and any threshold by meaning", () => {
  fc.assert(
    fc.property(stored, fc.nat(10), fc.constantFrom(0, 6, 8), (drawn, to, threshold) => {
      const documents = drawn.map((one, id) => ({ ...one, id }));
      const lists = listsOf(documents, to, threshold);
      const plan = planHybridCount(keptOf(lists, to));
      const byMeaning = plan.meaning === null ? [] : documents.filter((one) => !has(plan.meaning!, one));
      const wordsLeft = plan.words === null ? [] : lists.words.filter((one) => !has(plan.words!.without, one));
      const among = plan.words?.among ?? null;
      const byWords = among === null ? wordsLeft : wordsLeft.filter((one) => has(among, one));
      const places = new Set(wordsLeft.map((one) => placeOf(hitOf(one))));
      const beside = [...plan.doubtful.keys()].filter((place) => !places.has(place)).length;
      const total = byMeaning.length + byWords.length + beside + plan.known.length;
      expect(total).toBe(engineTotal(documents, to, { threshold }));
    }),
    { numRuns: 500 },
  );
});

test("of numbered pages as well, where the words count each value once at the document that was inserted first", () => {
  let again = 0;
  fc.assert(
    fc.property(stored, fc.nat(10), (drawn, to) => {
      const documents = drawn.map((one, id) => ({ ...one, id }));
      const lists = listsOf(documents, to);
      const { meaning, words, near, known } = planHybridPages(keptOf(lists, to));
      const byMeaning = meaning === null ? [] : documents.filter((one) => !has(meaning, one));
      const listed =
        words === null ? [] : lists.words.filter((one) => !has(words.without, one) && has(words.among, one));
      const more = countAgain(listed.map(hitOf), "group", near);
      again += more;
      expect(byMeaning.length + known + more).toBe(engineTotal(documents, to, { paged: true }));
    }),
    { numRuns: 500 },
  );
  expect(again).toBeGreaterThan(0);
});

test("what a list has kept counts unless it shares a value with a hit of both lists that is another document", () => {
  const document = (id: number, group: string | null): Hit => hitOf({ id, group, hasWords: true, near: 0 });
  const hits = [document(1, "a"), document(2, "b"), document(3, null), document(4, "c")];
  const kept = keptOfList({
    field: "group",
    full: true,
    hits: hits.map((hit, i) => ({ hit, answer: i % 2 })),
    // Of "b" the other list had a better document.
    taken: [document(1, "a"), document(9, "b"), document(3, null)],
    shards: [[0, 1], [2]],
  });
  const texts = (values: readonly DistinctValue[] = []): readonly string[] => values.map(({ text }) => text).sort();
  expect(kept.parts.map(({ shards, valued, values }) => [shards, valued, texts(values)])).toEqual([
    [[0, 1], 1, ["a"]],
    [[2], 1, ["c"]],
  ]);
  expect(texts(kept.gone)).toEqual(["a", "b", "c"]);
  expect(kept).toMatchObject({ field: "group", full: true });
});
