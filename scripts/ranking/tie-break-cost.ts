/**
 * What `search.tie_break` costs on the real engine: the same documents in two nodes, one with the sequence as a rule and
 * one with the sequence stored. They are filled batch by batch and asked query by query in turn, so that whatever else
 * the machine does touches both alike. One line of JSON on stdout.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { encodeSequence, encodeShard } from "../../src/core/markers/codec.ts";
import { PLAIN_FORM } from "../../src/core/settings/node-form.ts";
import { initialNodeSettings } from "../../src/core/settings/to-node-patch.ts";
import { createDice } from "../../tests/differential/random.ts";
import { nodeRequest, runTask, startNode, type TestNode } from "../../tests/support/nodes.ts";
import { makeDocuments, makeVocabulary, type Vocabulary } from "./corpus.ts";

const { values } = parseArgs({
  options: {
    documents: { type: "string", default: "100000" },
    batch: { type: "string", default: "25000" },
    queries: { type: "string", default: "200" },
    "words-max": { type: "string", default: "24" },
    "minutes-max": { type: "string", default: "60" },
  },
});
const COUNT = Number(values.documents);
const BATCH = Number(values.batch);
const QUERIES = Number(values.queries);
const WORDS_MAX = Number(values["words-max"]);
const deadlineMs = performance.now() + Number(values["minutes-max"]) * 60_000;
const FORMS = ["node", "sequence"] as const;
type Form = (typeof FORMS)[number];
const UID = "made";
const TICKS_PER_SECOND = 100;
/** How many documents both nodes have; less than asked for when the time for filling was over. */
let filled = 0;
const WARM_UP = 10;
const NAMES: Readonly<Record<number, string>> = { 0: "placeholder", 1: "one_word", 3: "three_words" };

const vocabulary = makeVocabulary(60_000, 1, "dense");
const nodes = Object.fromEntries(
  await Promise.all(FORMS.map(async (form) => [form, await startNode({ kind: "meilisearch" })])),
) as Record<Form, TestNode>;
try {
  const indexingMs = await fill();
  const cpu = Object.fromEntries(FORMS.map((form) => [form, cpuSeconds(nodes[form])]));
  const sizes = Object.fromEntries(await Promise.all(FORMS.map(async (form) => [form, await sizeOf(nodes[form])])));
  const searches = await measureSearches();
  console.log(
    JSON.stringify({ documents: filled, indexing_ms: indexingMs, indexing_cpu_s: cpu, bytes_used: sizes, searches }),
  );
} finally {
  await Promise.all(FORMS.map((form) => nodes[form].stop()));
}

async function fill(): Promise<Record<Form, number>> {
  const total: Record<Form, number> = { node: 0, sequence: 0 };
  for (const form of FORMS) {
    await runTask(nodes[form], "POST", "/indexes", { uid: UID, primaryKey: "id" });
    const settings = { filterableAttributes: ["category"], sortableAttributes: ["price"] };
    await runTask(
      nodes[form],
      "PATCH",
      `/indexes/${UID}/settings`,
      initialNodeSettings(settings, { ...PLAIN_FORM, tieBreak: form }),
    );
  }
  for (let from = 0; from < COUNT; from += BATCH) {
    const body = batchText(from, Math.min(COUNT, from + BATCH));
    for (const form of (from / BATCH) % 2 === 0 ? FORMS : FORMS.toReversed()) {
      total[form] += await addBatch(nodes[form], body);
    }
    filled = Math.min(COUNT, from + BATCH);
    if (performance.now() > deadlineMs) break;
    console.error(`${from + BATCH} documents: ${JSON.stringify(total)}`);
  }
  return total;
}

function batchText(from: number, to: number): string {
  return makeDocuments(vocabulary, from, to, WORDS_MAX)
    .map((document) => {
      const markers = {
        _miroir_shard: encodeShard(document.id % 64),
        _miroir_seq: encodeSequence(BigInt(document.id)),
      };
      return JSON.stringify({ ...document, ...markers });
    })
    .join("\n");
}

/** The engine's own time from start to end of the task. Larger batches take longer than a test may wait for a task. */
async function addBatch(node: TestNode, body: string): Promise<number> {
  const answer = await nodeRequest(node, "POST", `/indexes/${UID}/documents`, body, {
    "content-type": "application/x-ndjson",
  });
  for (;;) {
    const { body: task } = await nodeRequest(node, "GET", `/tasks/${answer.body.taskUid}`);
    if (task.status === "failed") throw new TypeError(JSON.stringify(task.error));
    if (task.status === "succeeded") return Date.parse(task.finishedAt) - Date.parse(task.startedAt);
    await Bun.sleep(100);
  }
}

/** What the process has used so far: unlike the time on the clock, other work on the machine does not change it much. */
function cpuSeconds(node: TestNode): number {
  const fields = readFileSync(`/proc/${node.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function sizeOf(node: TestNode): Promise<number> {
  const { body } = await nodeRequest(node, "GET", "/stats");
  return body.usedDatabaseSize;
}

async function measureSearches(): Promise<object> {
  const result: Record<string, unknown> = {};
  for (const limit of [20, 200]) {
    for (const words of [0, 1, 3]) {
      const times: Record<Form, number[]> = { node: [], sequence: [] };
      const dice = createDice(limit + words);
      for (let i = 0; i < QUERIES + WARM_UP; i += 1) {
        const q = queryOf(vocabulary, words, dice.below(filled), dice.below(3));
        for (const form of i % 2 === 0 ? FORMS : FORMS.toReversed()) {
          const started = performance.now();
          await nodeRequest(nodes[form], "POST", `/indexes/${UID}/search`, {
            ...q,
            limit,
            showRankingScoreDetails: true,
          });
          if (i >= WARM_UP) times[form].push(performance.now() - started);
        }
      }
      result[`${NAMES[words]}_limit_${limit}`] = Object.fromEntries(
        FORMS.map((form) => [form, { p50_ms: percentile(times[form], 0.5), p99_ms: percentile(times[form], 0.99) }]),
      );
    }
  }
  return result;
}

/** Words that stand together in some document, so that something is found. */
function queryOf(from: Vocabulary, words: number, id: number, offset: number): { readonly q?: string } {
  if (words === 0) return {};
  const [document] = makeDocuments(from, id, id + 1, WORDS_MAX);
  return {
    q: document!.body
      .split(" ")
      .slice(offset, offset + words)
      .join(" "),
  };
}

function percentile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]! * 100) / 100;
}
