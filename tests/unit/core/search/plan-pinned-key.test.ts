import { describe, expect, test } from "bun:test";

import type { PinTable } from "../../../../src/core/search-rules/pin-table.ts";
import { bodies, plan } from "./planned-search.ts";

describe("the primary key that tells what is pinned", () => {
  const pins: PinTable = { find: () => undefined, most: 1 };
  const both = (field: string): object => ({ hiddenKey: field, hiddenKeyFormatted: field });
  test.each([
    ["id", { attributesToRetrieve: ["title"] }, ["title", "id"], both("id")],
    ["id", { attributesToRetrieve: ["id"] }, ["id"], {}],
    ["id", {}, undefined, {}],
    ["id", { attributesToRetrieve: ["t"], attributesToHighlight: ["id"] }, ["t", "id"], { hiddenKey: "id" }],
    ["a.id", { attributesToRetrieve: ["title"] }, ["title", "a.id"], both("a")],
    ["a.id", { attributesToRetrieve: ["a"] }, ["a"], {}],
    ["a.id", { attributesToRetrieve: ["a.b"] }, ["a.b", "a.id"], both("a.id")],
    [
      "a.id",
      { attributesToRetrieve: ["t"], attributesToCrop: ["a.b:3"] },
      ["t", "a.id"],
      { hiddenKey: "a", hiddenKeyFormatted: "a.id" },
    ],
  ])("%p is asked for and cut out again where %p does not retrieve it", (primaryKey, request, asked, hidden) => {
    const made = plan(request, {}, { pins, primaryKey });
    expect(bodies(made)[0]?.["attributesToRetrieve"]).toEqual(asked);
    const { hiddenKey, hiddenKeyFormatted } = made.merge.view;
    expect({ hiddenKey, hiddenKeyFormatted } as object).toEqual(hidden);
  });
});
