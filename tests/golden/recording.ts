/**
 * Answers of the real engine as they are kept for tests: what one index with everything said to each query, and what
 * each shard said. A hit is an id and the number of a judgement, the engine's own text of score and details; equal
 * judgements are kept once, the place in insertion order, which differs in every document, follows from the id.
 */
import { encodeSequence } from "../../src/core/markers/codec.ts";
import { readNodeAnswer, type NodeAnswer } from "../../src/core/merge/node-answer.ts";

export interface Recording {
  readonly engine: string;
  readonly seed: number;
  readonly documents: number;
  /** Hits asked for, of every list. */
  readonly limit: number;
  readonly shardSizes: readonly number[];
  /** `"_rankingScore":…,"_rankingScoreDetails":{…}` */
  readonly judgements: readonly string[];
  readonly queries: readonly RecordedQuery[];
}

export interface RecordedQuery {
  readonly kind: string;
  readonly q: string;
  readonly filter?: string;
  readonly whole: RecordedList;
  readonly shards: readonly RecordedList[];
  /** For queries of several words: in how many documents of each shard each word stands as it is written. */
  readonly exact?: readonly (readonly number[])[];
  /** The ids under `matchingStrategy: frequency`, of one index and merged with the shards' own and with common counts. */
  readonly frequency?: {
    readonly whole: readonly number[];
    readonly own: readonly number[];
    readonly global: readonly number[];
  };
}

export interface RecordedList {
  readonly total: number;
  /** An id, its judgement, the next id, … */
  readonly hits: readonly number[];
}

/** The value of the hidden rule, which is not kept. */
const PLACE = `"_miroir_seq:asc":{"order":#,"value":"`;
const PLACE_PATTERN = /"_miroir_seq:asc":\{"order":(\d+),"value":"[^"]*"\}/;

export async function readRecording(file: string | URL): Promise<Recording> {
  const packed = await Bun.file(file).bytes();
  return JSON.parse(new TextDecoder().decode(Bun.zstdDecompressSync(packed))) as Recording;
}

export async function writeRecording(file: string | URL, recording: Recording): Promise<number> {
  return Bun.write(file, Bun.zstdCompressSync(Buffer.from(JSON.stringify(recording)), { level: 19 }));
}

export function ids({ hits }: RecordedList): readonly number[] {
  return hits.filter((_value, at) => at % 2 === 0);
}

/**
 * What a node would have sent, with the members in the engine's order. `placed`: with the place in insertion order as a
 * stored field.
 */
export function nodeAnswer({ judgements }: Recording, list: RecordedList, placed = true): NodeAnswer {
  const texts: string[] = [];
  for (let at = 0; at < list.hits.length; at += 2) {
    const id = list.hits[at]!;
    const place = encodeSequence(BigInt(id));
    const judgement = judgements[list.hits[at + 1]!]!.replace(`"value":""`, `"value":"${place}"`);
    texts.push(`{"id":${id},${placed ? `"_miroir_seq":"${place}",` : ""}${judgement}}`);
  }
  const tail = `"query":"","processingTimeMs":1,"limit":1,"offset":0,"estimatedTotalHits":${list.total}`;
  const answer = readNodeAnswer(`{"hits":[${texts.join(",")}],${tail}}`);
  if (answer === null) throw new TypeError("a recording holds answers of the engine");
  return answer;
}

/** Collects lists and gives equal judgements one number. */
export function createRecorder(): {
  add(answer: string): RecordedList;
  judgements(): readonly string[];
} {
  const numbers = new Map<string, number>();
  return {
    add(answer) {
      const { hits, estimatedTotalHits } = JSON.parse(answer) as {
        readonly hits: readonly Readonly<Record<string, unknown>>[];
        readonly estimatedTotalHits: number;
      };
      const flat = hits.flatMap(({ id, _rankingScore, _rankingScoreDetails }) => {
        const text = JSON.stringify({ _rankingScore, _rankingScoreDetails }).slice(1, -1);
        const kept = text.replace(PLACE_PATTERN, (_all, order: string) => `${PLACE.replace("#", order)}"}`);
        const number = numbers.get(kept) ?? numbers.size;
        numbers.set(kept, number);
        return [id as number, number];
      });
      return { total: estimatedTotalHits, hits: flat };
    },
    judgements: () => [...numbers.keys()],
  };
}
