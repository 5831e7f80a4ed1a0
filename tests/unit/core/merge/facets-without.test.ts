import { describe, expect, test } from "bun:test";
import { readFacetDistribution, readFacetStats } from "../../../../src/core/merge/facet-text.ts";
import { mergeFacets, type FacetPart } from "../../../../src/core/merge/facets.ts";
import { createHitCursor, type Hit } from "../../../../src/core/merge/hit-cursor.ts";

function hits(...documents: readonly object[]): readonly Hit[] {
  const text = JSON.stringify(documents);
  const cursor = createHitCursor({ text, start: 1, end: text.length - 1, members: new Map() });
  return documents.map(() => {
    const hit = cursor.next();
    if (hit === null || hit === "garbage") throw new Error("not a hit");
    return hit;
  });
}

function part(distribution: string, stats: string): FacetPart {
  return { distribution: readFacetDistribution(distribution)!, stats: readFacetStats(stats)!, candidates: 9 };
}

const STATS = '{"price":{"min":1.0,"max":7.5}}';
const PARTS = [
  part('{"price":{"1":1,"5":1,"Free":1}}', '{"price":{"min":1.0,"max":5.0}}'),
  part('{"price":{"1":1,"7.5":1}}', '{"price":{"min":1.0,"max":7.5}}'),
];

const RULES = { valuesMax: 100, orderOf: () => "alpha" as const };

describe("facets without some documents", () => {
  test("are in order again where counts decide, numbers in front of texts", () => {
    const parts = [part('{"price":{"7":3,"1":2,"Free":3,"Sale":2,"Much":2}}', '{"price":{"min":1.0,"max":7.0}}')];
    const gone = hits({ price: [7, "free"] }, { price: [7, "free"] });
    const byCount = { ...RULES, orderOf: () => "count" as const };
    expect(mergeFacets(parts, byCount, { gone }).distribution).toBe(
      '{"price":{"1":2,"7":1,"Sale":2,"Much":2,"Free":1}}',
    );
  });

  test("lose their values, and the ends of the range that nobody else holds", () => {
    const left = mergeFacets(PARTS, RULES, { gone: hits({ price: 7.5 }, { price: [1, "free"] }) });
    expect(left.distribution).toBe('{"price":{"1":1,"5":1}}');
    expect(left.stats).toBe('{"price":{"min":1.0,"max":5.0}}');
  });

  test("have no range once no number is left", () => {
    const left = mergeFacets(PARTS, RULES, { gone: hits({ price: [1, 5, 7.5] }, { price: 1 }) });
    expect(left).toMatchObject({ distribution: '{"price":{"Free":1}}', stats: "{}" });
  });

  test("show what moves up in the place of a value that is gone", () => {
    const rules = { ...RULES, valuesMax: 2 };
    expect(mergeFacets(PARTS, rules).distribution).toBe('{"price":{"1":2,"5":1}}');
    const left = mergeFacets(PARTS, rules, { gone: hits({ price: 5 }) });
    expect(left.distribution).toBe('{"price":{"1":2,"7.5":1}}');
    expect(left.stats).toBe(STATS);
  });

  test("keep the range where a node may have left out values", () => {
    const values = Array.from({ length: 1000 }, (_, i) => `"${1000 + i}":1`).join(",");
    const parts = [part(`{"price":{${values}}}`, '{"price":{"min":1000.0,"max":9000.0}}')];
    const left = mergeFacets(parts, RULES, { gone: hits({ price: 1000 }) });
    expect(left.distribution.startsWith('{"price":{"1001":1,')).toBe(true);
    expect(left.stats).toBe('{"price":{"min":1000.0,"max":9000.0}}');
  });
});
