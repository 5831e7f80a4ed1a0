/** Searches by words and meaning against one single node: hits, order, scores, totals, facets and semantic counts. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { firstDifference, normal } from "../differential/compare.ts";
import { parseExact, type Exact } from "../differential/exact-json.ts";
import { createDice } from "../differential/random.ts";
import { askBoth, load, startWorld, type World } from "../differential/world.ts";
import { HYBRID_SETTINGS, hybridDocuments, hybridRequest, type HybridExtra } from "../support/hybrid-requests.ts";
import { realEnginePath } from "../support/nodes.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_130);
const REQUESTS = Number(process.env["MIROIR_REQUESTS"] ?? 30);

interface Kind {
  readonly extras: readonly HybridExtra[];
  readonly meaningAlone?: true;
  /** Totals may need a federation, which development nodes do not have. */
  readonly federates?: true;
}

const KINDS: Readonly<Record<string, Kind>> = {
  "with paging and filters": { extras: ["paging", "filter"] },
  "with facets": { extras: ["filter", "facets"] },
  sorted: { extras: ["paging", "sort"] },
  "with highlights": { extras: ["filter", "format"] },
  "above a threshold": { extras: ["paging", "filter", "threshold", "facets"], federates: true },
  distinct: { extras: ["paging", "filter", "distinct"] },
  "distinct and above a threshold": { extras: ["paging", "filter", "distinct", "threshold"], federates: true },
  "by meaning alone and distinct": { extras: ["paging", "filter", "distinct", "facets"], meaningAlone: true },
};

for (const replicationFactor of [1, 2]) {
  describe(`RF ${replicationFactor}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ nodes: 3, replicationFactor });
      const writes = [
        { method: "POST", path: "/indexes", body: { uid: "films", primaryKey: "id" } },
        { method: "PATCH", path: "/indexes/films/settings", body: HYBRID_SETTINGS },
        { method: "POST", path: "/indexes/films/documents", body: hybridDocuments(200, createDice(SEED)) },
      ];
      expect(await load(world, writes)).toEqual([]);
    }, 120_000);
    afterAll(() => world.stop());

    for (const [kind, { extras, meaningAlone, federates }] of Object.entries(KINDS)) {
      test.skipIf(federates === true && realEnginePath() === null)(
        `${REQUESTS} searches by words and meaning ${kind} are answered as by one node`,
        async () => {
          const dice = createDice(SEED + replicationFactor);
          const differences: string[] = [];
          let semantic = 0;
          for (let i = 0; i < REQUESTS; i++) {
            const body = hybridRequest(dice, extras, meaningAlone);
            const [left, right] = await askBoth(world, "POST", "/indexes/films/search", body);
            const [expected, given] = [left, right].map(({ text }) => parseExact(text)) as [Exact, Exact];
            if (normal(expected) !== normal(given)) {
              differences.push(`${JSON.stringify(body)}: ${firstDifference(expected, given)}`);
            }
            semantic += Number(right.body.semanticHitCount > 0);
          }
          console.log(
            `hybrid ${kind}, seed ${SEED}, RF ${replicationFactor}: ${differences.length} of ${REQUESTS} differ`,
          );
          expect(differences).toEqual([]);
          expect(semantic).toBeGreaterThan(0);
        },
        60_000,
      );
    }
  });
}
