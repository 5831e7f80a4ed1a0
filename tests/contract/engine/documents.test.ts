/** Documents of one node: written in three formats, replaced and merged, read, deleted. */
import { expect, test } from "bun:test";

import { nodeRequest, runTask } from "../../support/nodes.ts";
import { describeEngines } from "../../support/nodes-engines.ts";

describeEngines("documents", (node) => {
  const add = (index: string, documents: unknown, type = "application/json", query = ""): ReturnType<typeof runTask> =>
    runTask(node(), "POST", `/indexes/${index}/documents${query}`, documents, { "content-type": type });

  test("integers above 2^53 and 1.0 come back as they were written, other numbers in one form", async () => {
    await add("numbers", '[{"id":9007199254740993,"a":1.0,"b":18446744073709551615,"c":1e3,"d":[1.50]}]');
    const { text } = await nodeRequest(node(), "GET", "/indexes/numbers/documents");
    expect(text).toContain('{"id":9007199254740993,"a":1.0,"b":18446744073709551615,"c":1000.0,"d":[1.5]}');
  });

  test("JSON, one object, NDJSON and CSV give documents in order of arrival", async () => {
    await add("formats", [{ id: 1, t: "a" }]);
    await add("formats", '{"id":2,"t":"b"}');
    await add("formats", '{"id":3,"t":"c"}\n{"id":4,"t":"d"}\n', "application/x-ndjson");
    await add("formats", 'id,t,n:number,f:boolean\n5,"e, ""x""",1.5,true\n6,,,false\n', "text/csv");
    const { body } = await nodeRequest(node(), "GET", "/indexes/formats/documents");
    expect(body.results).toEqual([
      { id: 1, t: "a" },
      { id: 2, t: "b" },
      { id: 3, t: "c" },
      { id: 4, t: "d" },
      { id: "5", t: 'e, "x"', n: 1.5, f: true },
      { id: "6", t: null, n: null, f: false },
    ]);
  });

  test("POST replaces a document, PUT merges into it, both keep its place", async () => {
    await add("places", [
      { id: 1, a: 1 },
      { id: 2, a: 2 },
      { id: 3, a: 3 },
    ]);
    await add("places", [{ id: 2, b: 2 }]);
    await runTask(node(), "PUT", "/indexes/places/documents", [{ id: 1, b: 1 }]);
    await runTask(node(), "PUT", "/indexes/places/documents?skipCreation=true", [{ id: 9, b: 1 }]);
    const { body } = await nodeRequest(node(), "GET", "/indexes/places/documents");
    expect(body.results).toEqual([
      { id: 1, a: 1, b: 1 },
      { id: 2, b: 2 },
      { id: 3, a: 3 },
    ]);
  });

  test('the ids 1 and "1" are one document', async () => {
    await add("ids", [{ id: 1, a: 1 }]);
    await add("ids", [{ id: "1", a: 2 }]);
    const { body } = await nodeRequest(node(), "GET", "/indexes/ids/documents");
    expect(body.results).toEqual([{ id: "1", a: 2 }]);
  });

  test("a freed place is taken by the next new document", async () => {
    await add("freed", [{ id: 1 }, { id: 2 }, { id: 3 }]);
    await runTask(node(), "DELETE", "/indexes/freed/documents/2");
    await add("freed", [{ id: 4 }]);
    const { body } = await nodeRequest(node(), "GET", "/indexes/freed/documents");
    expect(body.results.map(({ id }: { id: number }) => id)).toEqual([1, 4, 3]);
  });

  test("one bad document fails its whole payload", async () => {
    await add("strict", [{ id: 1 }]);
    const failed = await add("strict", [{ id: 2 }, { id: "not valid" }]);
    expect(failed).toMatchObject({
      status: "failed",
      details: { receivedDocuments: 2, indexedDocuments: 0 },
      error: { code: "invalid_document_id" },
    });
    const { body } = await nodeRequest(node(), "GET", "/indexes/strict/documents");
    expect(body.total).toBe(1);
  });

  test.each([
    ["none", [{ name: "a" }], "index_primary_key_no_candidate_found"],
    ["several", [{ id: 1, uid: 2 }], "index_primary_key_multiple_candidates_found"],
    ["missing", [{ id: 1 }, { other: 2 }], "missing_document_id"],
    ["float", '[{"id":1.0}]', "invalid_document_id"],
  ])("a primary key that cannot be found fails the task but leaves the index (%s)", async (index, documents, code) => {
    const task = await add(`key-${index}`, documents);
    expect(task).toMatchObject({ status: "failed", error: { code } });
    expect((await nodeRequest(node(), "GET", `/indexes/key-${index}`)).status).toBe(200);
  });

  test.each([
    ["", "application/json", 400, "missing_payload"],
    ["[{", "application/json", 400, "malformed_payload"],
    ["3", "application/json", 400, "malformed_payload"],
    ["id,n:number\n1,x\n", "text/csv", 400, "malformed_payload"],
    ["x", "text/plain", 415, "invalid_content_type"],
  ])("a payload that cannot be read is refused at once: %p as %s", async (payload, type, status, code) => {
    const answer = await nodeRequest(node(), "POST", "/indexes/refused/documents", payload, { "content-type": type });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test("documents are deleted by id, by batch, by filter and all", async () => {
    await add(
      "deleted",
      [1, 2, 3, 4, 5, 6].map((id) => ({ id, even: id % 2 === 0 })),
    );
    await runTask(node(), "PATCH", "/indexes/deleted/settings", { filterableAttributes: ["even"] });
    const one = await runTask(node(), "DELETE", "/indexes/deleted/documents/1");
    expect(one.details).toEqual({ providedIds: 1, deletedDocuments: 1, originalFilter: null });
    const batch = await runTask(node(), "POST", "/indexes/deleted/documents/delete-batch", [2, "3", 99]);
    expect(batch.details).toEqual({ providedIds: 3, deletedDocuments: 2, originalFilter: null });
    const filtered = await runTask(node(), "POST", "/indexes/deleted/documents/delete", { filter: "even = true" });
    expect(filtered.details).toEqual({ providedIds: 0, deletedDocuments: 2, originalFilter: '"even = true"' });
    const all = await runTask(node(), "DELETE", "/indexes/deleted/documents");
    expect(all.details).toEqual({ deletedDocuments: 1 });
  });

  test("reading narrows by ids and filter, sorts, pages and picks fields", async () => {
    await add(
      "read",
      [1, 2, 3, 4].map((id) => ({ id, n: 10 - id, o: { a: id, b: id } })),
    );
    await runTask(node(), "PATCH", "/indexes/read/settings", {
      filterableAttributes: ["n"],
      sortableAttributes: ["n"],
    });
    const fetched = await nodeRequest(node(), "POST", "/indexes/read/documents/fetch", {
      filter: "n < 9",
      sort: ["n:asc"],
      limit: 2,
      fields: ["id", "o.a"],
    });
    expect(fetched.body).toEqual({
      results: [
        { id: 4, o: { a: 4 } },
        { id: 3, o: { a: 3 } },
      ],
      offset: 0,
      limit: 2,
      total: 3,
    });
    const listed = await nodeRequest(node(), "GET", "/indexes/read/documents?ids=3,1,99&fields=id");
    expect(listed.body.results).toEqual([{ id: 1 }, { id: 3 }]);
    expect((await nodeRequest(node(), "GET", "/indexes/read/documents/77")).body.code).toBe("document_not_found");
  });

  test("the metadata a client sends comes back in the answer and in the task", async () => {
    const answer = await nodeRequest(node(), "POST", "/indexes/meta/documents?customMetadata=abc", [{ id: 1 }]);
    expect(answer.body.customMetadata).toBe("abc");
    const task = await runTask(node(), "POST", "/indexes/meta/documents?customMetadata=def", [{ id: 1 }]);
    expect(task.customMetadata).toBe("def");
  });
});
