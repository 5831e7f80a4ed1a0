/** Facet search against one single node: the same values, counts, order, spellings and errors. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createDice } from "../differential/random.ts";
import { askBoth, load, startWorld, type World } from "../differential/world.ts";
import {
  FACET_SETTINGS,
  facetDocuments,
  facetSearchRequest,
  REFUSED_FACET_SEARCHES,
} from "../support/facet-search-requests.ts";
import type { NodeAnswer } from "../support/nodes.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_130);
const REQUESTS = Number(process.env["MIROIR_REQUESTS"] ?? 100);
const PATH = "/indexes/films/facet-search";

for (const replicationFactor of [1, 2]) {
  describe(`RF ${replicationFactor}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ nodes: 3, replicationFactor });
      const writes = [
        { method: "POST", path: "/indexes", body: { uid: "films", primaryKey: "id" } },
        { method: "PATCH", path: "/indexes/films/settings", body: FACET_SETTINGS },
        { method: "POST", path: "/indexes/films/documents", body: facetDocuments(250, createDice(SEED)) },
      ];
      expect(await load(world, writes)).toEqual([]);
    }, 120_000);
    afterAll(() => world.stop());

    const expectSame = async (body: unknown): Promise<NodeAnswer> => {
      const [left, right] = await askBoth(world, "POST", PATH, body);
      // The request is part of what is compared, so that a difference names it.
      expect([JSON.stringify(body), right.status, steady(right)]).toEqual([
        JSON.stringify(body),
        left.status,
        steady(left),
      ]);
      return right;
    };

    test(`${REQUESTS} random facet searches give the single node's answers`, async () => {
      const dice = createDice(SEED + replicationFactor);
      let values = 0;
      for (let i = 0; i < REQUESTS; i++)
        values += (await expectSame(facetSearchRequest(dice))).body.facetHits?.length ?? 0;
      console.log(`facet searches, seed ${SEED}, RF ${replicationFactor}: ${REQUESTS} equal, ${values} values`);
      expect(values).toBeGreaterThan(REQUESTS);
    }, 120_000);

    test("what is wrong is said in the engine's words, and a marker is an attribute that nobody knows", async () => {
      for (const body of REFUSED_FACET_SEARCHES) {
        expect([JSON.stringify(body), (await expectSame(body)).status >= 400]).toEqual([JSON.stringify(body), true]);
      }
    });

    if (replicationFactor === 1) return;
    test("with one node down the answers stay complete and the same", async () => {
      await world.miroir.nodes.at(-1)!.kill();
      const dice = createDice(SEED + 7);
      for (let i = 0; i < 30; i++) {
        expect((await expectSame(facetSearchRequest(dice))).headers.get("x-miroir-degraded")).toBeNull();
      }
    }, 120_000);
  });
}

function steady({ body }: NodeAnswer): unknown {
  const { processingTimeMs, ...rest } = body as Record<string, unknown>;
  return { ...rest, timed: typeof processingTimeMs };
}
