/**
 * One corpus twice in one real engine: whole, in a plain index, and cut into shards, each in an index of its own with
 * the markers that Miroir stores. Words are known per index, so a shard here knows no more than one on a node of its
 * own. The shards are searched with the router's own services, through clients that stand for one node each.
 */
import type { IndexEntry } from "../../src/core/catalog/index-entry.ts";
import { encodeSequence, encodeShard } from "../../src/core/markers/codec.ts";
import type { Ranking } from "../../src/core/merge/ranking.ts";
import type { ShardMap } from "../../src/core/routing/shard-map.ts";
import { initialNodeSettings } from "../../src/core/settings/to-node-patch.ts";
import { createHttpNodeClient } from "../../src/nodes/http/http-node-client.ts";
import type { NodeClient, NodeRequest } from "../../src/nodes/node-client.ts";
import type { NodeOutcome } from "../../src/nodes/node-outcome.ts";
import { createGroupRotation } from "../../src/services/search/choose-group.ts";
import { search, type SearchDeps } from "../../src/services/search/search.ts";
import { waitForEnd } from "./miroir.ts";
import { nodeRequest, type TestNode } from "./nodes.ts";
import { PLAIN_FORM } from "../../src/core/settings/node-form.ts";

export interface ShardedIndex {
  readonly shards: number;
  /** The answer of the whole index. */
  whole(body: object): Promise<SearchAnswer>;
  /** What one shard answers to a request in the nodes' form. */
  shard(shard: number, body: object): Promise<string>;
  /** In how many documents of one shard each word stands as it is written. */
  exactCounts(shard: number, words: readonly string[]): Promise<readonly number[]>;
  /** The router's answer. `statistics`: may it ask for the frequencies of words? */
  merged(body: object, ranking: Ranking, options?: { readonly statistics: boolean }): Promise<SearchAnswer>;
}

export interface SearchAnswer {
  readonly hits: readonly (Readonly<Record<string, unknown>> & { readonly id: number })[];
  readonly estimatedTotalHits: number;
}

export interface ShardedIndexInput {
  readonly uid: string;
  /** In the order of insertion; the id is the place in it. */
  readonly documents: readonly { readonly id: number }[];
  readonly shards: number;
  readonly shardOf: (id: number) => number;
  readonly settings: Readonly<Record<string, unknown>>;
}

export async function loadShardedIndex(node: TestNode, input: ShardedIndexInput): Promise<ShardedIndex> {
  const { uid, documents, shards, shardOf } = input;
  await fill(node, uid, input.settings, documents);
  for (let shard = 0; shard < shards; shard += 1) {
    const own = documents.filter(({ id }) => shardOf(id) === shard);
    const marked = own.map((document) => ({
      ...document,
      _miroir_shard: encodeShard(shard),
      _miroir_seq: encodeSequence(BigInt(document.id)),
    }));
    await fill(node, shardName(uid, shard), initialNodeSettings(input.settings, PLAIN_FORM), marked);
  }
  const ask = async (name: string, body: object): Promise<string> => {
    const { status, text } = await nodeRequest(node, "POST", `/indexes/${name}/search`, body);
    if (status !== 200) throw new TypeError(`${name} refuses ${JSON.stringify(body)}: ${text}`);
    return text;
  };
  const depsWith = searchDeps(node, input);
  return {
    shards,
    whole: async (body) => JSON.parse(await ask(uid, body)) as SearchAnswer,
    shard: (shard, body) => ask(shardName(uid, shard), body),
    async exactCounts(shard, words) {
      const queries = words.map((word) => ({ indexUid: shardName(uid, shard), q: `"${word}"`, limit: 0 }));
      const { body } = await nodeRequest(node, "POST", "/multi-search", { queries });
      return body.results.map((result: { estimatedTotalHits: number }) => result.estimatedTotalHits);
    },
    async merged(body, ranking, { statistics } = { statistics: true }) {
      const judgement = { method: "POST", path: `/indexes/${uid}/search`, body: JSON.stringify(body) } as const;
      const input_ = { indexUid: uid, parameters: body, judgement, forcedFilter: undefined, includeMetadata: false };
      const { text } = await search(depsWith(ranking, statistics), input_, new AbortController().signal);
      return JSON.parse(text) as SearchAnswer;
    },
  };
}

function shardName(uid: string, shard: number): string {
  return `${uid}-${shard}`;
}

async function fill(node: TestNode, uid: string, settings: object, documents: readonly object[]): Promise<void> {
  const steps: (readonly [string, string, unknown])[] = [
    ["POST", "/indexes", { uid, primaryKey: "id" }],
    ["PATCH", `/indexes/${uid}/settings`, { ...settings, searchCutoffMs: CUTOFF_MS }],
  ];
  for (let from = 0; from < documents.length; from += BATCH) {
    steps.push(["POST", `/indexes/${uid}/documents`, documents.slice(from, from + BATCH)]);
  }
  for (const [method, path, body] of steps) {
    const { taskUid } = (await nodeRequest(node, method, path, body)).body;
    const task = await waitForEnd(node, taskUid, FILL_TIMEOUT_MS);
    if (task.status !== "succeeded") throw new TypeError(`${path}: ${JSON.stringify(task.error)}`);
  }
}

function searchDeps(
  node: TestNode,
  { uid, shards, settings }: ShardedIndexInput,
): (ranking: Ranking, statistics: boolean) => SearchDeps {
  const entry: IndexEntry = {
    uid,
    primaryKey: "id",
    shards,
    state: "ready",
    settingsVersion: 1,
    settings,
    createdAt: 0,
    updatedAt: 0,
  };
  const names = Array.from({ length: shards }, (_unused, shard) => shardName(uid, shard));
  const map: ShardMap = {
    epoch: 1,
    shards,
    owners: [names.map((name) => [name])],
    shardsOf: new Map(names.map((name, shard) => [name, [shard]])),
  };
  const answers = new Map<string, Promise<NodeOutcome>>();
  return (ranking, statistics) => {
    const clients = new Map(names.map((name) => [name, shardClient(node, uid, name, { statistics, answers })]));
    return {
      fleet: {
        client: (nodeId) => clients.get(nodeId)!,
        readable: () => true,
        share: () => 1,
        worthTrying: () => Promise.resolve(true),
        shardMap: () => map,
      },
      catalog: { visible: () => entry },
      relay: () => Promise.reject(new TypeError("nothing here needs a judge")),
      knownFields: { among: (_entry, fields) => Promise.resolve(new Set(fields)) },
      rotation: createGroupRotation(),
      random: { fraction: () => 0, uint32: () => 0, uuidV4: () => "", uuidV7: () => "" },
      emit: () => undefined,
      policy: { nodeTimeoutMs: 60_000, retryOnTimeout: false, unavailableShards: "error", pinnedKeysMax: 0 },
      ranking,
    };
  };
}

/**
 * Stands for a node on which the index goes by its own name. All strategies are given the same answers: a search is sent
 * with everything that any of them needs, and once.
 */
function shardClient(node: TestNode, uid: string, name: string, options: ShardClientOptions): NodeClient {
  const client = createHttpNodeClient({ nodeId: name, address: node.url, masterKey: node.masterKey });
  return {
    ...client,
    send(request, signal) {
      if (request.path === "/multi-search" && !options.statistics) {
        const message = "not asked";
        return Promise.resolve({ kind: "unavailable", nodeId: name, reason: "connection", ambiguous: false, message });
      }
      const path = request.path.replace(`/indexes/${uid}/`, `/indexes/${name}/`);
      const body = complete(request.body, uid, name);
      const key = path + body;
      const known = options.answers.get(key);
      if (known !== undefined) return known;
      if (options.answers.size >= ANSWERS_MAX) options.answers.clear();
      const answer = client.send({ ...request, path, body }, signal);
      options.answers.set(key, answer);
      return answer;
    },
  };
}

interface ShardClientOptions {
  readonly statistics: boolean;
  readonly answers: Map<string, Promise<NodeOutcome>>;
}

function complete(body: NodeRequest["body"], uid: string, name: string): string {
  const parsed = JSON.parse(typeof body === "string" ? body : "{}") as Readonly<Record<string, unknown>>;
  if (parsed["queries"] !== undefined) {
    return JSON.stringify(parsed).replaceAll(`"indexUid":"${uid}"`, `"indexUid":"${name}"`);
  }
  const { attributesToRetrieve } = parsed;
  const attributes = Array.isArray(attributesToRetrieve)
    ? [...new Set([...attributesToRetrieve, "_miroir_seq"])]
    : ["*"];
  const wanted = { attributesToRetrieve: attributes, showRankingScore: true, showRankingScoreDetails: true };
  return JSON.stringify(Object.fromEntries(Object.entries({ ...parsed, ...wanted }).toSorted(byName)));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** Nothing here may depend on how busy the machine is. */
const CUTOFF_MS = 60_000;
const BATCH = 10_000;
/** For one batch, on a machine that has much else to do. */
const FILL_TIMEOUT_MS = 600_000;
/** A few queries to all shards. */
const ANSWERS_MAX = 200;
