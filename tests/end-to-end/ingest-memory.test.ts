/** The promise that a batch costs about three times its size in memory at most, however many nodes get parts of it. */
import { expect, test } from "bun:test";
import { measureIngest } from "../../bench/ingest-memory.ts";

test("a large batch with two copies on different nodes weighs less than three times its size", async () => {
  const { multiple } = await measureIngest(2, "json", 60);
  expect(multiple).toBeGreaterThan(0.9);
  expect(multiple).toBeLessThan(3);
}, 60_000);
