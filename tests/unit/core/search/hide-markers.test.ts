import { describe, expect, test } from "bun:test";

import {
  hideMarkersInFilter,
  hideMarkersInNames,
  mayNameInJson,
  showMarkers,
} from "../../../../src/core/search/hide-markers.ts";

describe("a filter", () => {
  test.each([
    "_miroir_shard = 1",
    "NOT _miroir_seq EXISTS",
    "(_miroir_updated_at IS NOT NULL)",
    '"_miroir_shard" IN [a]',
    "'_miroir_seq' > a",
    "_miroir_seq!=a",
    "kind = a AND _miroir_seq STARTS WITH a",
    '_miroir_seq "a b" TO c',
    "_miroir_seq 1 TO 2",
  ])("%p means another field of as long a name", (text) => {
    const hidden = hideMarkersInFilter(text, false) as string;
    expect(hidden).not.toContain("_miroir_");
    expect(hidden).toHaveLength(text.length);
    expect(showMarkers(hidden)).toBe(text);
  });

  test.each([
    "kind = _miroir_shard",
    'kind IN [a, "_miroir_seq"] AND b = 1',
    'kind = "_miroir_seq exists"',
    "_miroir_other = 1",
    "a_miroir_shardx = 1",
    "a_miroir_shard = 1",
    "meta._miroir_shard EXISTS",
    "a-_miroir_seq IN [1]",
  ])("%p keeps its values and other names", (text) => {
    expect(hideMarkersInFilter(text, false)).toBe(text);
  });

  test("of lists is changed in each, and one that names nothing is the same as before", () => {
    expect(hideMarkersInFilter(["a = 1", ["_miroir_seq EXISTS", "b = 2"]], false)).toEqual([
      "a = 1",
      ["_miroiR_seq EXISTS", "b = 2"],
    ]);
    const plain = ["a = 1", ["b = 2"]];
    expect(hideMarkersInFilter(plain, false)).toBe(plain);
    expect(hideMarkersInFilter(undefined, false)).toBeUndefined();
  });
});

test("names, patterns and sorts are changed where they begin with one of Miroir's", () => {
  const names = ["_miroir_seq:asc", "_miroir_*", "_miroir*", "_miroir_shard", "_geo", "a_miroir_seq", "_miroir_other"];
  expect(hideMarkersInNames(names, false)).toEqual([
    "_miroiR_seq:asc",
    "_miroiR_*",
    "_miroiR*",
    "_miroiR_shard",
    "_geo",
    "a_miroir_seq",
    "_miroir_other",
  ]);
});

test("in JSON a name is seen also where its characters are written by their numbers", () => {
  expect(mayNameInJson(Buffer.from('{"filter":"_miroir_shard EXISTS"}'))).toBe(true);
  expect(mayNameInJson(Buffer.from('{"filter":"\\u005fmiroir_shard EXISTS"}'))).toBe(true);
  expect(mayNameInJson(Buffer.from('{"filter":"_m\\u0069ro\\u0069r_shard EXISTS"}'))).toBe(true);
  // As clients write that know nothing but ASCII.
  expect(mayNameInJson(Buffer.from('{"q":"\\u00e9t\\u00e9 miroir"}'))).toBe(false);
});

test("when documents expire is asked of nobody where they do, and is any field where they do not", () => {
  const filter = ["_miroir_expires_at > 5", "x = 1"];
  expect(hideMarkersInFilter(filter, true)).toEqual(["_miroiR_expires_at > 5", "x = 1"]);
  expect(hideMarkersInFilter(filter, false)).toEqual(filter);
  expect(hideMarkersInNames(["_miroir_expires_at:asc"], true)).toEqual(["_miroiR_expires_at:asc"]);
  expect(hideMarkersInNames(["_miroir_expires_at:asc"], false)).toEqual(["_miroir_expires_at:asc"]);
});
