import { expect, test } from "bun:test";

import { createDistinctFilter, indexedValues } from "../../../../src/core/merge/distinct.ts";
import { createHitCursor, type Hit } from "../../../../src/core/merge/hit-cursor.ts";
import { lookTwice } from "../../../../src/core/merge/second-look.ts";

function listOf(...groups: readonly unknown[]): readonly { readonly hit: Hit; readonly at: number }[] {
  return groups.map((group, at) => {
    const text = JSON.stringify(group === undefined ? {} : { group });
    return { hit: createHitCursor({ text, start: 0, end: text.length, members: new Map() }).next() as Hit, at };
  });
}

test("of texts of blanks or of nothing the first is shown, whichever of both it is", () => {
  const { shown, rejected } = lookTwice(listOf("a", " ", null, "", "", undefined, "b"), "group");
  expect(shown.map(({ at }) => at)).toEqual([0, 1, 2, 5, 6]);
  expect(rejected.map(({ at }) => at)).toEqual([3, 4]);
  expect(lookTwice(listOf("", "  ", ["", "c"]), "group").rejected.map(({ at }) => at)).toEqual([1, 2]);
});

test("the index knows texts of blanks, and none without any character", () => {
  const filter = createDistinctFilter("group", false);
  expect(listOf("", " ", "", "\t ", "").map(({ hit }) => filter.admits(hit))).toEqual([true, true, true, false, true]);
  expect(
    listOf("", ["", " "], ["", "x"]).map(({ hit }) => indexedValues(hit, "group").map(({ text }) => text)),
  ).toEqual([[], [" "], ["x"]]);
});
