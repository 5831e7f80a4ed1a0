/** Markers on the real engine: invisible to every search, yet filtered and sorted by. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  encodeSequence,
  encodeShard,
  MARKER_ALPHABET,
  shardFilter,
  usesMarkerAlphabet,
} from "../../../../src/core/markers/codec.ts";
import { SEQUENCE_FIELD, SEQUENCE_RULE, SHARD_FIELD } from "../../../../src/core/markers/fields.ts";
import { createSequenceClock } from "../../../../src/core/markers/sequence-clock.ts";
import { nodeRequest, runTask, startNode, type TestNode } from "../../../support/nodes.ts";

const SHARDS = 64;
const clock = createSequenceClock(3);

/** Every seventh document holds the characters of markers itself, so that searches for them have something to find. */
const plainDocuments = Array.from({ length: 256 }, (_, i) => ({
  id: `k${letter(i / 26)}${letter(i)}`,
  title: `word${letter(i)}${i % 7 === 0 ? " a†b †‡ †† †x" : ""}`,
}));
const markedDocuments = plainDocuments.map((document, i) => ({
  ...document,
  [SHARD_FIELD]: encodeShard(i % SHARDS),
  [SEQUENCE_FIELD]: encodeSequence(clock.next(1_700_000_000_000 + i * 977)),
}));

function letter(i: number): string {
  return String.fromCharCode(97 + (Math.floor(i) % 26));
}

const characters = Array.from(MARKER_ALPHABET);
const queries = [
  ...Array.from({ length: 100 }, (_, i) => String(i)),
  ...characters.flatMap((character) => [character, character + character, `${character} zzz`, `a${character}b`]),
  ...[0, 5, 63].map(encodeShard),
  ...[0, 100, 255].map((i) => String(markedDocuments[i]?.[SEQUENCE_FIELD])),
  ..."†††† †‡ '††' -† worda †x word miroir _miroir_shard".split(" "),
  '"†‡"',
  "worda †",
];

/** Settings that mention the characters without making words of markers. */
const harmless = {
  nonSeparatorTokens: ["-", "_", ".", "#", "+", "@", "&", "/", "*", "'", "a†"],
  separatorTokens: ["†", "††", "‡†", "†x"],
  dictionary: ["a†b", "† ‡"],
  stopWords: ["†", "††"],
  synonyms: { word: ["†"], "†": ["worda"] },
};

describe("on a node", () => {
  let node: TestNode;

  beforeAll(async () => {
    node = await startNode();
  }, 60_000);

  afterAll(() => node.stop());

  async function createIndex(uid: string, settings: object, documents: readonly object[]): Promise<void> {
    await nodeRequest(node, "PATCH", `/indexes/${uid}/settings`, {
      ...settings,
      filterableAttributes: [SHARD_FIELD],
      sortableAttributes: [SEQUENCE_FIELD],
    });
    const task = await runTask(node, "POST", `/indexes/${uid}/documents?primaryKey=id`, documents);
    expect(task.status).toBe("succeeded");
  }

  async function search(uid: string, body: object): Promise<readonly { id: string }[]> {
    const answer = await nodeRequest(node, "POST", `/indexes/${uid}/search`, {
      limit: 1000,
      attributesToRetrieve: ["id"],
      showRankingScore: true,
      ...body,
    });
    expect(answer.status).toBe(200);
    return answer.body.hits;
  }

  /** The queries that an index with markers answers otherwise than one without, under the same settings. */
  async function queriesThatDiffer(name: string, settings: object): Promise<readonly string[]> {
    await createIndex(`${name}-marked`, settings, markedDocuments);
    await createIndex(`${name}-plain`, settings, plainDocuments);
    const differing: string[] = [];
    for (const q of queries) {
      for (const matchingStrategy of ["last", "all"]) {
        const marked = await search(`${name}-marked`, { q, matchingStrategy });
        const plain = await search(`${name}-plain`, { q, matchingStrategy });
        if (!Bun.deepEquals(marked, plain)) differing.push(q);
      }
    }
    return differing;
  }

  test("no query finds, ranks or scores anything by a marker", async () => {
    expect(await queriesThatDiffer("default", {})).toEqual([]);
    expect(await search("default-marked", { q: "zzz 17", matchingStrategy: "all" })).toEqual([]);
  }, 60_000);

  test("settings that are let through keep it so", async () => {
    const tokens = [...harmless.nonSeparatorTokens, ...harmless.dictionary];
    expect(usesMarkerAlphabet(tokens)).toBeNull();
    expect(await queriesThatDiffer("harmless", harmless)).toEqual([]);
  }, 60_000);

  test("settings that are refused would make markers searchable", async () => {
    for (const [name, settings] of Object.entries({
      separator: { nonSeparatorTokens: ["†"] },
      pair: { dictionary: ["†‡"] },
    })) {
      expect(usesMarkerAlphabet(Object.values(settings).flat())).not.toBeNull();
      expect(await queriesThatDiffer(name, settings)).not.toEqual([]);
    }
  }, 60_000);

  test("a shard filter selects exactly the documents of its shards", async () => {
    for (const shards of [[], [0], [5, 17, 63], Array.from({ length: SHARDS }, (_, shard) => shard)]) {
      const found = await search("default-marked", { filter: shardFilter(shards) });
      const expected = plainDocuments.filter((_, i) => shards.includes(i % SHARDS));
      expect(found.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort());
    }
  });

  test("sorting by the sequence gives insertion order, also when the documents arrived in another", async () => {
    await createIndex("reversed", {}, markedDocuments.toReversed());
    const found = await search("reversed", { sort: [SEQUENCE_RULE] });
    expect(found.map(({ id }) => id)).toEqual(plainDocuments.map(({ id }) => id));
  }, 60_000);
});
