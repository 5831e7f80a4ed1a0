/** Narrowing never loses a hit: only spellings that are the one spelling of their document count. */
import { describe, expect, test } from "bun:test";
import { pinnedKeys } from "../../../../src/core/filters/pinned-keys.ts";

const pinned = (filter: unknown, keysMax = 10) => pinnedKeys(filter, "id", keysMax);

describe("narrowed", () => {
  test.each<[filter: unknown, keys: readonly string[]]>([
    ["id = 7", ["7"]],
    ["id = '7'", ["7"]],
    ["id = -7", ["-7"]],
    ["id = 0", ["0"]],
    ["id = 2024-01-05", ["2024-01-05"]],
    ["id = 20_24", ["20_24"]],
    ["id = 999999999999999", ["999999999999999"]],
    ["id IN [1, 2, 1]", ["1", "2"]],
    ["id = 1 OR id IN [2, 3]", ["1", "2", "3"]],
    ["id = 1 AND color = red", ["1"]],
    ["(color = red OR color = blue) AND (id = 1 OR id = 2)", ["1", "2"]],
    ["id IN [1, 2, 3] AND id IN [2, 4]", ["2", "4"]],
    ["NOT NOT id = 1", ["1"]],
    [["color = red", "id = 1"], ["1"]],
    [
      [["id = 1", "id = 2"], "color = red"],
      ["1", "2"],
    ],
    [[["id = 1", " "]], ["1"]],
    [["", "id = 1"], ["1"]],
  ])("%p", (filter, keys) => {
    expect(pinned(filter)).toEqual(keys);
  });
});

describe("not narrowed", () => {
  test.each<[why: string, filter: unknown]>([
    ["no filter", undefined],
    ["no filter", null],
    ["no filter", ""],
    ["no filter", []],
    ["an array that is no filter", [[]]],
    ["not a filter", 5],
    ["not a filter", { id: 1 }],
    ["not a filter", ["id = 1 OR", 5]],
    ["a filter that is wrong", "id = 1 AND"],
    ["another field", "uid = 1"],
    ["another field that contains the key's name", "author.id = 1"],
    ["a field whose case differs", "ID = 1"],
    ["one branch of an OR is free", "id = 1 OR color = red"],
    ["one alternative of an array is free", [["id = 1", "color = red"]]],
    ["negated", "NOT id = 1"],
    ["negated", "id != 1"],
    ["negated", "id NOT IN [1, 2]"],
    ["a range", "id > 1"],
    ["a range", "id 1 TO 2"],
    ["only that it exists", "id EXISTS"],
    ["about documents of another index", "_foreign(author, id = 1)"],
    ["letters, since ABC is found too", "id = abc"],
    ["letters in one of the values", "id IN [1, abc]"],
    ["no canonical integer, since 7 is found too", "id = 007"],
    ["a decimal", "id = 7.0"],
    ["an exponent", "id = 1e2"],
    ["minus zero", "id = -0"],
    ["blanks that are trimmed", "id = ' 7'"],
    ["a full-width digit, which is the same to the engine", "id = ７"],
    ["an integer whose neighbours are the same number", "id = 9007199254740993"],
    ["more digits than are certain", "id = 1000000000000000"],
    ["a value so long that stored ones are cut before it ends", `id = '${"1-".repeat(250)}'`],
    ["nothing at all", "id IN []"],
    ["an empty value", "id = ''"],
  ])("%s: %p", (_why, filter) => {
    expect(pinned(filter)).toBeNull();
  });

  test("more keys than are worth it", () => {
    expect(pinned("id IN [1, 2, 3]", 3)).toEqual(["1", "2", "3"]);
    expect(pinned("id IN [1, 2, 3]", 2)).toBeNull();
  });
});

test("a nested primary key is compared as the path it is", () => {
  expect(pinnedKeys("author.id = 1", "author.id", 10)).toEqual(["1"]);
  expect(pinnedKeys("'author.id' = 1", "author.id", 10)).toEqual(["1"]);
});
