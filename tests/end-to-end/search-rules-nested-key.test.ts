/** Pins in an index whose primary key is nested: the key tells which document is pinned, also where nobody retrieves it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startPair, type Pair } from "../support/clients-pair.ts";
import { sameOn } from "../support/clients-same.ts";
import { realEnginePath } from "../support/nodes.ts";

const TIMEOUT_MS = 180_000;

describe.skipIf(realEnginePath() === null)("a nested primary key under search rules", () => {
  let pair: Pair;
  const same = sameOn(() => pair);
  beforeAll(async () => {
    pair = await startPair(3, 2);
    const films = Array.from({ length: 40 }, (_unused, id) => ({
      title: `${["moon", "star"][id % 2]} ${id}`,
      meta: { id, kind: `k${id % 3}`, ...(id % 4 === 0 ? { note: "moon" } : {}) },
      ...(id % 5 === 0 ? { "meta.kind": "plain" } : {}),
    }));
    await pair.load("PATCH", "/indexes/deep/settings", {
      filterableAttributes: ["meta.kind"],
      sortableAttributes: ["title"],
    });
    await pair.load("POST", "/indexes/deep/documents?primaryKey=meta.id", films);
    await same("PATCH", "/experimental-features", { dynamicSearchRules: true });
    const pin = (id: string, position: number): object => ({
      selector: { indexUid: "deep", id },
      action: { type: "pin", position },
    });
    await same("PATCH", "/dynamic-search-rules/low", {
      precedence: 9,
      actions: [pin("3", 0), pin("20", 3), pin("31", 0)],
    });
    await same("PATCH", "/dynamic-search-rules/high", { precedence: 1, actions: [pin("12", 0), pin("3", 2)] });
  }, TIMEOUT_MS);
  afterAll(() => pair.stop());

  const RETRIEVED = [undefined, ["title"], ["meta.kind"], ["meta"], ["meta.note", "title"], [], ["*"], ["meta.id"]];
  for (const attributesToRetrieve of RETRIEVED) {
    test(
      `retrieving ${JSON.stringify(attributesToRetrieve)} shows what one node shows`,
      async () => {
        for (const more of [
          {},
          { attributesToHighlight: ["*"] },
          { attributesToHighlight: ["meta.note"], attributesToCrop: ["title:1"] },
          { attributesToHighlight: ["title"], showMatchesPosition: true, showRankingScoreDetails: true },
          { distinct: "meta.kind", limit: 5 },
          { distinct: "meta.kind", attributesToHighlight: ["title"] },
          { page: 2, hitsPerPage: 4, sort: ["title:desc"] },
        ]) {
          const { body } = await same("POST", "/indexes/deep/search", { q: "moon", attributesToRetrieve, ...more });
          expect(body.hits.length).toBeGreaterThan(0);
        }
        const query = { indexUid: "deep", q: "star", ...(attributesToRetrieve ? { attributesToRetrieve } : {}) };
        await same("POST", "/multi-search", { federation: { limit: 6 }, queries: [query, { ...query, q: "moon" }] });
      },
      TIMEOUT_MS,
    );
  }
});
