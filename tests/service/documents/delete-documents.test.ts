import { describe, expect, test } from "bun:test";
import { apiError, ApiError } from "../../../src/core/errors/api-error.ts";
import { deleteAllDocuments, deleteByFilter, deleteByIds } from "../../../src/services/documents/delete-documents.ts";
import { editDocuments } from "../../../src/services/documents/edit-documents.ts";
import { refused } from "../../support/fake-node-client.ts";
import { rejectionOf } from "../../support/rejection-of.ts";
import { createRig, type Rig } from "./write-rig.ts";

const INPUT = { indexUid: "movies", customMetadata: null };

function writes(rig: Rig): readonly string[] {
  return [...rig.nodes.values()].flatMap((node) => node.writes.map(({ path }) => path.split("?")[0] as string));
}

describe("deleting by id", () => {
  test("asks each owner for its ids only, and each id of as many owners as it has", async () => {
    const rig = createRig({ replicationFactor: 2 });
    const ids = Array.from({ length: 30 }, (_, i) => `doc-${i}`);
    const { task } = await deleteByIds(rig.deps, { ...INPUT, ids });
    const asked = [...rig.nodes.values()].flatMap((node) =>
      node.writes.flatMap(({ body }) => JSON.parse(body) as string[]),
    );
    expect(asked.toSorted()).toEqual([...ids, ...ids].toSorted());
    expect(task.details).toEqual({ providedIds: 30, deletedDocuments: null, originalFilter: null });
  });

  test("that cannot be remembered is told to nobody and leaves no task", async () => {
    const rig = createRig();
    const full = apiError("miroir_store_unavailable", "The disk is full.");
    const versions = { ...rig.deps.versions, remember: () => Promise.reject(full) };
    expect(await rejectionOf(deleteByIds({ ...rig.deps, versions }, { ...INPUT, ids: ["1"] }))).toBe(full);
    expect([...rig.tasks]).toEqual([]);
    expect(writes(rig)).toEqual([]);
  });

  test("of nothing succeeds at once, of an index that does not exist fails its task", async () => {
    const rig = createRig();
    const none = await deleteByIds(rig.deps, { ...INPUT, ids: [] });
    expect(rig.tasks.get(none.task.uid)).toMatchObject({ status: "succeeded", details: { deletedDocuments: 0 } });
    const missing = await deleteByIds(rig.deps, { ...INPUT, indexUid: "nope", ids: ["1"] });
    expect(rig.tasks.get(missing.task.uid)?.error?.message).toBe("Index `nope` not found.");
    expect(writes(rig)).toEqual([]);
  });
});

describe("deleting everything, or what a filter chooses", () => {
  test("is told to every node", async () => {
    const rig = createRig({ groups: 2 });
    await deleteAllDocuments(rig.deps, INPUT);
    expect(writes(rig)).toEqual(Array.from({ length: 6 }, () => "/indexes/movies/documents"));
  });

  test("a filter with a wrong syntax is refused in the node's words and no node deletes", async () => {
    const rig = createRig();
    rig.nodes.get("g0n0")?.client.answerWith(() => refused("g0n0", 400, "invalid_document_filter", "Was expecting"));
    const attempt = deleteByFilter(rig.deps, { ...INPUT, filter: "a = ", body: '{"filter":"a = "}' });
    expect(attempt).rejects.toMatchObject({ code: "invalid_document_filter", message: "Was expecting" });
    await attempt.catch(() => undefined);
    expect(writes(rig)).toEqual([]);
    expect(rig.tasks.size).toBe(0);
  });

  test("a filter the settings do not allow fails its task, without naming the markers", async () => {
    const rig = createRig();
    const message =
      "Attribute `a` is not filterable. Available filterable attributes patterns are: `_miroir_shard`.\n1:2 a = 1";
    rig.nodes.get("g0n0")?.client.answerWith(() => refused("g0n0", 400, "invalid_document_filter", message));
    const { task } = await deleteByFilter(rig.deps, { ...INPUT, filter: "a = 1", body: "{}" });
    expect(rig.tasks.get(task.uid)?.error?.message).toBe(
      "Index `movies`: Attribute `a` is not filterable. This index does not have configured filterable attributes.\n1:2 a = 1",
    );
  });

  test("that names another value of a field is sent in a form that nodes which never saw the field understand", async () => {
    const rig = createRig({ knownFields: ["a"] });
    const filter = ["a != 1", ["b != 2", "a!='x'"]];
    const { task } = await deleteByFilter(rig.deps, { ...INPUT, filter, body: JSON.stringify({ filter }) });
    const bodies = [...rig.nodes.values()].flatMap((node) => node.writes.map(({ body }) => body));
    const sent = JSON.stringify({ filter: ["a NOT IN [1]", ["b != 2", "a NOT IN ['x']"]] });
    expect(bodies.filter((body) => body === sent)).toHaveLength(3);
    expect(task.details?.["originalFilter"]).toBe(JSON.stringify(filter));
  });

  const empty: readonly unknown[] = ["", "  ", [], [[]]];
  for (const filter of empty) {
    test(`the empty filter ${JSON.stringify(filter)} is forbidden`, async () => {
      const error: unknown = await deleteByFilter(createRig().deps, { ...INPUT, filter, body: "{}" }).catch(
        (reason: unknown) => reason,
      );
      expect((error as ApiError).message).toBe("Sending an empty filter is forbidden.");
    });
  }
});

describe("editing by a function", () => {
  const edit = {
    ...INPUT,
    function: "doc.a = 1",
    context: undefined,
    filter: undefined,
    body: '{"function":"doc.a = 1"}',
  };

  test("is told to every node and keeps the client's words in the details", async () => {
    const rig = createRig();
    const { task } = await editDocuments(rig.deps, edit);
    // One node judges the function with a filter that it always refuses; the rig's nodes take everything.
    const told = [...rig.nodes.values()]
      .flatMap((node) => node.writes)
      .filter(({ body }) => !body.includes('"filter":""'));
    expect(told).toHaveLength(3);
    for (const { body } of told) expect(body).toContain('doc[\\"_miroir_shard\\"] = ');
    expect(task.details).toEqual({
      deletedDocuments: null,
      editedDocuments: null,
      originalFilter: null,
      context: null,
      function: "doc.a = 1",
    });
  });

  test("that all nodes refuse is refused in their words and leaves no task", async () => {
    const rig = createRig();
    for (const [nodeId, node] of rig.nodes) {
      node.client.answerWith(() => refused(nodeId, 400, "feature_not_enabled", "Using the documents edit route"));
    }
    const error: unknown = await editDocuments(rig.deps, edit).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "feature_not_enabled", status: 400 });
    expect(rig.tasks.size).toBe(0);
  });
});

describe("a deletion", () => {
  const remembered = (rig: Rig) => rig.tombstones.ofIndex(0, { after: "", limit: 9 });

  test("is remembered with a version between those of the writes around it", async () => {
    const rig = createRig();
    const before = rig.deps.versions.next() as bigint;
    const { task } = await deleteByIds(rig.deps, { ...INPUT, ids: ["1", "2"] });
    await deleteAllDocuments(rig.deps, INPUT);
    const [byIds, all] = await remembered(rig);
    expect(byIds).toMatchObject({ kind: "keys", payload: '["1","2"]', taskUid: task.uid });
    expect(all).toMatchObject({ kind: "all", payload: "" });
    const versions = [before, byIds?.version ?? 0n, all?.version ?? 0n, rig.deps.versions.next() as bigint];
    expect(versions.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(versions);
  });

  test("that every node refuses is forgotten", async () => {
    const rig = createRig();
    for (const [nodeId, node] of rig.nodes) node.client.answerWith(() => refused(nodeId, 400, "bad_request", "no"));
    await deleteAllDocuments(rig.deps, INPUT).catch((error: unknown) => expect(error).toBeInstanceOf(ApiError));
    expect(await remembered(rig)).toEqual([]);
  });
});
