/** The generated pages are those of the code. */
import { expect, test } from "bun:test";
import { stalePages } from "../../../scripts/generate.ts";

test("docs/ is fresh (if not: bun run generate)", async () => {
  expect(await stalePages()).toEqual([]);
});
