import { describe, expect, test } from "bun:test";
import { facetsWithout } from "../../../../src/core/merge/facets-without.ts";
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

const FACETS = {
  distribution: '{"price":{"1":2,"5":1,"7.5":1,"Free":1}}',
  stats: '{"price":{"min":1.0,"max":7.5}}',
};

const RULES = { valuesMax: 100, orderOf: () => "alpha" as const };

describe("facets without some documents", () => {
  test("are in order again where counts decide, numbers in front of texts", () => {
    const facets = {
      distribution: '{"price":{"7":3,"1":2,"Free":3,"Sale":2,"Much":2}}',
      stats: '{"price":{"min":1.0,"max":7.0}}',
    };
    const gone = hits({ price: [7, "free"] }, { price: [7, "free"] });
    const byCount = { ...RULES, orderOf: () => "count" as const };
    expect(facetsWithout(facets, gone, byCount).distribution).toBe(
      '{"price":{"1":2,"7":1,"Sale":2,"Much":2,"Free":1}}',
    );
    expect(facetsWithout(facets, gone, RULES).distribution).toBe('{"price":{"7":1,"1":2,"Free":1,"Sale":2,"Much":2}}');
  });

  test("lose their values, and the ends of the range that nobody else holds", () => {
    const left = facetsWithout(FACETS, hits({ price: 7.5 }, { price: [1, "free"] }), RULES);
    expect(left.distribution).toBe('{"price":{"1":1,"5":1}}');
    expect(left.stats).toBe('{"price":{"min":1.0,"max":5.0}}');
  });

  test("have no range once no number is left", () => {
    const left = facetsWithout(FACETS, hits({ price: [1, 5, 7.5] }, { price: 1 }), RULES);
    expect(left).toEqual({ distribution: '{"price":{"Free":1}}', stats: "{}" });
  });

  test("keep the range where the list may be cut", () => {
    const left = facetsWithout(FACETS, hits({ price: 7.5 }), { ...RULES, valuesMax: 4 });
    expect(left.distribution).toBe('{"price":{"1":2,"5":1,"Free":1}}');
    expect(left.stats).toBe(FACETS.stats);
  });
});
