import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { agreement, summarise, type Ranked } from "../../scripts/ranking/rank-agreement.ts";

const untied = (...ids: readonly number[]): Ranked[] => ids.map((id) => ({ id, judgement: String(id) }));
const all = { compared: 100 };

describe("agreement", () => {
  test("is 1 for the same list, -1 for the opposite one, and counts pairs in between", () => {
    expect(agreement(untied(1, 2, 3), [1, 2, 3], all)).toEqual({ tau: 1, top10: true, firstDifference: null });
    expect(agreement(untied(1, 2, 3), [3, 2, 1], all)).toEqual({ tau: -1, top10: false, firstDifference: 0 });
    // Of three pairs one is turned around.
    expect(agreement(untied(1, 2, 3), [1, 3, 2], all).tau).toBeCloseTo(1 / 3);
  });

  test("pairs that the single node judges equal do not count, but their places do", () => {
    const tied = [1, 2].map((id) => ({ id, judgement: "same" }));
    expect(agreement([...tied, ...untied(3)], [2, 1, 3], all)).toEqual({ tau: 1, top10: false, firstDifference: 0 });
  });

  test("what only one list shows stands behind everything in the other", () => {
    // 4 instead of 3: behind 1 and 2 in both lists, and 3 before 4 in one, 4 before 3 in the other.
    expect(agreement(untied(1, 2, 3), [1, 2, 4], all).tau).toBeCloseTo((5 - 1) / 6);
    expect(agreement(untied(1, 2), [], all)).toMatchObject({ tau: 1, top10: false, firstDifference: 0 });
  });

  test("lies between -1 and 1, and is 1 exactly where nothing is out of order", () => {
    const lists = fc.shuffledSubarray([...Array(12).keys()], { minLength: 1 });
    fc.assert(
      fc.property(lists, fc.shuffledSubarray([...Array(12).keys()]), (whole, merged) => {
        const { tau, firstDifference } = agreement(untied(...whole), merged, all);
        expect(Math.abs(tau)).toBeLessThanOrEqual(1);
        if (firstDifference === null) expect(tau).toBe(1);
      }),
    );
  });
});

test("a summary tells the mean, the worst and where lists begin to differ", () => {
  const found = [
    { tau: 1, top10: true, firstDifference: null },
    { tau: 0.5, top10: false, firstDifference: 3 },
    { tau: 0.9, top10: true, firstDifference: 40 },
  ];
  expect(summarise(found)).toMatchObject({
    queries: 3,
    tau_mean: 0.8,
    tau_min: 0.5,
    top10_identical: 0.6667,
    identical: 0.3333,
    first_difference: { lower: 4, median: 4, upper: 4 },
  });
});
