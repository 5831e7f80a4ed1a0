/**
 * Searches by words and meaning where fields decide in front of relevancy, or alone, where few values of a facet are shown,
 * where few hits can be paged, and where most documents have no value of the distinct attribute.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { firstDifference, normal } from "../differential/compare.ts";
import { parseExact, type Exact } from "../differential/exact-json.ts";
import { createDice, type Dice } from "../differential/random.ts";
import { load, startWorld, type World } from "../differential/world.ts";
import { HYBRID_SETTINGS, hybridDocuments, hybridRequest, type HybridExtra } from "../support/hybrid-requests.ts";
import { nodeRequest, realEnginePath } from "../support/nodes.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_130);
const REQUESTS = Number(process.env["MIROIR_REQUESTS"] ?? 40);

const SETTINGS: Readonly<Record<string, object>> = {
  fields_alone: { rankingRules: ["sort", "year:asc"] },
  fields_first: {
    rankingRules: ["year:desc", "words", "typo", "proximity", "attribute", "sort", "exactness"],
    faceting: { maxValuesPerFacet: 5 },
  },
  few_hits: { pagination: { maxTotalHits: 6 } },
  plain: {},
};

function documents(dice: Dice): readonly object[] {
  return hybridDocuments(200, dice).map((document) => {
    const { series, ...rest } = document as { readonly series: string };
    return dice.chance(0.5) ? rest : { ...rest, series: `s${Number(series.slice(1)) % 20}` };
  });
}

const KINDS: Readonly<Record<string, readonly HybridExtra[]>> = {
  "above a threshold, with facets": ["paging", "filter", "sort", "threshold", "facets"],
  "distinct, with a filter": ["paging", "filter", "sort", "distinct"],
  "distinct and above a threshold": ["paging", "sort", "distinct", "threshold"],
};

describe.skipIf(realEnginePath() === null)("by words and meaning", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ nodes: 3, replicationFactor: 2 });
    const own = { filterableAttributes: ["genre", "year", "series", "title"] };
    for (const [uid, settings] of Object.entries(SETTINGS)) {
      const writes = [
        { method: "POST", path: "/indexes", body: { uid, primaryKey: "id" } },
        { method: "PATCH", path: `/indexes/${uid}/settings`, body: { ...HYBRID_SETTINGS, ...own, ...settings } },
        { method: "POST", path: `/indexes/${uid}/documents`, body: documents(createDice(SEED)) },
      ];
      expect(await load(world, writes)).toEqual([]);
    }
  }, 180_000);
  afterAll(() => world.stop());

  async function difference(uid: string, body: object): Promise<string | null> {
    const [left, right] = await Promise.all(
      [world.single, world.miroir].map((target) => nodeRequest(target, "POST", `/indexes/${uid}/search`, body)),
    );
    const [expected, given] = [left!, right!].map(({ text }) => parseExact(text)) as [Exact, Exact];
    if (normal(expected) === normal(given)) return null;
    return `${uid} ${JSON.stringify(body)}: ${firstDifference(expected, given)}`;
  }

  for (const uid of Object.keys(SETTINGS)) {
    for (const [kind, extras] of Object.entries(KINDS)) {
      test(`${REQUESTS} searches of ${uid}, ${kind}, are answered as by one node`, async () => {
        const dice = createDice(SEED);
        const differences: string[] = [];
        for (let i = 0; i < REQUESTS; i++) {
          const {
            showRankingScore: _score,
            showRankingScoreDetails: _details,
            ...request
          } = hybridRequest(dice, extras);
          const facets = request["facets"] === undefined ? {} : { facets: ["title", "year"] };
          // Without a word everything is found by its words, and only what is near enough by meaning.
          const words = dice.chance(0.2) ? { q: "!!!" } : {};
          const found = await difference(uid, { ...request, ...facets, ...words });
          if (found !== null) differences.push(found);
        }
        expect(differences).toEqual([]);
      }, 90_000);
    }
  }
});
