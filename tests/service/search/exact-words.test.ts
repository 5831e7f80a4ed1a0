/** On the real engine: a word that one shard has never seen, and what `dfs` makes of it. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { realEnginePath, startNode, type TestNode } from "../../support/nodes.ts";
import { loadShardedIndex, type ShardedIndex } from "../../support/sharded-index.ts";

setDefaultTimeout(60_000);

const missing = realEnginePath() === null;

/** Only the second shard has a document with the word `paris`; the first has `parisian`. */
const documents = [
  { id: 0, title: "hotel", body: "parisian" },
  { id: 1, title: "hotel tower", body: "parisian" },
  { id: 2, title: "hotel", body: "paris" },
  { id: 3, title: "tower", body: "hotel parisian" },
  { id: 4, title: "hotel paris", body: "river" },
  { id: 5, title: "old hotel", body: "parisian paris" },
];

let node: TestNode;
let index: ShardedIndex;
beforeAll(async () => {
  if (missing) return;
  node = await startNode({ kind: "meilisearch" });
  const shardOf = (id: number): number => (id === 0 || id === 1 || id === 3 ? 0 : 1);
  const settings = { rankingRules: ["words", "exactness"] };
  index = await loadShardedIndex(node, { uid: "hotels", documents, shards: 2, shardOf, settings });
}, 60_000);
afterAll(async () => {
  if (!missing) await node.stop();
});

test.skipIf(missing)("`dfs` tests documents for a word of which their own node knows nothing", async () => {
  const body = { q: "hotel paris", showRankingScoreDetails: true };
  const whole = (await index.whole(body)).hits.map(({ id }) => id);
  const by = async (strategy: "details" | "dfs"): Promise<number[]> =>
    (await index.merged(body, { strategy, rrfK: 60 })).hits.map(({ id }) => id);
  expect(await by("dfs")).toEqual(whole);
  // The node that has never seen the word takes the title `hotel` for all that was looked for.
  expect(await by("details")).not.toEqual(whole);
});

test.skipIf(missing)("without the counts the answers are those of `details`", async () => {
  const body = { q: "hotel paris" };
  const uncounted = await index.merged(body, { strategy: "dfs", rrfK: 60 }, { statistics: false });
  expect(uncounted.hits).toEqual((await index.merged(body, { strategy: "details", rrfK: 60 })).hits);
});
