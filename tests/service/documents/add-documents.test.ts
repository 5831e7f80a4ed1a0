import { describe, expect, test } from "bun:test";
import { decodeSequence, encodeShard } from "../../../src/core/markers/codec.ts";
import { shardOf } from "../../../src/core/routing/shard-of.ts";
import { addDocuments } from "../../../src/services/documents/add-documents.ts";
import { deleteByIds } from "../../../src/services/documents/delete-documents.ts";
import { refusalOf } from "../../support/rejection-of.ts";
import { addInput, createRig, indexEntry, type Rig, type RigNode } from "./write-rig.ts";

const BATCH = Array.from({ length: 40 }, (_, id) => `{"id":${id}, "n":1.0,"n":2e0,"t":"é\\u00e9"}`);
const MARKERS = /,"_miroir_shard":"([^"]{8})","_miroir_seq":"([^"]{16})","_miroir_updated_at":"([^"]{16})"\}$/;

function nodesOf(rig: Rig): readonly (readonly [string, RigNode])[] {
  return [...rig.nodes];
}

function copies(rig: Rig, id: number): readonly string[] {
  return nodesOf(rig).flatMap(([, node]) => node.documents.get(String(id)) ?? []);
}

function sequenceIn(text: string): bigint {
  return decodeSequence(MARKERS.exec(text)?.[2] ?? "") as bigint;
}

describe("a batch", () => {
  test("reaches all owners of its shards, byte for byte, with the markers behind the client's fields", async () => {
    const rig = createRig({ groups: 2, replicationFactor: 2 });
    const { task, degraded } = await addDocuments(rig.deps, addInput(`[${BATCH.join(",")}]`));
    expect(degraded).toBeNull();
    expect(task.status).toBe("enqueued");
    expect(task.details).toEqual({ receivedDocuments: 40, indexedDocuments: null });
    for (const [id, text] of BATCH.entries()) {
      const stored = copies(rig, id);
      expect(stored).toHaveLength(4);
      for (const copy of stored) {
        expect(copy.replace(MARKERS, "}")).toBe(text);
        expect(MARKERS.exec(copy)?.[1]).toBe(encodeShard(shardOf(String(id), 16)));
        expect(copy).toBe(stored[0] as string);
      }
    }
  });

  test("keeps the client's order on every node and in the sequences", async () => {
    const rig = createRig();
    await addDocuments(rig.deps, addInput(`[${BATCH.join(",")}]`));
    const all = nodesOf(rig).flatMap(([, node]) => {
      const ids = [...node.documents.keys()].map(Number);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      return [...node.documents.values()];
    });
    const bySequence = all.toSorted((a, b) => (sequenceIn(a) < sequenceIn(b) ? -1 : 1));
    expect(bySequence.map((text) => (JSON.parse(text) as { id: number }).id)).toEqual([...BATCH.keys()]);
  });

  test("goes through a worker with the same result as in place", async () => {
    const inPlace = createRig();
    const worker = createRig({ minBytes: 0 });
    const body = `[${BATCH.join(",\n ")}]`;
    await addDocuments(inPlace.deps, addInput(body));
    await addDocuments(worker.deps, addInput(body));
    for (const [nodeId, node] of nodesOf(inPlace)) {
      expect(worker.nodes.get(nodeId)?.writes).toEqual(node.writes);
    }
  });

  test("is sent as one document per line, or as an array when a document spans lines", async () => {
    const rig = createRig();
    await addDocuments(rig.deps, addInput('[{"id":1}]'));
    await addDocuments(rig.deps, addInput('[{"id":1,\n"a":2}]'));
    const types = nodesOf(rig).flatMap(([, node]) => node.writes.map((write) => write.contentType));
    expect(types).toEqual(["application/x-ndjson", "application/json"]);
  });

  test("from CSV arrives as the documents the engine would make of it", async () => {
    const rig = createRig();
    const csv = "id,a:number,b:boolean,c\n1,2.50,true,x\n2,,,\n";
    await addDocuments(rig.deps, addInput(csv, { format: { kind: "csv", delimiter: 0x2c } }));
    expect(copies(rig, 1)[0]?.replace(MARKERS, "}")).toBe('{"id":"1","a":2.5,"b":true,"c":"x"}');
    expect(copies(rig, 2)[0]?.replace(MARKERS, "}")).toBe('{"id":"2","a":null,"b":null,"c":null}');
  });

  test("that is empty succeeds without any node being told", async () => {
    const rig = createRig();
    const { task } = await addDocuments(rig.deps, addInput("[]"));
    expect(rig.tasks.get(task.uid)).toMatchObject({
      status: "succeeded",
      details: { receivedDocuments: 0, indexedDocuments: 0 },
    });
    expect(nodesOf(rig).every(([, node]) => node.client.sent.length === 0)).toBe(true);
  });
});

describe("the sequence", () => {
  test("is kept when a document is written again, also while the first write cannot be read yet", async () => {
    const rig = createRig();
    await addDocuments(rig.deps, addInput('[{"id":1},{"id":2}]'));
    const before = copies(rig, 1)[0] as string;
    for (const [, node] of nodesOf(rig)) node.documents.clear();
    await addDocuments(rig.deps, addInput('[{"id":3},{"id":1,"a":1}]'));
    expect(sequenceIn(copies(rig, 1)[0] as string)).toBe(sequenceIn(before));
  });

  test("is read from the nodes when it is not remembered, whatever the size of the key", async () => {
    const big = "9007199254740993";
    const first = createRig();
    await addDocuments(first.deps, addInput(`[{"id":${big}}]`));
    const owner = nodesOf(first).find(([, node]) => node.documents.size > 0) as readonly [string, RigNode];
    const text = [...owner[1].documents.values()][0] as string;
    const second = createRig();
    second.nodes.get(owner[0])?.documents.set(big, text);
    await addDocuments(second.deps, addInput(`[{"id":${big},"a":1}]`));
    expect(second.nodes.get(owner[0])?.writes[0]?.body).toContain(MARKERS.exec(text)?.[2] as string);
  });

  test("is new for a document that was deleted in between", async () => {
    const rig = createRig();
    await addDocuments(rig.deps, addInput('[{"id":1},{"id":2}]'));
    const before = sequenceIn(copies(rig, 1)[0] as string);
    await deleteByIds(rig.deps, { indexUid: "movies", ids: ["1"], customMetadata: null });
    await addDocuments(rig.deps, addInput('[{"id":1}]'));
    expect(sequenceIn(copies(rig, 1)[0] as string)).toBeGreaterThan(before);
  });

  test("of a new document is the same for two writers that meet", async () => {
    const rig = createRig({ replicationFactor: 1 });
    const stall = Promise.withResolvers<void>();
    for (const [nodeId, node] of nodesOf(rig)) {
      node.client.answerWith(async (request) => {
        if (request.operation === "documents.fetch") await stall.promise;
        else {
          const body = new TextDecoder().decode(request.body as Uint8Array);
          node.writes.push({ path: request.path, body, contentType: "" });
        }
        return { kind: "answered", nodeId, status: 202, text: '{"taskUid":1,"enqueuedAt":"","results":[]}' };
      });
    }
    const both = [
      addDocuments(rig.deps, addInput('[{"id":1,"a":1}]')),
      addDocuments(rig.deps, addInput('[{"id":1,"a":2}]')),
    ];
    stall.resolve();
    await Promise.all(both);
    const bodies = nodesOf(rig)
      .flatMap(([, node]) => node.writes)
      .map(({ body }) => body.trimEnd())
      .filter((body) => MARKERS.test(body));
    expect(bodies).toHaveLength(2);
    expect(sequenceIn(bodies[0] as string)).toBe(sequenceIn(bodies[1] as string));
  });
});

describe("a bad batch", () => {
  const bad = '[{"id":1},{"id":"a b"}]';

  test("is refused before anything is sent, with the position of the document", async () => {
    const rig = createRig();
    const error = await refusalOf(addDocuments(rig.deps, addInput(bad)));
    expect([error.status, error.code]).toEqual([400, "invalid_document_id"]);
    expect(error.message).toContain("position 1");
    expect(rig.tasks.size).toBe(0);
    expect(nodesOf(rig).every(([, node]) => node.client.sent.length === 0)).toBe(true);
  });

  test("fails its task in the engine's words when validation is left to the task", async () => {
    const rig = createRig({ validation: "task" });
    const { task } = await addDocuments(rig.deps, addInput(bad));
    expect(task.status).toBe("enqueued");
    expect(rig.tasks.get(task.uid)).toMatchObject({ status: "failed", error: { code: "invalid_document_id" } });
    expect(nodesOf(rig).every(([, node]) => node.writes.length === 0)).toBe(true);
  });

  const refused: readonly [string, string, string][] = [
    ["a document without the key", '[{"a":1}]', "miroir_primary_key_required"],
    ["a reserved field", '[{"id":1,"_miroir_shard":"x"}]', "miroir_reserved_field"],
    ["a body that is no JSON", "[{", "malformed_payload"],
    ["an empty body", "", "missing_payload"],
  ];
  for (const [what, body, code] of refused) {
    test(`${what} is ${code}`, async () => {
      expect((await refusalOf(addDocuments(createRig().deps, addInput(body)))).code).toBe(code);
    });
  }

  test("another primary key than the index has fails the task in both modes", async () => {
    const rig = createRig();
    const { task } = await addDocuments(rig.deps, addInput('[{"id":1,"x":1}]', { primaryKey: "x" }));
    expect(rig.tasks.get(task.uid)?.error).toMatchObject({
      code: "index_primary_key_already_exists",
      message: "Index already has a primary key: `id`.",
    });
  });
});

describe("an index that does not exist", () => {
  test("is prepared in the same lanes before its documents, as one task", async () => {
    const rig = createRig();
    const { task } = await addDocuments(rig.deps, addInput('[{"movieId":1}]', { indexUid: "new" }));
    expect(rig.indexes.get("new")?.primaryKey).toBe("movieId");
    const withDocuments = nodesOf(rig).filter(([, node]) => node.writes.length === 2);
    expect(withDocuments).toHaveLength(1);
    expect(withDocuments[0]?.[1].writes.map(({ path }) => path.split("?")[0])).toEqual([
      "/indexes",
      "/indexes/new/documents",
    ]);
    expect(withDocuments[0]?.[1].writes[1]?.path).toContain("primaryKey=movieId");
    const { flow } = rig.tasks.get(task.uid) ?? {};
    // It makes that index visible and no later one of its name.
    expect([flow?.kind, flow?.data["preparedFor"]]).toEqual(["ensure-index", rig.indexes.get("new")?.createdAt]);
    expect(
      rig.tasks
        .get(task.uid)
        ?.nodeTasks.map(({ role }) => role)
        .toSorted(),
    ).toEqual(["main", "prepare", "prepare", "prepare"]);
  });

  test("is not made for a key without the right; the task fails as on a single node", async () => {
    const rig = createRig();
    const { task } = await addDocuments(rig.deps, addInput('[{"id":1}]', { indexUid: "new", mayCreateIndex: false }));
    expect(rig.tasks.get(task.uid)?.error?.code).toBe("index_not_found");
    expect(rig.indexes.has("new")).toBe(false);
  });

  test("without a clear candidate nothing is made and the candidates are named", async () => {
    const rig = createRig();
    const error = await refusalOf(addDocuments(rig.deps, addInput('[{"aid":1,"bid":2,"cid":3}]', { indexUid: "new" })));
    expect(error.code).toBe("miroir_primary_key_required");
    expect(error.message).toContain("`cid`");
    expect(rig.indexes.has("new")).toBe(false);
  });

  test("a key that another writer has decided meanwhile is the one the batch is judged by", async () => {
    const rig = createRig();
    rig.indexes.set("open", indexEntry("open", null));
    const decided = { ...indexEntry("open", "sku") };
    const deps = {
      ...rig.deps,
      fixPrimaryKey: async () => {
        rig.indexes.set("open", decided);
        return { entry: decided, prepare: [] };
      },
    };
    await addDocuments(deps, addInput('[{"id":1,"sku":"s"}]', { indexUid: "open" }));
    const paths = nodesOf(rig).flatMap(([, node]) => node.writes.map(({ path }) => path));
    expect(paths).toHaveLength(1);
    expect(paths[0]).toContain("primaryKey=sku");
    expect((await refusalOf(addDocuments(deps, addInput('[{"id":1}]', { indexUid: "open" })))).code).toBe(
      "miroir_primary_key_required",
    );
  });
});
