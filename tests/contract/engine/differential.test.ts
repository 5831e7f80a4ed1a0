/**
 * The same documents, settings and random queries to the development node and to the real engine: hits in order, their
 * formatted copies, positions, scores and raw details, totals, facets and errors have to be equal. A seed can be given
 * in MIROIR_TEST_SEED. What is left out, because the two are known to differ there:
 * - `proximityPrecision: byAttribute`: the engine keeps the documents of a word pair for the rest of a search as they
 *   were within the first bucket that asked for them, so that later buckets lose some.
 * - facets sorted by count and cut: which of several equal counts is shown depends on the shape of the facet tree.
 * - a few of the marks in hits: the engine only marks the derivations of a misspelt word that ranking has happened to
 *   look up, which depends on the paths it could rule out before. They are counted, and may be one in fifty.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import {
  nodeRequest,
  realEnginePath,
  runTask,
  startNode,
  type NodeAnswer,
  type TestNode,
} from "../../support/nodes.ts";
import { randomCase } from "../../support/nodes-random-search.ts";

const SEED = Number(process.env["MIROIR_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const CASES = 3;
const DOCUMENTS = 200;
const QUERIES = 100;

/** Answers without what differs between two runs of one engine; numbers of the same value are equal. */
function comparable({ status, body }: NodeAnswer): unknown {
  const { processingTimeMs: _time, requestUid: _uid, ...answer } = body;
  return { status, ...rounded(answer) };
}

/** The answer without marked and cropped copies and positions. */
function unmarked(answer: NodeAnswer): NodeAnswer {
  const { hits, ...rest } = answer.body;
  if (hits === undefined) return answer;
  const bare = hits.map(({ _formatted, _matchesPosition, ...hit }: Record<string, unknown>) => hit);
  return { ...answer, body: { ...rest, hits: bare } };
}

function rounded(value: unknown): object {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === "number" ? Number(member.toPrecision(12)) : member,
  );
  return JSON.parse(text) as object;
}

describe.skipIf(realEnginePath() === null)(
  "against the real engine (skipped without one: there is nothing to compare with)",
  () => {
    let nodes: readonly TestNode[] = [];

    beforeAll(async () => {
      nodes = await Promise.all([startNode({ kind: "meilisearch" }), startNode({ kind: "devnode" })]);
    }, 120_000);

    afterAll(async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    });

    test.each(Array.from({ length: CASES }, (_, at) => [SEED + at]))(
      "both answer the queries of seed %p alike",
      async (seed) => {
        const { settings, documents, queries } = randomCase(seed, DOCUMENTS, QUERIES);
        for (const node of nodes) {
          await runTask(node, "PATCH", `/indexes/r${seed}/settings`, settings);
          await runTask(node, "POST", `/indexes/r${seed}/documents`, documents);
        }
        const otherMarks: unknown[] = [];
        for (const query of queries) {
          const [real, own] = await Promise.all(
            nodes.map((node) => nodeRequest(node, "POST", `/indexes/r${seed}/search`, query)),
          );
          if (real === undefined || own === undefined) throw new TypeError("two nodes are needed");
          const found = { seed, query, ...(comparable(unmarked(own)) as object) };
          expect(found).toEqual({ seed, query, ...(comparable(unmarked(real)) as object) });
          if (!Bun.deepEquals(comparable(own), comparable(real))) otherMarks.push(query);
          const facetOrder = ({ body }: NodeAnswer): string => JSON.stringify(body.facetDistribution ?? null);
          expect(facetOrder(own)).toBe(facetOrder(real));
        }
        expect(otherMarks.length, JSON.stringify(otherMarks)).toBeLessThanOrEqual(QUERIES / 50);
      },
      120_000,
    );
  },
);
