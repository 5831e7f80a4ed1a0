/** Tasks and batches in the engine's shape, in its order of keys, as one node prints them. */
import { expect, test } from "bun:test";
import { batchView } from "../../../../src/core/tasks/batch-view.ts";
import { parseNodeTask, parseNodeTaskPage, withReport } from "../../../../src/core/tasks/parse-node-task.ts";
import type { Task } from "../../../../src/core/tasks/task.ts";
import { summarizedTask, taskView } from "../../../../src/core/tasks/task-view.ts";

const enqueuedAt = Date.UTC(2026, 10, 24, 3, 6, 36, 729);
const task: Task = {
  uid: 1,
  miroirId: "mtask-1",
  type: "documentAdditionOrUpdate",
  indexUid: "a",
  status: "succeeded",
  nodeTasks: [
    { nodeId: "node-0", taskUid: 9, role: "main", status: "succeeded" },
    { nodeId: "node-1", taskUid: 4, role: "main", status: "succeeded" },
  ],
  details: { indexedDocuments: 2, receivedDocuments: 2 },
  error: null,
  canceledBy: null,
  customMetadata: "hello",
  flow: null,
  dispatched: true,
  enqueuedAt,
  startedAt: enqueuedAt + 1,
  finishedAt: enqueuedAt + 605,
};

test("a task prints as the engine prints it, key by key", () => {
  expect(JSON.stringify(taskView(task, "integer"))).toBe(
    '{"uid":1,"batchUid":1,"indexUid":"a","status":"succeeded","type":"documentAdditionOrUpdate","canceledBy":null,' +
      '"details":{"receivedDocuments":2,"indexedDocuments":2},"error":null,"duration":"PT0.604S",' +
      '"enqueuedAt":"2026-11-24T03:06:36.729Z","startedAt":"2026-11-24T03:06:36.73Z","finishedAt":"2026-11-24T03:06:37.334Z",' +
      '"customMetadata":"hello"}',
  );
});

test("a task that waits has no batch, no start and no details if its type has none", () => {
  const waiting: Task = {
    ...task,
    status: "enqueued",
    details: null,
    startedAt: null,
    finishedAt: null,
    customMetadata: null,
  };
  expect(JSON.stringify(taskView(waiting, "integer"))).toBe(
    '{"uid":1,"batchUid":null,"indexUid":"a","status":"enqueued","type":"documentAdditionOrUpdate","canceledBy":null,' +
      '"error":null,"duration":null,"enqueuedAt":"2026-11-24T03:06:36.729Z","startedAt":null,"finishedAt":null}',
  );
});

test("a summary says enqueued whatever became of the task meanwhile", () => {
  expect(JSON.stringify(summarizedTask({ ...task, customMetadata: null }, "integer"))).toBe(
    '{"taskUid":1,"indexUid":"a","status":"enqueued","type":"documentAdditionOrUpdate","enqueuedAt":"2026-11-24T03:06:36.729Z"}',
  );
  expect(summarizedTask(task, "mtask")).toMatchObject({ taskUid: "mtask-1", customMetadata: "hello" });
});

test("where ids are names, the canceling task is named too", () => {
  const canceled: Task = { ...task, status: "canceled", canceledBy: 5 };
  expect(taskView(canceled, "integer")).toMatchObject({ uid: 1, canceledBy: 5 });
  expect(taskView(canceled, "mtask", { ...task, uid: 5, miroirId: "mtask-5" })).toMatchObject({
    uid: "mtask-1",
    canceledBy: "mtask-5",
  });
});

test("an intended cancelation that came too late is not shown", () => {
  expect(taskView({ ...task, canceledBy: 5 }, "integer")["canceledBy"]).toBeNull();
});

test("nodes are named only when they have something else to say than the others", () => {
  const error = { message: "no", code: "internal", type: "internal", link: "" };
  const failed = (nodeId: string) => ({ nodeId, taskUid: 1, role: "main" as const, status: "failed" as const, error });
  const all: Task = { ...task, status: "failed", nodeTasks: [failed("a"), failed("b")] };
  expect(taskView(all, "integer")["details"]).toEqual({ receivedDocuments: 2, indexedDocuments: 2 });
  const some: Task = { ...all, nodeTasks: [failed("a"), { ...failed("b"), status: "succeeded" }] };
  expect(taskView(some, "integer")["details"]).toMatchObject({
    nodes: [{ nodeId: "a", taskUid: 1, status: "failed", error }],
  });
  const hinted: Task = {
    ...task,
    nodeTasks: [...task.nodeTasks, { nodeId: "c", taskUid: null, role: "main", status: "hinted" }],
  };
  expect(taskView(hinted, "integer")["details"]).toMatchObject({
    nodes: [{ nodeId: "c", taskUid: null, status: "hinted" }],
  });
});

test("a batch prints as the engine prints one of a single task", () => {
  const created: Task = { ...task, type: "indexCreation", details: { primaryKey: null } };
  expect(JSON.stringify(batchView(created))).toBe(
    '{"uid":1,"progress":null,"details":{},"stats":{"totalNbTasks":1,"status":{"succeeded":1},"types":{"indexCreation":1},' +
      '"indexUids":{"a":1}},"duration":"PT0.604S","startedAt":"2026-11-24T03:06:36.73Z","finishedAt":"2026-11-24T03:06:37.334Z",' +
      '"batchStrategy":"created batch containing only task with id 1 of type `indexCreation` that cannot be batched with any other task."}',
  );
});

test("a batch leaves out the filter a deletion did not have, and keeps the one it had", () => {
  const byIds = { providedIds: 1, deletedDocuments: 1, originalFilter: null };
  const deleted: Task = { ...task, type: "documentDeletion", details: byIds };
  expect(batchView(deleted)["details"]).toEqual({ providedIds: 1, deletedDocuments: 1 });
  const byFilter = { ...byIds, originalFilter: '"id = 1"' };
  expect(batchView({ ...deleted, details: byFilter })["details"]).toEqual(byFilter);
  const reset: Task = { ...task, type: "settingsUpdate", details: { distinctAttribute: null } };
  expect(batchView(reset)["details"]).toEqual({ distinctAttribute: null });
});

test("a batch that runs shows how many node tasks have ended", () => {
  const running: Task = {
    ...task,
    status: "processing",
    finishedAt: null,
    nodeTasks: [
      { nodeId: "a", taskUid: 1, role: "main", status: "succeeded" },
      { nodeId: "b", taskUid: 1, role: "main", status: "processing" },
    ],
  };
  expect(batchView(running)).toMatchObject({
    progress: { steps: [{ currentStep: "processing tasks", finished: 1, total: 2 }], percentage: 50 },
    duration: null,
    finishedAt: null,
  });
});

const printed =
  '{"uid":3,"batchUid":3,"indexUid":"zz","status":"failed","type":"indexDeletion","canceledBy":null,' +
  '"details":{"deletedDocuments":0},"error":{"message":"Index `zz` not found.","code":"index_not_found",' +
  '"type":"invalid_request","link":"https://docs.meilisearch.com/errors#index_not_found"},"duration":"PT0.000254639S",' +
  '"enqueuedAt":"2026-11-24T03:06:36.759447267Z","startedAt":"2026-11-24T03:06:37.340474725Z",' +
  '"finishedAt":"2026-11-24T03:06:37.340729364Z","customMetadata":"mtask-7"}';

test("a node's task is read from what the engine prints", () => {
  expect(parseNodeTask(printed)).toEqual({
    taskUid: 3,
    indexUid: "zz",
    type: "indexDeletion",
    status: "failed",
    details: { deletedDocuments: 0 },
    error: {
      message: "Index `zz` not found.",
      code: "index_not_found",
      type: "invalid_request",
      link: "https://docs.meilisearch.com/errors#index_not_found",
    },
    customMetadata: "mtask-7",
    enqueuedAt: Date.parse("2026-11-24T03:06:36.759Z"),
    startedAt: Date.parse("2026-11-24T03:06:37.340Z"),
    finishedAt: Date.parse("2026-11-24T03:06:37.340Z"),
  });
});

test("a page of tasks is read with the place of the next, and anything else is refused", () => {
  expect(parseNodeTaskPage(`{"results":[${printed}],"total":4,"limit":1,"from":3,"next":2}`)).toMatchObject({
    reports: [{ taskUid: 3 }],
    next: 2,
  });
  for (const text of ["", "[]", "{}", '{"results":{}}', '{"results":[{"uid":"3"}]}', '{"results":[null]}', "<html>"]) {
    expect(parseNodeTaskPage(text)).toBeUndefined();
  }
});

test("a report replaces what was known and keeps the role", () => {
  const report = parseNodeTask(printed);
  expect(report).toBeDefined();
  if (report === undefined) return;
  const before = {
    nodeId: "a",
    taskUid: 3,
    role: "prepare",
    status: "enqueued",
    tolerated: ["index_not_found"],
  } as const;
  expect(withReport(before, report)).toMatchObject({
    nodeId: "a",
    role: "prepare",
    status: "failed",
    tolerated: ["index_not_found"],
    error: { code: "index_not_found" },
  });
});
