/** An index of a router is known by its settings on the node, and no index of somebody else is taken for one. */
import { expect, test } from "bun:test";
import { isMadeByRouter } from "../../../../src/core/settings/made-by-router.ts";
import { initialNodeSettings } from "../../../../src/core/settings/to-node-patch.ts";
import { PLAIN_FORM } from "../../../../src/core/settings/node-form.ts";

test("whatever a client has set, and in both forms of the tie-break", () => {
  for (const client of [{}, { filterableAttributes: ["genre", "*"] }, { filterableAttributes: [] }]) {
    for (const tieBreak of ["sequence", "node"] as const) {
      expect(isMadeByRouter(initialNodeSettings(client, { ...PLAIN_FORM, tieBreak })["filterableAttributes"])).toBe(
        true,
      );
    }
  }
});

test("indexes that no router has made are not", () => {
  const rule = { attributePatterns: ["genre"], features: { facetSearch: true } };
  for (const other of [[], ["*"], ["genre", rule], null, "genre", [null, 5, { attributePatterns: "x" }]]) {
    expect(isMadeByRouter(other)).toBe(false);
  }
});
