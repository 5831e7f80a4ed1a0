/** Similar documents against one single node: the same hits, order, scores, totals and errors. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createDice } from "../differential/random.ts";
import { askBoth, load, startWorld, type World } from "../differential/world.ts";
import type { NodeAnswer } from "../support/nodes.ts";
import {
  DISTRACTING_SETTINGS,
  REFUSED_SIMILAR,
  REFUSED_SIMILAR_QUERIES,
  SIMILAR_SETTINGS,
  similarDocuments,
  similarQuery,
  similarRequest,
} from "../support/similar-requests.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_130);
const REQUESTS = Number(process.env["MIROIR_REQUESTS"] ?? 60);
const DOCUMENTS = 240;

for (const replicationFactor of [1, 2]) {
  describe(`RF ${replicationFactor}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ nodes: 3, replicationFactor });
      const indexes = [
        ["films", SIMILAR_SETTINGS],
        ["ranked", DISTRACTING_SETTINGS],
        ["unfiltered", { ...DISTRACTING_SETTINGS, filterableAttributes: [] }],
      ] as const;
      const writes = indexes.flatMap(([uid, settings]) => [
        { method: "POST", path: "/indexes", body: { uid, primaryKey: "id" } },
        { method: "PATCH", path: `/indexes/${uid}/settings`, body: settings },
        { method: "POST", path: `/indexes/${uid}/documents`, body: similarDocuments(DOCUMENTS, createDice(SEED)) },
      ]);
      expect(await load(world, writes)).toEqual([]);
    }, 120_000);
    afterAll(() => world.stop());

    const expectSame = async (method: string, path: string, body?: unknown): Promise<NodeAnswer> => {
      const [left, right] = await askBoth(world, method, path, body);
      const asked = `${method} ${path} ${JSON.stringify(body)}`;
      expect([asked, right.status, steady(right)]).toEqual([asked, left.status, steady(left)]);
      return right;
    };

    test(`${REQUESTS} random requests give the single node's answers, by POST and by GET`, async () => {
      const dice = createDice(SEED + replicationFactor);
      let hits = 0;
      for (let i = 0; i < REQUESTS; i++) {
        const request = similarRequest(DOCUMENTS, dice);
        const path = `/indexes/${dice.chance(0.75) ? "films" : i % 2 === 0 ? "ranked" : "unfiltered"}/similar`;
        const answer = await (dice.chance(0.7)
          ? expectSame("POST", path, request)
          : expectSame("GET", `${path}?${similarQuery(request)}`));
        hits += answer.body.hits?.length ?? 0;
      }
      console.log(`similar documents, seed ${SEED}, RF ${replicationFactor}: ${REQUESTS} equal, ${hits} hits`);
      expect(hits).toBeGreaterThan(REQUESTS);
    }, 120_000);

    test("what is wrong is said in the engine's words", async () => {
      for (const body of REFUSED_SIMILAR) {
        const { status } = await expectSame("POST", "/indexes/films/similar", body);
        expect([JSON.stringify(body), status]).toEqual([JSON.stringify(body), 400]);
      }
      for (const query of REFUSED_SIMILAR_QUERIES) {
        const { status } = await expectSame("GET", `/indexes/films/similar?${query}`);
        expect([query, status]).toEqual([query, 400]);
      }
      expect((await expectSame("POST", "/indexes/nowhere/similar", { id: 1, embedder: "own" })).status).toBe(404);
      expect((await expectSame("POST", "/indexes/a b/similar", { id: 1, embedder: "own" })).status).toBe(400);
    });

    if (replicationFactor === 1) return;
    test("with one node down the answers stay complete and the same", async () => {
      await world.miroir.nodes.at(-1)!.kill();
      const dice = createDice(SEED + 7);
      for (let i = 0; i < 30; i++) {
        const { headers } = await expectSame("POST", "/indexes/films/similar", similarRequest(DOCUMENTS, dice));
        expect(headers.get("x-miroir-degraded")).toBeNull();
      }
    }, 120_000);
  });
}

/** Equally near documents come in the order of the engine's graph, so they are compared as a set. */
function steady({ body }: NodeAnswer): unknown {
  const { processingTimeMs, performanceDetails, hits, ...rest } = body as Record<string, unknown>;
  const found = (hits ?? []) as readonly SimilarHit[];
  const scores = [...new Set(found.map(({ _rankingScore }) => _rankingScore))];
  const groups = scores.map((score) => {
    const equal = found.filter(({ _rankingScore }) => _rankingScore === score);
    // Which of them are on a page at whose ends they are cut is the graph's choice as well.
    const cut = equal.length > 1 && (equal.includes(found[0]!) || equal.includes(found.at(-1)!));
    return cut ? [score, equal.length] : equal.toSorted((a, b) => String(a.id).localeCompare(String(b.id)));
  });
  return { ...rest, groups, timed: typeof processingTimeMs, detailed: typeof performanceDetails };
}

interface SimilarHit {
  readonly id?: unknown;
  readonly _rankingScore: number;
}
