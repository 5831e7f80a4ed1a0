import { expect, test } from "bun:test";

import { planHybrid, planSemantic } from "../../../../src/core/search/plan-hybrid.ts";
import { planningOf } from "./planned-search.ts";

const SETTINGS = { embedders: { own: { source: "userProvided", dimensions: 2 } } };
const SEARCH = { q: "x", vector: [0.5, 1], hybrid: { embedder: "own", semanticRatio: 0.7 } };

/** Of both lists. */
function fingerprints(body: object): readonly number[] {
  const planning = planningOf(body, SETTINGS);
  const [keyword, semantic] = [planHybrid(planning), planSemantic(planning, [0.5, 1])];
  if (keyword.kind !== "plan" || semantic.kind !== "plan") throw new TypeError("a plan is to be had");
  return [keyword.plan.keyword.fingerprint, semantic.plan.fingerprint];
}

test("all pages of a search by words and meaning are asked of the same nodes, and so are both lists", () => {
  const [first, other] = fingerprints({ ...SEARCH, limit: 20 });
  expect(other).toBe(first);
  expect(fingerprints({ ...SEARCH, limit: 5, offset: 100 })).toEqual([first!, first!]);
  expect(fingerprints({ ...SEARCH, page: 3, hitsPerPage: 7 })).toEqual([first!, first!]);
  expect(fingerprints({ ...SEARCH, q: "y" })[0]).not.toBe(first!);
  expect(fingerprints({ ...SEARCH, vector: [0.5, 2] })[0]).not.toBe(first!);
});
