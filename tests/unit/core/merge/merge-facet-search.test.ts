import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { compareText } from "../../../../src/core/json/compare-text.ts";
import {
  mergeFacetHits,
  readFacetHits,
  type FacetHit,
  type MergeFacetHitsInput,
} from "../../../../src/core/merge/merge-facet-search.ts";

const hit = (value: string, count: number): FacetHit => ({ value, count });

function merge(lists: readonly (readonly FacetHit[])[], more: Partial<MergeFacetHitsInput> = {}): readonly FacetHit[] {
  return merged(lists, more).hits;
}

function merged(
  lists: readonly (readonly FacetHit[])[],
  more: Partial<MergeFacetHitsInput>,
): ReturnType<typeof mergeFacetHits> {
  const defaults = { order: "alpha", searched: false, valuesMax: 100, spelled: lists, field: "genre" } as const;
  return mergeFacetHits({ lists, ...defaults, ...more });
}

describe("values in alphabetical order", () => {
  test("have the counts of all lists, and are cut at the limit", () => {
    const lists = [
      [hit("action", 2), hit("drama", 1)],
      [hit("comedy", 4), hit("drama", 3), hit("war", 1)],
    ];
    expect(merge(lists, { valuesMax: 3 })).toEqual([hit("action", 2), hit("comedy", 4), hit("drama", 4)]);
    expect(merge(lists, { valuesMax: 0 })).toEqual([]);
    expect(merge([[], []])).toEqual([]);
  });

  test("stand as the nodes have them, also where the form that decides is one that only nodes know", () => {
    const lists = [
      [hit("zz", 1), hit("aa", 1)],
      [hit("zz", 1), hit("mm", 1), hit("aa", 1)],
    ];
    expect(merge(lists).map(({ value }) => value)).toEqual(["zz", "mm", "aa"]);
  });

  test("that are searched for are ordered without their accents, and listed without a search with them", () => {
    const lists = [[hit("Élan", 1)], [hit("elf", 1), hit("ez", 1)]];
    expect(merge(lists, { searched: true }).map(({ value }) => value)).toEqual(["Élan", "elf", "ez"]);
    expect(merge(lists, { searched: false }).map(({ value }) => value)).toEqual(["elf", "ez", "Élan"]);
  });

  test("of nodes that contradict each other are all there, each once", () => {
    const lists = [
      [hit("a", 1), hit("b", 1)],
      [hit("b", 1), hit("a", 1)],
    ];
    expect(merge(lists).toSorted((x, y) => compareText(x.value, y.value))).toEqual([hit("a", 2), hit("b", 2)]);
  });

  test("are those of one list over everything, however it is taken apart", () => {
    const value = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom("a", "b", "c", "d") });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.nat(2))), fc.nat(5), (documents, valuesMax) => {
        const lists = [0, 1, 2].map((shard) =>
          listOf(documents.filter(([, at]) => at === shard).map(([text]) => text)),
        );
        const whole = listOf(documents.map(([text]) => text));
        expect(merge(lists, { valuesMax })).toEqual(whole.slice(0, valuesMax));
      }),
      { seed: 11 },
    );
  });
});

describe("values by count", () => {
  test("go down, the larger value first among equals, and so is what is cut off", () => {
    const lists = [
      [hit("b", 2), hit("a", 1)],
      [hit("c", 2), hit("a", 1)],
    ];
    expect(merge(lists, { order: "count" })).toEqual([hit("c", 2), hit("b", 2), hit("a", 2)]);
    expect(merge(lists, { order: "count", valuesMax: 2 })).toEqual([hit("c", 2), hit("b", 2)]);
    expect(merge(lists, { order: "count", valuesMax: 0 })).toEqual([]);
  });

  test("keep what comes last in the walk, although as a text it is the lesser", () => {
    // Walked through as `apple`, `Zebra`; as texts `Zebra` is less than `apple`.
    expect(merge([[hit("apple", 1), hit("Zebra", 1)]], { order: "count", valuesMax: 1 })).toEqual([hit("Zebra", 1)]);
  });
});

describe("a value in several spellings", () => {
  const lists = [[hit("Foo", 1)], [hit("foo", 2)]];

  test("is one value, shown as the choice says", () => {
    const { hits, disputes } = merged(lists, {});
    expect(hits).toEqual([hit("Foo", 3)]);
    expect(disputes).toEqual([
      {
        field: "genre",
        spellings: new Map([
          [0, '"Foo"'],
          [1, '"foo"'],
        ]),
      },
    ]);
    expect(merge(lists, { choose: () => 1 })).toEqual([hit("foo", 3)]);
    expect(merge(lists, { choose: () => undefined })).toEqual([hit("Foo", 3)]);
  });

  test("may be spelled by a node that has not counted it", () => {
    const spelled = [...lists, [hit("FOO", 9), hit("other", 1)]];
    const { hits, disputes } = merged(lists, { spelled, choose: () => 2 });
    expect(hits).toEqual([hit("FOO", 3)]);
    expect([...disputes[0]!.spellings.keys()]).toEqual([0, 1, 2]);
  });

  test("is disputed only if it is listed, and no more than sixteen are", () => {
    const many = Array.from({ length: 30 }, (_, i) => `v${String(i).padStart(2, "0")}`);
    const both = [many.map((value) => hit(value, 1)), many.map((value) => hit(value.toUpperCase(), 1))];
    expect(merged(both, {}).disputes).toHaveLength(16);
    expect(merged(both, { valuesMax: 3 }).disputes).toHaveLength(3);
  });
});

test("an answer is read as the engine writes it, and nothing else is", () => {
  const text = '{"facetHits":[{"value":"a","count":2}],"facetQuery":null,"processingTimeMs":3}';
  expect(readFacetHits(text)).toEqual({ hits: [hit("a", 2)], timeMs: 3 });
  for (const garbage of ["", "{}", "null", '{"facetHits":[{"value":1,"count":2}],"processingTimeMs":3}']) {
    expect(readFacetHits(garbage)).toBeNull();
  }
});

function listOf(values: readonly string[]): readonly FacetHit[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => hit(value, count)).sort((a, b) => compareText(a.value, b.value));
}
