/**
 * Searches with a distinct attribute that is a blank text, a text without any character, or nothing in many documents: hits,
 * totals and facets of one single node, by words, by meaning and by both.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { firstDifference, normal } from "../differential/compare.ts";
import { parseExact, type Exact } from "../differential/exact-json.ts";
import { createDice, type Dice } from "../differential/random.ts";
import { load, startWorld, type World } from "../differential/world.ts";
import { HYBRID_SETTINGS, hybridDocuments, hybridRequest, type HybridExtra } from "../support/hybrid-requests.ts";
import { nodeRequest, realEnginePath } from "../support/nodes.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_130);
const REQUESTS = Number(process.env["MIROIR_REQUESTS"] ?? 30);
const COUNT = 200;

/** Sixty of these are equal to others, of which the engine knows one half. */
function documents(dice: Dice): readonly object[] {
  return hybridDocuments(COUNT, dice).map((document) => {
    const { series, ...rest } = document as { readonly series: string };
    const drawn = dice.below(10);
    if (drawn === 0) return rest;
    return { ...rest, series: drawn <= 3 ? "" : drawn <= 5 ? " " : drawn === 6 ? null : series };
  });
}

type Request = Record<string, unknown>;

function requestOf(dice: Dice, extras: readonly HybridExtra[], by: string): Request {
  const { vector, hybrid, ...words } = hybridRequest(dice, extras, by === "meaning");
  const request = by === "words" ? words : { ...words, vector, hybrid };
  return { ...request, distinct: "series" };
}

const KINDS: Readonly<Record<string, readonly HybridExtra[]>> = {
  plain: ["paging", "filter", "sort"],
  "above a threshold": ["paging", "filter", "threshold"],
};

describe.skipIf(realEnginePath() === null)("a distinct attribute with blank texts", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ nodes: 3, replicationFactor: 2 });
    const writes = [
      { method: "POST", path: "/indexes", body: { uid: "films", primaryKey: "id" } },
      { method: "PATCH", path: "/indexes/films/settings", body: HYBRID_SETTINGS },
      { method: "POST", path: "/indexes/films/documents", body: documents(createDice(SEED)) },
    ];
    expect(await load(world, writes)).toEqual([]);
  }, 120_000);
  afterAll(() => world.stop());

  const compare = async (body: Request): Promise<{ readonly difference: string | null; readonly short: boolean }> => {
    const [left, right] = await Promise.all(
      [world.single, world.miroir].map((target) => nodeRequest(target, "POST", "/indexes/films/search", body)),
    );
    const [expected, given] = [left!, right!].map(({ text }) => parseExact(text)) as [Exact, Exact];
    const difference = normal(expected) === normal(given) ? null : firstDifference(expected, given);
    const { hits, limit = 0, estimatedTotalHits = 0 } = left!.body;
    const short = hits.length > 0 && hits.length < limit && estimatedTotalHits > (left!.body.offset ?? 0) + limit;
    return { difference: difference === null ? null : `${JSON.stringify(body)}: ${difference}`, short };
  };

  for (const by of ["words", "meaning", "words and meaning"]) {
    for (const [kind, extras] of Object.entries(KINDS)) {
      test(`${REQUESTS} searches by ${by}, ${kind}, are answered as by one node`, async () => {
        const dice = createDice(SEED);
        const differences: string[] = [];
        for (let i = 0; i < REQUESTS; i++) {
          const { difference } = await compare(requestOf(dice, extras, by));
          if (difference !== null) differences.push(difference);
        }
        expect(differences).toEqual([]);
      }, 60_000);
    }
  }

  test("where documents lose their places again a page is as short as the engine's", async () => {
    const vector = [0.1, -0.2, 0.3, 0.4];
    const near = { vector, hybrid: { embedder: "own", semanticRatio: 0.9 } };
    const asked = [{ q: "" }, { q: "sun" }, { q: "sun", ...near }, { vector, hybrid: { embedder: "own" } }];
    const shown = [{ facets: ["series"] }, { facets: ["genre", "year"], attributesToRetrieve: ["title"] }];
    const bodies = asked.flatMap((body) =>
      shown
        .slice(0, "hybrid" in body && "q" in body ? 1 : 2)
        .map((one) => ({ ...body, ...one, distinct: "series", limit: 40 })),
    );
    const found = await Promise.all(bodies.map(compare));
    expect(found.map(({ difference }) => difference)).toEqual(found.map(() => null));
    expect(found.filter(({ short }) => short).length).toBeGreaterThan(2);
  });
});
