/** The main method in small: one real node and Miroir over three, the same documents and requests, the same answers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateIndex, type GeneratedIndex } from "../differential/generated-run.ts";
import type { Kind } from "../differential/kinds.ts";
import { runDifferential, type DifferentialReport } from "../differential/run.ts";
import { killNodes, load, makeWorld, type World } from "../differential/world.ts";
import { startMiroir } from "../support/miroir.ts";
import { startNode, type TestNode } from "../support/nodes.ts";

const SEED = Number(process.env["MIROIR_SEED"] ?? 20_261_124);
const DOCUMENTS = 2_000;
const SEARCHES = 200;
/** What depends on the smaller dictionary of a node; nothing a merge does can help (`docs/differences.md`). */
const LOCAL_MAX = SEARCHES * 0.02;

const searches = generate(["search"], SEARCHES);
const documents = generate(["documents", "errors"], 60);
/** A node that a busy machine keeps waiting is no difference of answers. */
const PATIENT = "  scatter: { node_timeout_ms: 25000 }\n";
let single: TestNode;

function generate(kinds: readonly Kind[], requests: number): GeneratedIndex {
  const options = { seed: SEED, settings: 0, documents: DOCUMENTS, requests, kinds: new Set(kinds), reuseIds: false };
  return generateIndex(options);
}

beforeAll(async () => {
  console.log(`differential seed ${SEED}`);
  single = await startNode();
});
afterAll(() => single.stop());

for (const replicationFactor of [1, 2]) {
  describe(`RF ${replicationFactor}`, () => {
    let world: World;
    beforeAll(async () => {
      const miroir = await startMiroir({ nodes: 3, replicationFactor, config: PATIENT });
      world = makeWorld(single, miroir, () => miroir.stop());
      await load(world, [{ method: "DELETE", path: `/indexes/${searches.uid}` }]);
      expect(await load(world, searches.setup)).toEqual([]);
    });
    afterAll(() => world.stop());

    test(`${SEARCHES} generated searches give the single node's answers`, async () => {
      const report = await runDifferential(world, searches.requests);
      console.log(`RF ${replicationFactor}: ${JSON.stringify({ ...report, first_differences: undefined })}`);
      expectTheSame(report);
      expect(report.engine_local + report.formatted_local + report.score_local).toBeLessThanOrEqual(LOCAL_MAX);
      expect(report.equal + report.errors_equal).toBeGreaterThanOrEqual(SEARCHES * 0.95);
    });

    test("lists of documents, single documents and wrong requests are answered alike", async () => {
      const report = await runDifferential(world, documents.requests);
      expectTheSame(report);
      expect(report.equal).toBeGreaterThan(0);
      expect(report.errors_equal).toBeGreaterThan(0);
    });

    if (replicationFactor === 1) return;
    test("with one node down every answer is still complete and the same", async () => {
      await killNodes(world, 1);
      expectTheSame(await runDifferential(world, [...searches.requests.slice(0, 60), ...documents.requests]));
    });
  });
}

function expectTheSame(report: DifferentialReport): void {
  expect(report.first_differences.filter(({ verdict }) => verdict === "different")).toEqual([]);
  expect(report.different).toBe(0);
}
