/** Which nodes have exchanged the names of two indexes, by what each says of their births. */
import { expect, test } from "bun:test";
import { swappedNodes } from "../../../src/services/indexes/swapped-nodes.ts";
import { answered, createFakeNodeClient } from "../../support/fake-node-client.ts";

const FILMS = "2026-01-01T00:00:01Z";
const SHOWS = "2026-01-01T00:00:02Z";

/** A node that has these indexes. */
function node(nodeId: string, indexes: Readonly<Record<string, string>>) {
  return createFakeNodeClient(nodeId, ({ path }) => {
    if (path.startsWith("/tasks")) return answered(nodeId, { results: [] });
    const uid = path.slice("/indexes/".length);
    const createdAt = indexes[uid];
    const missing = { message: "there is none", code: "index_not_found", type: "invalid_request", link: "" };
    return createdAt === undefined ? answered(nodeId, missing, 404) : answered(nodeId, { uid, createdAt });
  });
}

async function judged(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>, rename = false) {
  const deps = { client: () => node("n0", now), timeoutMs: 1_000 } as unknown as Parameters<typeof swappedNodes>[0];
  const swaps = [{ indexes: ["films", "shows"], rename }] as const;
  const verdict = await swappedNodes(deps, { n0: before }, swaps);
  return Object.entries(verdict).flatMap(([is, nodeIds]) => (nodeIds.length > 0 ? [is] : []));
}

test("an index that was there is looked for by both names", async () => {
  const both = { films: FILMS, shows: SHOWS };
  expect(await judged(both, both)).toEqual(["unswapped"]);
  expect(await judged(both, { films: SHOWS, shows: FILMS })).toEqual(["swapped"]);
  expect(await judged({ films: FILMS }, { shows: FILMS }, true)).toEqual(["swapped"]);
  expect(await judged({ films: FILMS }, { films: FILMS }, true)).toEqual(["unswapped"]);
  expect(await judged({ shows: SHOWS }, { films: SHOWS })).toEqual(["swapped"]);
});

test("a node that has neither has exchanged nothing: it has lost its disk, and is told nothing", async () => {
  expect(await judged({ films: FILMS }, {})).toEqual([]);
  expect(await judged({ shows: SHOWS }, {})).toEqual([]);
  expect(await judged({ films: FILMS, shows: SHOWS }, {})).toEqual([]);
});
