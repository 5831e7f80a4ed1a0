import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { readFacetDistribution, readFacetStats } from "../../../../src/core/merge/facet-text.ts";
import { kindsOnly, type FacetTypes } from "../../../../src/core/merge/facet-types.ts";
import { mergeFacets, type FacetOrder, type FacetPart, type FacetRules } from "../../../../src/core/merge/facets.ts";

function part(distribution: string, stats = "{}", candidates = 10): FacetPart {
  return { distribution: readFacetDistribution(distribution)!, stats: readFacetStats(stats)!, candidates };
}

function merge(parts: readonly FacetPart[], valuesMax = 100, order: FacetOrder = "alpha"): string {
  return mergeFacets(parts, { valuesMax, orderOf: () => order }).distribution;
}

test("counts of one value are added over the shards", () => {
  expect(merge([part('{"g":{"a":1,"b":2}}'), part('{"g":{"b":3,"c":4}}')])).toBe('{"g":{"a":1,"b":5,"c":4}}');
});

test("keys that look like integers keep their place in the text", () => {
  expect(merge([part('{"g":{"b":1,"é":1}}'), part('{"g":{"20":1,"b":1}}')])).toBe('{"g":{"20":1,"b":2,"é":1}}');
});

test("spellings that differ in case or compatibility form are one value", () => {
  expect(merge([part('{"g":{"Foo":1}}'), part('{"g":{" ｆoo":2}}')])).toBe('{"g":{"Foo":3}}');
});

test("a value in several spellings is reported, and shown as decided", () => {
  const parts = [part('{"g":{"Foo":1}}'), part('{"g":{"x":1}}'), part('{"g":{"FOO":2}}')];
  const rules: FacetRules = { valuesMax: 5, orderOf: () => "alpha" };
  const { disputes } = mergeFacets(parts, rules);
  expect(disputes).toEqual([
    {
      field: "g",
      spellings: new Map([
        [0, '"Foo"'],
        [2, '"FOO"'],
      ]),
    },
  ]);
  expect(mergeFacets(parts, rules, { spelling: () => 2 }).distribution).toBe('{"g":{"FOO":3,"x":1}}');
});

test("a field only some shards have seen keeps its values, and fields are in the order of their names", () => {
  expect(merge([part('{"b":{}}'), part('{"a":{"x":1},"b":{"y":1}}')])).toBe('{"a":{"x":1},"b":{"y":1}}');
});

test("the markers' own facets are never shown", () => {
  const { distribution, stats } = mergeFacets(
    [part('{"_miroir_shard":{"†":3},"a":{}}', '{"_miroir_x":{"min":1,"max":1}}')],
    {
      valuesMax: 5,
      orderOf: () => "alpha",
    },
  );
  expect([distribution, stats]).toEqual(['{"a":{}}', "{}"]);
});

describe("alphabetical order", () => {
  const numbers = '{"n":{"min":2.0,"max":10.0}}';

  test("few candidates: numbers first, sorted as texts, then strings by their normalized form", () => {
    expect(merge([part('{"n":{"10":1,"2":1,"Zoo":1}}', numbers), part('{"n":{"apple":1}}')])).toBe(
      '{"n":{"10":1,"2":1,"apple":1,"Zoo":1}}',
    );
  });

  test("many candidates: numbers by value", () => {
    expect(merge([part('{"n":{"2":1,"10":1,"a":1}}', numbers, 3001), part('{"n":{}}', "{}", 1)])).toBe(
      '{"n":{"2":1,"10":1,"a":1}}',
    );
  });

  test("a string that looks like a number is a string where the node states no numbers", () => {
    expect(merge([part('{"n":{"20":1,"a":1}}'), part('{"n":{"3":1}}')])).toBe('{"n":{"20":1,"3":1,"a":1}}');
    // 20 is out of the stated range, so it stands among the strings.
    expect(merge([part('{"n":{"3":1,"20":1}}', '{"n":{"min":3.0,"max":3.0}}'), part('{"n":{"1a":1}}')])).toBe(
      '{"n":{"3":1,"1a":1,"20":1}}',
    );
  });

  test("a text with leading zeros is never a number", () => {
    expect(merge([part('{"n":{"3":1,"05":1}}', '{"n":{"min":3,"max":9}}'), part('{"n":{"9":1}}', numbers)])).toBe(
      '{"n":{"3":1,"9":1,"05":1}}',
    );
  });

  test("a key that is a number on one node and a text on another stands among the numbers with the count of the text", () => {
    expect(merge([part('{"n":{"3":2}}', '{"n":{"min":3.0,"max":3.0}}'), part('{"n":{"3":1,"a":1}}')])).toBe(
      '{"n":{"3":1,"a":1}}',
    );
  });

  test("which keys are numbers is asked for where a field holds both, and then counted apart", () => {
    const stats = '{"n":{"min":3.0,"max":9.0}}';
    const parts = [part('{"n":{"3":2,"9":1,"a":1}}', stats), part('{"n":{"9":4}}', '{"n":{"min":9.0,"max":9.0}}')];
    const rules: FacetRules = { valuesMax: 5, orderOf: () => "alpha" };
    expect(mergeFacets(parts, rules).mixed).toEqual([
      {
        field: "n",
        keys: new Map([
          [0, ["3", "9"]],
          [1, ["9"]],
        ]),
      },
    ]);
    // The first node holds 9 three times and "9" once, the second only numbers.
    const types: FacetTypes = (position) => (position === 0 ? new Map([["9", { numbers: 3, texts: 1 }]]) : undefined);
    expect(mergeFacets(parts, rules, { types }).distribution).toBe('{"n":{"3":2,"9":1,"a":1}}');
    const numbers: FacetTypes = () => new Map([["9", { numbers: 3, texts: 0 }]]);
    expect(mergeFacets(parts, rules, { types: numbers }).distribution).toBe('{"n":{"3":2,"9":6,"a":1}}');
    expect(mergeFacets([part('{"n":{"3":2}}', '{"n":{"min":3.0,"max":3.0}}')], rules).mixed).toEqual([]);
  });

  test("of facets that are not those of all documents it is only known what their keys are", () => {
    const parts = [
      part('{"n":{"3":2,"9":1,"a":1}}', '{"n":{"min":3.0,"max":9.0}}'),
      part('{"n":{"9":4,"b":1}}', '{"n":{"min":9.0,"max":9.0}}'),
    ];
    const rules: FacetRules = { valuesMax: 9, orderOf: () => "alpha" };
    const counts = new Map([["9", { numbers: 7, texts: 5 }]]);
    const types = kindsOnly(() => counts);
    expect(mergeFacets(parts, rules, { types }).distribution).toBe('{"n":{"3":2,"9":5,"a":1,"b":1}}');
    expect(kindsOnly(() => undefined)(0, "n")).toBeUndefined();
  });

  test("the cut leaves numbers before strings", () => {
    expect(merge([part('{"n":{"10":1,"2":1,"a":1,"b":1}}', numbers)], 3)).toBe('{"n":{"10":1,"2":1,"a":1}}');
  });

  test("many candidates with exactly as many numbers as allowed: the engine lets all strings through", () => {
    expect(merge([part('{"n":{"2":1,"10":1,"a":1,"b":1}}', numbers, 4000)], 2)).toBe(
      '{"n":{"2":1,"10":1,"a":1,"b":1}}',
    );
  });
});

test("by count: numbers, then strings, each by falling count and the larger value first among equals", () => {
  const parts = [part('{"n":{"7":1,"9":1,"x":5,"y":1}}', '{"n":{"min":7,"max":9}}'), part('{"n":{"y":4,"z":1}}')];
  expect(merge(parts, 100, "count")).toBe('{"n":{"9":1,"7":1,"y":5,"x":5,"z":1}}');
});

test("stats are the smallest minimum and the largest maximum, printed as the nodes print them", () => {
  const parts = [
    part("{}", '{"n":{"min":1.0,"max":2.5}}'),
    part("{}", '{"m":{"min":0.5,"max":0.5},"n":{"min":-3.0,"max":2.0}}'),
  ];
  expect(mergeFacets(parts, { valuesMax: 1, orderOf: () => "alpha" }).stats).toBe(
    '{"m":{"min":0.5,"max":0.5},"n":{"min":-3.0,"max":2.5}}',
  );
});

test("any split of the documents over shards gives the same facets", () => {
  const values = fc.array(fc.record({ value: fc.constantFrom("a", "b", "10", "9", "zz"), shard: fc.nat(2) }));
  fc.assert(
    fc.property(values, (all) => {
      const count = (some: readonly { value: string }[]): string => {
        const counts = new Map<string, number>();
        for (const { value } of some) counts.set(value, (counts.get(value) ?? 0) + 1);
        const listed = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
        return `{"g":{${listed.map(([value, n]) => `"${value}":${n}`).join(",")}}}`;
      };
      const shards = [0, 1, 2].map((shard) => part(count(all.filter((entry) => entry.shard === shard))));
      expect(merge(shards)).toBe(count(all));
    }),
  );
});

test.each([['{"g":1}'], ['{"g":{"a":"x"}}'], ['{"g":{"a":-1}}'], ["{"], ["[]"]])("%s is not a distribution", (text) => {
  expect(readFacetDistribution(text)).toBeNull();
});
