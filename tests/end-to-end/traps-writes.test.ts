/** Traps of adding documents over several nodes, by their numbers: what one node does and a naive router does not. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startPair, type Pair } from "../support/clients-pair.ts";
import { sameOn, type Asked } from "../support/clients-same.ts";
import { nodeRequest } from "../support/nodes.ts";

const TIMEOUT_MS = 240_000;
let pair: Pair;
beforeAll(async () => {
  pair = await startPair(3, 2);
}, TIMEOUT_MS);
afterAll(() => pair.stop());

const same = sameOn(() => pair);
const documentsOf = (uid: string): Promise<Asked> => same("GET", `/indexes/${uid}/documents?limit=1000`);
const many = (count: number, more: (id: number) => object = () => ({})): object[] =>
  Array.from({ length: count }, (_unused, id) => ({ id, name: `n${id}`, ...more(id) }));

test(
  "trap 30: canceling and deleting tasks is answered with 200",
  async () => {
    expect((await same("POST", "/tasks/cancel?uids=100000")).status).toBe(200);
    expect((await same("DELETE", "/tasks?uids=100000")).status).toBe(200);
  },
  TIMEOUT_MS,
);

test(
  "trap 31: a write is one task with one number, whatever the number of nodes that carry it out",
  async () => {
    const first = await same("POST", "/indexes/t31/documents?primaryKey=id", many(40));
    const second = await same("POST", "/indexes/t31/documents", many(40));
    expect(second.body.taskUid).toBe(first.body.taskUid + 1);
    const onNodes = await Promise.all(
      pair.miroir.nodes.map((node) => nodeRequest(node, "GET", "/tasks?indexUids=t31")),
    );
    expect(onNodes.every(({ body }) => body.total >= 2)).toBe(true);
    await same("GET", `/tasks?indexUids=t31&types=documentAdditionOrUpdate`);
  },
  TIMEOUT_MS,
);

test(
  "traps 32 and 33: one bad document fails its whole payload on every shard alike, and no other payload",
  async () => {
    await same("POST", "/indexes/t33/documents?primaryKey=id", many(10));
    const bad = [...many(40, () => ({ changed: true })), { id: "a b" }];
    const { task } = await same("POST", "/indexes/t33/documents", bad);
    expect(task).toMatchObject({ status: "failed", details: { receivedDocuments: 41, indexedDocuments: 0 } });
    await same("POST", "/indexes/t33/documents", [...many(5), { name: "no key" }]);
    await same("POST", "/indexes/t33/documents", [{ id: 11, name: "good" }]);
    expect((await documentsOf("t33")).body.total).toBe(11);
  },
  TIMEOUT_MS,
);

test(
  "trap 34: what an engine would only find while extracting fails the task, and nothing of it is stored",
  async () => {
    await same("PATCH", "/indexes/t34/settings", { filterableAttributes: ["_geo"] });
    await same("POST", "/indexes/t34/documents?primaryKey=id", many(20));
    for (const _geo of [{ lat: 1, lng: 2, more: 3 }, "here"]) {
      const { task } = await same("POST", "/indexes/t34/documents", [
        ...many(30, () => ({ late: 1 })),
        { id: 99, _geo },
      ]);
      expect(task.error.code).toBe("invalid_document_geo_field");
    }
    expect((await documentsOf("t34")).body.total).toBe(20);
  },
  TIMEOUT_MS,
);

test(
  "trap 35: the first document alone decides the primary key, once and for every node",
  async () => {
    await same("POST", "/indexes/t35/documents", [
      { Film_ID: 1 },
      ...many(9).map((one, n) => ({ Film_ID: n + 2, ...one })),
    ]);
    await same("GET", "/indexes/t35");
    for (const node of pair.miroir.nodes) {
      expect((await nodeRequest(node, "GET", "/indexes/t35")).body.primaryKey).toBe("Film_ID");
    }
    for (const [uid, first] of Object.entries({
      none: { name: 1 },
      two: { id: 1, other_id: 2 },
      nested: { a: { id: 1 } },
    })) {
      const { task } = await same("POST", `/indexes/t35-${uid}/documents`, [first, { id: 5 }]);
      expect(task.status).toBe("failed");
      await same("GET", `/indexes/t35-${uid}`);
    }
  },
  TIMEOUT_MS,
);

test(
  'trap 36: the number 1 and the text "1" are one document',
  async () => {
    await same("POST", "/indexes/t36/documents?primaryKey=id", [
      { id: 1, v: "number" },
      { id: "1", v: "text" },
      { id: "01" },
    ]);
    await same("POST", "/indexes/t36/documents", [{ id: 2 }, { id: "2", v: "text" }]);
    await same("PUT", "/indexes/t36/documents", [{ id: "2", more: true }]);
    expect((await documentsOf("t36")).body.total).toBe(3);
    await same("GET", "/indexes/t36/documents/1");
    await same("DELETE", "/indexes/t36/documents/1");
    await documentsOf("t36");
  },
  TIMEOUT_MS,
);

test(
  "trap 37: what makes a task fail on a node is accepted here and fails as a task, where so configured",
  async () => {
    await same("POST", "/indexes", { uid: "t37", primaryKey: "id" });
    for (const [query, body] of [
      ["", [{ other: 1 }]],
      ["", [{ id: "a b" }]],
      ["", [{ id: 1.5 }]],
      ["", [{ id: {} }]],
      ["?primaryKey=else", [{ else: 1 }]],
    ] as const) {
      const { status, task } = await same("POST", `/indexes/t37/documents${query}`, body);
      expect([status, task.status]).toEqual([202, "failed"]);
    }
  },
  TIMEOUT_MS,
);

test(
  "trap 38: a payload that cannot be read is refused at once, without a task",
  async () => {
    const totals = async (): Promise<number> => (await pair.miroir.request("GET", "/tasks?limit=1")).body.total;
    const before = await totals();
    const csv = { "content-type": "text/csv" };
    const lines = { "content-type": "application/x-ndjson" };
    const wrong: [unknown, Record<string, string>?][] = [
      ['[{"id":1},{"id":2,]'],
      ['[{"id":1}'],
      ["{"],
      ['"text"'],
      [""],
      ['{"id":1}\n{"id":', lines],
      ["", lines],
      ["id:number\nx\n", csv],
      ["id,name\n1\n", csv],
      ["", csv],
    ];
    for (const [body, headers] of wrong) {
      const { status } = await same("POST", "/indexes/t38/documents?primaryKey=id", body, { headers });
      expect(status).toBe(400);
    }
    expect(await totals()).toBe(before);
    expect((await same("GET", "/indexes/t38")).status).toBe(404);
  },
  TIMEOUT_MS,
);

test(
  "trap 39: a first write that fails leaves the empty index behind",
  async () => {
    await same("POST", "/indexes/t39/documents?primaryKey=id", [{ id: "a b" }]);
    expect((await same("GET", "/indexes/t39")).status).toBe(200);
    expect((await documentsOf("t39")).body.total).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "trap 40: partial updates merge with what is stored, and with skipCreation make nothing new",
  async () => {
    await same(
      "POST",
      "/indexes/t40/documents?primaryKey=id",
      many(20, () => ({ nested: { a: 1, b: 2 } })),
    );
    await same("PUT", "/indexes/t40/documents", [
      { id: 3, nested: { a: 9 } },
      { id: 30, name: "new" },
    ]);
    await same("PUT", "/indexes/t40/documents?skipCreation=true", [
      { id: 4, name: "other" },
      { id: 31, name: "never" },
    ]);
    await same("POST", "/indexes/t40/documents?skipCreation=true", [{ id: 5 }, { id: 32 }]);
    await same("PUT", "/indexes/t40/documents?skipCreation=maybe", [{ id: 5 }]);
    expect((await documentsOf("t40")).body.total).toBe(21);
  },
  TIMEOUT_MS,
);
