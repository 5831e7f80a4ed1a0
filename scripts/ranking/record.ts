/**
 * Records the real engine's answers to made queries: that of one index with all documents, and that of every shard, each
 * in an index of its own. Without options it makes `tests/golden/skewed-corpus.json.zst`, which tests merge without an
 * engine and `compare-strategies.ts` measures. Queries of several words are asked by word frequency as well.
 */
import { parseArgs } from "node:util";
import { createRecorder, writeRecording, type RecordedQuery } from "../../tests/golden/recording.ts";
import { nodeRequest, startNode } from "../../tests/support/nodes.ts";
import { GOLDEN_KINDS, makeQueries, QUERY_KINDS, type MadeQuery } from "./queries.ts";
import { loadShardedIndex, type ShardedIndex } from "../../tests/support/sharded-index.ts";
import { CORPUS_SETTINGS, cutCorpus, readCorpus, SKEWED } from "./skewed-corpus.ts";

const { values } = parseArgs({
  options: {
    /** `wide`, `dense`, or a file with one document per line. */
    corpus: { type: "string", default: "wide" },
    documents: { type: "string", default: "20000" },
    /** Shares of the shards, with commas between them. */
    weights: { type: "string", default: SKEWED.join(",") },
    each: { type: "string", default: "300" },
    "all-kinds": { type: "boolean", default: false },
    limit: { type: "string", default: "100" },
    seed: { type: "string", default: "5" },
    out: { type: "string", default: "tests/golden/skewed-corpus.json.zst" },
  },
});
const seed = Number(values.seed);
const limit = Number(values.limit);
const kinds = values["all-kinds"] ? QUERY_KINDS : GOLDEN_KINDS;
const documents = readCorpus(values.corpus, Number(values.documents), seed);
const { shardOf, sizes } = cutCorpus(documents, values.weights.split(",").map(Number), seed);
const recorder = createRecorder();

const node = await startNode({ kind: "meilisearch" });
try {
  const input = { uid: "recorded", documents, shards: sizes.length, shardOf, settings: CORPUS_SETTINGS };
  const index = await loadShardedIndex(node, input);
  console.error("loaded");
  const queries: RecordedQuery[] = [];
  for (const query of makeQueries({ documents, kinds, each: Number(values.each), seed })) {
    queries.push(await record(index, query));
    if (queries.length % 100 === 0) console.error(`${queries.length} queries`);
  }
  const { body: version } = await nodeRequest(node, "GET", "/version");
  const judgements = recorder.judgements();
  const facts = { engine: version.pkgVersion as string, seed, documents: documents.length, limit, shardSizes: sizes };
  const bytes = await writeRecording(values.out, { ...facts, judgements, queries });
  console.log(JSON.stringify({ ...facts, queries: queries.length, judgements: judgements.length, bytes }));
} finally {
  await node.stop();
}

async function record(index: ShardedIndex, { kind, q, filter }: MadeQuery): Promise<RecordedQuery> {
  const asked = { q, ...(filter === undefined ? {} : { filter }) };
  const body = { ...asked, limit, attributesToRetrieve: ["id"], showRankingScore: true, showRankingScoreDetails: true };
  const answers = await Promise.all(sizes.map((_size, shard) => index.shard(shard, body)));
  const whole = recorder.add(JSON.stringify(await index.whole(body)));
  const words = q.split(" ");
  const exact = await Promise.all(words.length < 2 ? [] : sizes.map((_size, shard) => index.exactCounts(shard, words)));
  const recorded = {
    kind,
    ...asked,
    whole,
    shards: answers.map((answer) => recorder.add(answer)),
    ...(exact.length === 0 ? {} : { exact }),
  };
  return kind === "multi" ? { ...recorded, frequency: await recordFrequency(index, body) } : recorded;
}

/** With the words dropped by each shard's own frequencies, and by those of all shards. */
async function recordFrequency(index: ShardedIndex, body: object): Promise<NonNullable<RecordedQuery["frequency"]>> {
  const asked = { ...body, matchingStrategy: "frequency" };
  const ranking = { strategy: "dfs", rrfK: 60 } as const;
  const [whole, own, global] = await Promise.all([
    index.whole(asked),
    index.merged(asked, ranking, { statistics: false }),
    index.merged(asked, ranking),
  ]);
  const [wholeIds, ownIds, globalIds] = [whole, own, global].map(({ hits }) => hits.map(({ id }) => id));
  return { whole: wholeIds!, own: ownIds!, global: globalIds! };
}
