/** What the nodes themselves know of a fleet whose store is lost: their indexes, settings, samples of documents, tasks. */
import { decodeShard } from "../../core/markers/codec.ts";
import { SHARD_FIELD } from "../../core/markers/fields.ts";
import type { Sample } from "../../core/recover/prove-shards.ts";
import { isObject, type JsonObject } from "../../core/settings/json-shape.ts";
import { apiError } from "../../core/errors/api-error.ts";
import type { NodeClient } from "../../nodes/node-client.ts";

export interface NodeIndex {
  readonly nodeId: string;
  readonly uid: string;
  readonly primaryKey: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly settings: JsonObject;
  readonly samples: readonly Sample[];
  /** Sampled documents without a shard that can be read. */
  readonly unmarked: number;
}

export interface NodeContents {
  readonly nodeId: string;
  readonly indexes: readonly NodeIndex[];
  /** uids of the API keys, ascending. */
  readonly keys: readonly string[];
  /** No task of the node has this number or a higher one. */
  readonly tasksBelow: number;
}

/** Throws `miroir_node_unavailable` when the node does not tell everything: what is missing would be lost. */
export async function readNode(client: NodeClient, timeoutMs: number): Promise<NodeContents> {
  const ask = async (method: "GET" | "POST", path: string, body?: unknown): Promise<JsonObject> => {
    const outcome = await client.send({
      method,
      path,
      operation: "recover.read",
      timeoutMs,
      repeat: "safe",
      ...(body === undefined ? {} : { body: JSON.stringify(body), contentType: "application/json" }),
    });
    const answer: unknown = outcome.kind === "answered" ? JSON.parse(outcome.text) : null;
    if (isObject(answer)) return answer;
    const why =
      outcome.kind === "refused" ? outcome.error.message : outcome.kind === "unavailable" ? outcome.message : "";
    throw apiError("miroir_node_unavailable", `Node \`${client.nodeId}\` does not answer ${method} ${path}: ${why}`);
  };
  const indexes: NodeIndex[] = [];
  for (const listed of await all(ask, "/indexes")) {
    const uid = String(listed["uid"]);
    const settings = await ask("GET", `/indexes/${uid}/settings`);
    const primaryKey = typeof listed["primaryKey"] === "string" ? listed["primaryKey"] : null;
    const found = primaryKey === null ? NO_SAMPLES : await sample(ask, uid, primaryKey);
    const [createdAt, updatedAt] = [listed["createdAt"], listed["updatedAt"]].map((time) => Date.parse(String(time)));
    indexes.push({
      nodeId: client.nodeId,
      uid,
      primaryKey,
      createdAt: createdAt as number,
      updatedAt: updatedAt as number,
      settings,
      ...found,
    });
  }
  const keys = (await all(ask, "/keys")).map((key) => String(key["uid"])).toSorted();
  const [newest] = ((await ask("GET", "/tasks?limit=1"))["results"] ?? []) as readonly { readonly uid: number }[];
  return { nodeId: client.nodeId, indexes, keys, tasksBelow: (newest?.uid ?? -1) + 1 };
}

type Ask = (method: "GET" | "POST", path: string, body?: unknown) => Promise<JsonObject>;

async function all(ask: Ask, path: string): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const page = (await ask("GET", `${path}?limit=${PAGE}&offset=${offset}`))["results"];
    if (!Array.isArray(page)) return found;
    found.push(...page.filter(isObject));
    if (page.length < PAGE) return found;
  }
}

async function sample(ask: Ask, uid: string, primaryKey: string): Promise<Pick<NodeIndex, "samples" | "unmarked">> {
  const { results } = await ask("POST", `/indexes/${uid}/documents/fetch`, {
    fields: [primaryKey, SHARD_FIELD],
    limit: SAMPLES_PER_NODE,
  });
  const samples: Sample[] = [];
  let unmarked = 0;
  for (const document of Array.isArray(results) ? results : []) {
    const marker: unknown = isObject(document) ? document[SHARD_FIELD] : undefined;
    const shard = typeof marker === "string" ? decodeShard(marker) : null;
    if (!isObject(document) || shard === null) unmarked += 1;
    else samples.push({ key: String(document[primaryKey]), shard });
  }
  return { samples, unmarked };
}

const NO_SAMPLES = { samples: [], unmarked: 0 } as const;
const PAGE = 1_000;
const SAMPLES_PER_NODE = 1_000;
