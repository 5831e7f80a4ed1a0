/**
 * Facets of more documents than the engine lists value by value: it then lists numbers by their size, while each node,
 * which has fewer of them, lists them as texts and cuts them off elsewhere.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { comparable } from "../support/clients-comparable.ts";
import { startPair, type Pair } from "../support/clients-pair.ts";
import { nodeRequest } from "../support/nodes.ts";

const TIMEOUT_MS = 240_000;
const DOCUMENTS = 4_200;

describe("facets of many documents", () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair(3, 2);
    await pair.load("PATCH", "/indexes/goods/settings", {
      filterableAttributes: ["id", "cents", "degrees", "tags", "few"],
      faceting: { maxValuesPerFacet: 40 },
    });
    const goods = Array.from({ length: DOCUMENTS }, (_unused, id) => ({
      id,
      name: `${["lamp", "chair"][id % 2]} ${id % 61}`,
      cents: ((id * 7919) % 100_003) / 100,
      degrees: [((id * 37) % 5_003) - 2_500, id % 9],
      tags: `t${id % 53}`,
      few: id % 30,
    }));
    await pair.load("POST", "/indexes/goods/documents?primaryKey=id", goods);
  }, TIMEOUT_MS);
  afterAll(() => pair.stop());

  const FACETS = [["id"], ["cents", "degrees"], ["few", "tags"], ["*"]];
  for (const filter of [undefined, "id < 3001", "id < 3000", "cents > 200.5"]) {
    test(
      `with the filter ${filter} they are those of one node, whichever order it lists them in`,
      async () => {
        for (const facets of FACETS) {
          for (const more of [{}, { q: "lamp" }, { q: "lamp chair", page: 1, hitsPerPage: 2 }]) {
            const body = { filter, facets, limit: 1, ...more };
            const { single, miroir } = await pair.both((side) =>
              nodeRequest(side, "POST", "/indexes/goods/search", body),
            );
            expect([body, comparable(miroir.body)]).toEqual([body, comparable(single.body)]);
          }
        }
      },
      TIMEOUT_MS,
    );
  }

  test("the smallest numbers come first, although every node lists others first", async () => {
    const { body } = await pair.miroir.request("POST", "/indexes/goods/search", { facets: ["id"], limit: 0 });
    expect(Object.keys(body.facetDistribution.id)).toEqual(Array.from({ length: 40 }, (_unused, id) => String(id)));
  });
});
