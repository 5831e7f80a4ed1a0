/** The sizes of what every node has compacted, as one. */
import { expect, test } from "bun:test";
import { addSizes } from "../../../../src/core/tasks/add-sizes.ts";

test("sizes in different units are added as bytes and written in the largest unit that fits", () => {
  expect(addSizes(["2.1015625 MiB"])).toBe("2.1015625 MiB");
  expect(addSizes(["512 KiB", "512 KiB"])).toBe("1 MiB");
  expect(addSizes(["2.078125 MiB", "16 KiB", "100 B"])).toBe(`${(2_179_072 + 16_384 + 100) / 1_048_576} MiB`);
  expect(addSizes(["1 B", "2 B"])).toBe("3 B");
  expect(addSizes([])).toBe("0 B");
});

test("what is no size makes no sum", () => {
  expect(addSizes(["1 MiB", "a lot"])).toBeNull();
  expect(addSizes(["1 MiB", null])).toBeNull();
  expect(addSizes([12])).toBeNull();
});
