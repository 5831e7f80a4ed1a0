import { expect, test } from "bun:test";
import { createLabelCap } from "../../../src/telemetry/label-cap.ts";

test("names from outside are shown up to a number, what comes later is other", () => {
  const capped = createLabelCap(2);
  const shown = ["a", "b", "c", "a", "d"].map((index) => capped({ index, status: index }));
  expect(shown.map(({ index }) => index)).toEqual(["a", "b", "other", "a", "other"]);
  expect(shown.map(({ status }) => status)).toEqual(["a", "b", "c", "a", "d"]);
});

test("every such label has a list of its own", () => {
  const capped = createLabelCap(1);
  expect(capped({ index: "a", tenant: "t" })).toEqual({ index: "a", tenant: "t" });
  expect(capped({ index: "b", tenant: "t" })).toEqual({ index: "other", tenant: "t" });
});

test("labels from inside are left alone", () => {
  const capped = createLabelCap(0);
  const labels = { node_id: "n1" };
  expect(capped(labels)).toBe(labels);
});
