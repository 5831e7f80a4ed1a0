/**
 * What an upload costs: 18 MB of JSON (20,000 documents of about 0.9 KB) scanned, validated and split for three nodes,
 * in a worker as in production, in place for comparison, and with the round trip of the body alone.
 */
import { streamBodies } from "../src/core/documents/assemble-bodies.ts";
import { createSplitter } from "../src/workers/create-splitter.ts";
import { createWorkerPool } from "../src/workers/pool.ts";
import type { PayloadFormat } from "../src/core/documents/payload-format.ts";
import type { SplitPlan } from "../src/core/documents/split-plan.ts";

export async function benchSplit(): Promise<Record<string, number>> {
  const text = sampleBatch();
  const pool = createWorkerPool({ count: 1, queueMax: 4 });
  const worker = createSplitter(pool, { minBytes: 0 });
  const inPlace = createSplitter(pool, { minBytes: Number.MAX_SAFE_INTEGER });
  try {
    return {
      split_18mb_ms: await median(() => split(worker, text)),
      split_18mb_in_place_ms: await median(() => split(inPlace, text)),
      split_handover_18mb_ms: await median(() => handOver(text)),
    };
  } finally {
    pool.close();
  }
}

type Splitter = ReturnType<typeof createSplitter>;

/** Both phases, without the time that copying the sample takes. */
async function split(splitter: Splitter, sample: Uint8Array): Promise<number> {
  const body = sample.slice();
  const start = performance.now();
  const plan = await splitter.plan({
    body,
    format: { kind: "json" } satisfies PayloadFormat,
    primaryKey: "id",
    reservedFields: ["_miroir_shard", "_miroir_seq"],
    geo: false,
    embedders: [],
    partial: false,
    shards: SHARDS,
  });
  if (plan.kind !== "planned" || plan.problem !== null) throw new TypeError("the sample is a good batch");
  const { bounds, idOf, shardOfId, expiryOf, needsArray: asArray } = plan;
  const places = { bounds, idOf, shardOfId, expiryOf, sequenceOfId: sequences(plan) };
  const options = { ...places, version: 1n, asArray, shardSets: thirds() };
  for (const stream of streamBodies(plan.body, options)) for (const _chunk of stream.chunks()) continue;
  return performance.now() - start;
}

/** The price of not keeping the body in the worker between the phases. */
async function handOver(sample: Uint8Array): Promise<number> {
  const body = sample.slice();
  const start = performance.now();
  structuredClone(body, { transfer: [body.buffer] });
  return Promise.resolve(performance.now() - start);
}

function sequences(plan: SplitPlan): BigUint64Array {
  return BigUint64Array.from(plan.ids, (_, i) => (1_800_000_000_000n << 22n) + BigInt(i));
}

function thirds(): readonly Uint8Array[] {
  return [0, 1, 2].map((third) => Uint8Array.from({ length: SHARDS }, (_, shard) => (shard % 3 === third ? 1 : 0)));
}

async function median(measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) times.push(await measure());
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number;
}

function sampleBatch(): Uint8Array {
  const documents = Array.from({ length: 20_000 }, (_, id) => ({
    id,
    title: `Title number ${id} — à la carte`,
    overview: "lorem ipsum dolor sit amet consectetur ".repeat(19),
    tags: ["a", "bb", "ccc"],
    rating: id / 7,
    nested: { year: 1900 + (id % 120), note: null, quoted: 'she said "no"' },
  }));
  return new TextEncoder().encode(JSON.stringify(documents));
}

const SHARDS = 64;
const ROUNDS = 9;
