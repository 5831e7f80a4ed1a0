import { expect, test } from "bun:test";
import { lacksMarker } from "../../../../src/core/markers/lacks-marker.ts";

const error = (message: string) => ({ message, code: "x", type: "invalid_request", link: "" });

test.each([
  [
    "Index `a`: Attribute `_miroir_shard` is not filterable. Available filterable attribute patterns are: `b`.",
    true,
    true,
  ],
  ["Attribute `_miroir_seq` is not sortable. This index does not have configured sortable attributes.", true, false],
  ["Attribute `b` is not filterable. Available filterable attribute patterns are: `_miroir_shard`, `c`.", false, false],
  ["Attribute `b` is not sortable. Available sortable attributes are: `_miroir_seq, c`.", false, false],
  ["Attribute `_miroir_other` is not filterable.", false, false],
  ["Inside `.queries[1]`: Index `a`: Attribute `_miroir_shard` is not filterable.", true, true],
  // What a client has written is repeated by the engine.
  ["Attribute `x` is not filterable.\n1:2 x = 'Attribute `_miroir_shard` is not filterable'", false, false],
  ["Index `a`: Was expecting an operation at `x: Attribute `_miroir_shard` is not filterable`.", false, false],
])("%s", (message, sorted, unsorted) => {
  expect(lacksMarker(error(message), true)).toBe(sorted);
  expect(lacksMarker(error(message), false)).toBe(unsorted);
});
