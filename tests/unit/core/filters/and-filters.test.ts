/** A forced filter always applies and the client's stays what it was. */
import { describe, expect, test } from "bun:test";
import { andFilters } from "../../../../src/core/filters/and-filters.ts";

const NONE = [undefined, null, "", []];

describe("joining filters", () => {
  test("nothing forced leaves the client's filter as it is", () => {
    for (const client of ["a = 1", ["a = 1", ["b = 2", "c = 3"]], 5, {}, "  "]) {
      expect(andFilters(client, [])).toBe(client);
      expect(andFilters(client, NONE)).toBe(client);
    }
  });

  test("every form of no filter is no filter", () => {
    for (const client of NONE) {
      expect(andFilters(client, NONE)).toBeUndefined();
      expect(andFilters(client, ["a = 1"])).toBe("a = 1");
      expect(andFilters(client, [["a = 1", "b = 1"]])).toEqual(["a = 1", "b = 1"]);
    }
  });

  test("texts become elements of their own, so that an OR cannot reach out", () => {
    expect(andFilters("a = 1 OR b = 2", ["_miroir_shard IN []"])).toEqual(["a = 1 OR b = 2", "_miroir_shard IN []"]);
    expect(andFilters("a = 1) OR (b = 2", ["c = 3"])).toEqual(["a = 1) OR (b = 2", "c = 3"]);
  });

  test("arrays keep their alternatives", () => {
    expect(andFilters([["a = 1", "b = 2"], "c = 3"], ["d = 4", [["e = 5", "f = 6"]]])).toEqual([
      ["a = 1", "b = 2"],
      "c = 3",
      "d = 4",
      ["e = 5", "f = 6"],
    ]);
  });

  test("a single forced alternative stays wrapped, since a bare array would AND its elements", () => {
    expect(andFilters(null, [[["a = 1", "b = 2"]]])).toEqual([["a = 1", "b = 2"]]);
  });

  test("what the engine refuses reaches it, so that it is refused in the engine's words", () => {
    expect(andFilters(5, ["a = 1"])).toBe(5);
    expect(andFilters({ a: 1 }, ["a = 1"])).toEqual({ a: 1 });
    expect(andFilters(["a = 1", 5], ["b = 1"])).toEqual(["a = 1", 5, "b = 1"]);
    expect(andFilters("a = 1", [5])).toEqual(["a = 1", 5]);
  });

  test("nothing that was handed in is changed", () => {
    const client = ["a = 1"];
    const forced = [["b = 1"]];
    andFilters(client, forced);
    expect([client, forced]).toEqual([["a = 1"], [["b = 1"]]]);
  });
});
