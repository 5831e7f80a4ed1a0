import { describe, expect, test } from "bun:test";

import { ApiError } from "../../../src/core/errors/api-error.ts";
import { encodeSequence } from "../../../src/core/markers/codec.ts";
import { shardOf } from "../../../src/core/routing/shard-of.ts";
import type { NodeRequest } from "../../../src/nodes/node-client.ts";
import type { NodeOutcome } from "../../../src/nodes/node-outcome.ts";
import { readDocument } from "../../../src/services/documents/read-document.ts";
import { readDocuments } from "../../../src/services/documents/read-documents.ts";
import { answered, refused, unavailable } from "../../support/fake-node-client.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createFleet, shardsAsked, type Fleet } from "./fake-fleet.ts";

const DOCUMENTS = 4000;
const replicated = [
  [
    ["a", "b"],
    ["b", "c"],
    ["c", "a"],
    ["a", "c"],
  ],
];
const signal = new AbortController().signal;

/** Document `i` belongs to shard `i % 4` and was the `i`-th to be inserted. */
function documentsFleet(): Fleet {
  const fleet = createFleet({ owners: replicated });
  const held: Record<string, readonly number[]> = { a: [0, 2, 3], b: [0, 1], c: [1, 2, 3] };
  for (const node of Object.values(fleet.nodes)) {
    node.answerWith((request) => documentsAnswer(node.nodeId, shardsAsked(request, held[node.nodeId]!), request));
  }
  return fleet;
}

function documentsAnswer(nodeId: string, shards: readonly number[], request: NodeRequest): NodeOutcome {
  const { offset, limit, fields } = JSON.parse(request.body as string) as {
    readonly offset: number;
    readonly limit: number;
    readonly fields?: readonly string[];
  };
  const all = Array.from({ length: DOCUMENTS }, (_, i) => i).filter((i) => shards.includes(i % 4));
  const results = all.slice(offset, offset + limit).map((id) => {
    const document: Record<string, unknown> = { id, title: `t${id}`, _miroir_seq: encodeSequence(BigInt(id)) };
    if (fields === undefined) return document;
    return Object.fromEntries(fields.map((field) => [field, document[field]]));
  });
  return answered(nodeId, { results, offset, limit, total: all.length });
}

async function list(fleet: Fleet, parameters: object): Promise<{ results: readonly { id: number }[]; total: number }> {
  const judgement = { method: "POST", path: "/indexes/films/documents/fetch", body: "raw" } as const;
  const result = await readDocuments(fleet.deps, { indexUid: "films", parameters, judgement }, signal);
  return JSON.parse(result.text) as { results: { id: number }[]; total: number };
}

const NOT_SORTABLE = "Index `films`: Attribute `_miroir_seq` is not sortable. Available sortable attributes are: `a`.";
const NOT_FILTERABLE =
  "Index `films`: Attribute `_miroir_shard` is not filterable. This index does not have configured filterable attributes.";

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  );
}

describe("a list of documents", () => {
  test("is in insertion order over all shards, without markers", async () => {
    expect(await list(documentsFleet(), { limit: 3, offset: 2 })).toEqual({
      results: [2, 3, 4].map((id) => ({ id, title: `t${id}` })),
      offset: 2,
      limit: 3,
      total: DOCUMENTS,
    } as never);
  });

  test("shows only the fields that were asked for", async () => {
    expect((await list(documentsFleet(), { limit: 2, fields: ["title"] })).results as unknown).toEqual([
      { title: "t0" },
      { title: "t1" },
    ]);
  });

  test("far from the start is found without sending what is in front of it", async () => {
    const fleet = documentsFleet();
    const page = await list(fleet, { offset: 3000, limit: 5 });
    expect(page.results.map(({ id }) => id)).toEqual([3000, 3001, 3002, 3003, 3004]);
    for (const node of Object.values(fleet.nodes)) {
      for (const request of node.sent) {
        const { fields, limit } = JSON.parse(request.body as string) as { fields?: readonly string[]; limit: number };
        if (fields === undefined) expect(limit).toBeLessThanOrEqual(5);
      }
    }
  });

  test("far from the start is right also when a node fails between the two rounds", async () => {
    const fleet = documentsFleet();
    const node = fleet.nodes["c"]!;
    node.answerWith((request) => {
      if (!(request.body as string).includes('"fields"')) node.down = true;
      return documentsAnswer("c", shardsAsked(request, [1, 2, 3]), request);
    });
    const page = await list(fleet, { offset: 3000, limit: 5 });
    expect(page.results.map(({ id }) => id)).toEqual([3000, 3001, 3002, 3003, 3004]);
    expect(page.total).toBe(DOCUMENTS);
  });

  test("survives a node that fails and one that refuses alone", async () => {
    const down = documentsFleet();
    down.nodes["a"]!.down = true;
    const whole = await list(down, { limit: 9 });
    const refusing = documentsFleet();
    refusing.nodes["c"]!.answerWith(() => refused("c", 400, "invalid_document_sort"));
    expect(await list(refusing, { limit: 9 })).toEqual(whole);
    expect(whole.results.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("survives nodes that lack the markers, which are looked at: that is no fault of the request", async () => {
    const fleet = documentsFleet();
    const whole = await list(fleet, { limit: 9 });
    const lacking: string[] = [];
    const deps = { ...fleet.deps, lacksIndex: (nodeId: string, uid: string) => void lacking.push(`${nodeId} ${uid}`) };
    fleet.nodes["c"]!.answerWith(() => refused("c", 400, "invalid_document_sort", NOT_SORTABLE));
    expect(await list({ ...fleet, deps }, { limit: 9 })).toEqual(whole);
    expect(lacking).toEqual(["c films"]);
    for (const node of Object.values(fleet.nodes)) {
      node.answerWith(() => refused(node.nodeId, 400, "invalid_document_filter", NOT_FILTERABLE));
    }
    expect(await failure(list(fleet, { limit: 9 }))).toMatchObject({ status: 503, code: "miroir_shard_unavailable" });
  });

  test("by ids asks only their shards", async () => {
    const fleet = documentsFleet();
    await list(fleet, { ids: ["5"] });
    const asked = Object.values(fleet.nodes).flatMap((node) => node.sent);
    expect(asked).toHaveLength(1);
  });
});

describe("one document", () => {
  const shard = shardOf("x", 4);
  const owners = replicated[0]![shard]!;
  const get = (fleet: Fleet): Promise<string> => {
    const judgement = { method: "GET", path: "/indexes/films/documents/x" } as const;
    return readDocument(fleet.deps, { indexUid: "films", documentId: "x", rawQuery: "", judgement }, signal);
  };

  test("is asked of no owner that has ceased to serve while another was waited for", async () => {
    const fleet = createFleet({ owners: replicated });
    let asked: string | null = null;
    for (const nodeId of owners) {
      fleet.nodes[nodeId]!.answerWith(() => {
        // The other one comes back without its disk, and is being filled.
        if (asked === null) for (const other of owners) if (other !== nodeId) fleet.unreadable.add(other);
        asked ??= nodeId;
        return asked === nodeId ? unavailable(nodeId, "timeout") : refused(nodeId, 404, "document_not_found");
      });
    }
    expect(await rejectionOf(get(fleet))).toMatchObject({ status: 503, code: "miroir_shard_unavailable" });
  });

  test("comes from an owner of its shard, byte for byte", async () => {
    const fleet = createFleet({ owners: replicated });
    for (const nodeId of owners) {
      fleet.nodes[nodeId]!.answerWith(() =>
        answered(nodeId, '{"id":"x","n":1.0,"_miroir_shard":"†","big":123456789012345678901}'),
      );
    }
    expect(await get(fleet)).toBe('{"id":"x","n":1.0,"big":123456789012345678901}');
  });

  test("comes from the next owner when the first does not answer or answers garbage", async () => {
    const fleet = createFleet({ owners: replicated });
    fleet.nodes[owners[0]!]!.answerWith(() => answered(owners[0]!, "<html>"));
    fleet.nodes[owners[1]!]!.answerWith(() => answered(owners[1]!, '{"id":"x"}'));
    expect(await get(fleet)).toBe('{"id":"x"}');
    fleet.nodes[owners[0]!]!.down = true;
    expect(await get(fleet)).toBe('{"id":"x"}');
  });

  test("that does not exist is the node's own error", async () => {
    const fleet = createFleet({ owners: replicated });
    for (const nodeId of owners) {
      fleet.nodes[nodeId]!.answerWith(() => refused(nodeId, 404, "document_not_found", "Document `x` not found."));
    }
    const error = await failure(get(fleet));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 404, code: "document_not_found", message: "Document `x` not found." });
  });

  test("whose owners are all away is not said to be missing", async () => {
    const fleet = createFleet({ owners: replicated });
    for (const nodeId of owners) fleet.nodes[nodeId]!.down = true;
    expect(await failure(get(fleet))).toMatchObject({ status: 503, code: "miroir_shard_unavailable" });
  });
});
