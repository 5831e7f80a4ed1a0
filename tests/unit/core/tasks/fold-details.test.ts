/** Details are those of one logical copy, however many replicas there are. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { failedDetails, foldDetails } from "../../../../src/core/tasks/fold-details.ts";
import type { NodeTask } from "../../../../src/core/tasks/task.ts";

const node = (nodeId: string, details: Record<string, unknown>, change: Partial<NodeTask> = {}): NodeTask => ({
  nodeId,
  taskUid: 1,
  role: "main",
  status: "succeeded",
  details,
  ...change,
});
const took = (nodeId: string, received: number, indexed = received) =>
  node(nodeId, { receivedDocuments: received, indexedDocuments: indexed });

const twoGroups = {
  groups: [
    ["a", "b"],
    ["c", "d"],
  ],
  replicationFactor: 1,
};

test("a thousand documents on two groups are a thousand documents", () => {
  const nodes = [took("a", 480), took("b", 520), took("c", 510), took("d", 490)];
  const details = { receivedDocuments: 1000, indexedDocuments: null };
  expect(foldDetails("documentAdditionOrUpdate", details, nodes, twoGroups)).toEqual({
    receivedDocuments: 1000,
    indexedDocuments: 1000,
  });
});

test("documents sent are documents indexed for any placement of any number of copies", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 6 }), fc.gen(), (received, copies, g) => {
      const counts = new Map<string, number>();
      for (let copy = 0; copy < copies; copy += 1) {
        const cut = g(fc.integer, { min: 0, max: received });
        counts.set(`${copy}-0`, cut);
        counts.set(`${copy}-1`, received - cut);
      }
      const nodes = [...counts].map(([nodeId, count]) => took(nodeId, count));
      const folded = foldDetails(
        "documentAdditionOrUpdate",
        { receivedDocuments: received, indexedDocuments: null },
        nodes,
        twoGroups,
      );
      expect(folded?.["indexedDocuments"]).toBe(received);
    }),
  );
});

test("a replica that gets its part later does not change what was indexed", () => {
  const nodes = [
    took("a", 500),
    took("b", 500),
    took("c", 500),
    { ...took("d", 0), status: "hinted" as const, details: {} },
  ];
  const details = { receivedDocuments: 1000, indexedDocuments: null };
  expect(foldDetails("documentAdditionOrUpdate", details, nodes, twoGroups)?.["indexedDocuments"]).toBe(1000);
});

test("nothing was indexed when every node failed", () => {
  const nodes = [took("a", 500, 0), took("b", 500, 0)].map((one) => ({ ...one, status: "failed" as const }));
  const details = { receivedDocuments: 1000, indexedDocuments: null };
  expect(foldDetails("documentAdditionOrUpdate", details, nodes, twoGroups)?.["indexedDocuments"]).toBe(0);
});

test("deleted documents are counted in one group and once per copy", () => {
  const copies = { groups: [["a", "b", "c"], ["d"]], replicationFactor: 2 };
  const nodes = [
    node("a", { deletedDocuments: 7 }),
    node("b", { deletedDocuments: 8 }),
    node("c", { deletedDocuments: 5 }),
    node("d", { deletedDocuments: 20 }, { status: "hinted" }),
  ];
  const details = { providedIds: 0, deletedDocuments: null, originalFilter: '"year > 2000"' };
  expect(foldDetails("documentDeletion", details, nodes, copies)).toEqual({
    providedIds: 0,
    deletedDocuments: 10,
    originalFilter: '"year > 2000"',
  });
});

test("preparing tasks and undoing tasks count for nothing", () => {
  const nodes = [took("a", 3), node("a", { receivedDocuments: 9, indexedDocuments: 9 }, { role: "prepare" })];
  const details = { receivedDocuments: 3, indexedDocuments: null };
  expect(foldDetails("documentAdditionOrUpdate", details, nodes, { groups: [["a"]], replicationFactor: 1 })).toEqual({
    receivedDocuments: 3,
    indexedDocuments: 3,
  });
});

test("an edition reports edited and deleted documents once", () => {
  const nodes = [
    node("a", { editedDocuments: 4, deletedDocuments: 1 }),
    node("c", { editedDocuments: 4, deletedDocuments: 1 }),
  ];
  const details = { deletedDocuments: null, editedDocuments: null, function: "f" };
  expect(foldDetails("documentEdition", details, nodes, twoGroups)).toEqual({
    deletedDocuments: 1,
    editedDocuments: 4,
    function: "f",
  });
});

test("what the router knows by itself is left alone", () => {
  expect(foldDetails("settingsUpdate", { stopWords: ["a"] }, [node("a", { stopWords: [] })], twoGroups)).toEqual({
    stopWords: ["a"],
  });
  expect(foldDetails("snapshotCreation", null, [], twoGroups)).toBeNull();
});

test("a task that no node carried out shows its counters as 0", () => {
  expect(failedDetails({ receivedDocuments: 4, indexedDocuments: null })).toEqual({
    receivedDocuments: 4,
    indexedDocuments: 0,
  });
  expect(failedDetails({ primaryKey: null })).toEqual({ primaryKey: null });
  expect(failedDetails(null)).toBeNull();
});

test("a compaction tells what the files of all nodes took, and nothing while one of them is missing", () => {
  const sizes = { preCompactionSize: "3 MiB", postCompactionSize: "512 KiB" };
  expect(foldDetails("indexCompaction", {}, [node("a", sizes), node("b", sizes)], twoGroups)).toEqual({
    preCompactionSize: "6 MiB",
    postCompactionSize: "1 MiB",
  });
  const failed = node("b", {}, { status: "failed" });
  expect(foldDetails("indexCompaction", {}, [node("a", sizes), failed], twoGroups)).toEqual({});
});
