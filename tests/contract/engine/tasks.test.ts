/** The task queue of one node: summaries, views, filters, paging, cancelation, deletion, and what survives a crash. */
import { expect, test } from "bun:test";

import { nodeRequest, runTask, waitForTask } from "../../support/nodes.ts";
import { describeEngines } from "../../support/nodes-engines.ts";

describeEngines("tasks", (node) => {
  test("a write is acknowledged with 202 and becomes a task that succeeds", async () => {
    const { status, body } = await nodeRequest(node(), "POST", "/indexes/a/documents", [{ id: 1 }]);
    expect(status).toBe(202);
    expect(body).toEqual({
      taskUid: expect.any(Number),
      indexUid: "a",
      status: "enqueued",
      type: "documentAdditionOrUpdate",
      enqueuedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/),
    });
    const task = await waitForTask(node(), body.taskUid);
    expect(task).toEqual({
      uid: body.taskUid,
      batchUid: expect.any(Number),
      indexUid: "a",
      status: "succeeded",
      type: "documentAdditionOrUpdate",
      canceledBy: null,
      details: { receivedDocuments: 1, indexedDocuments: 1 },
      error: null,
      duration: expect.stringMatching(/^PT[\d.]+S$/),
      enqueuedAt: body.enqueuedAt,
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
    });
    const batch = await nodeRequest(node(), "GET", `/batches/${task.batchUid}`);
    expect(batch.body).toMatchObject({
      uid: task.batchUid,
      progress: null,
      stats: { totalNbTasks: 1, status: { succeeded: 1 } },
    });
  });

  test("lists are newest first, paged by `from` and `next`, narrowed by filters", async () => {
    const made = await Promise.all([1, 2, 3, 4].map((id) => runTask(node(), "POST", "/indexes/l/documents", [{ id }])));
    const newest = Math.max(...made.map(({ uid }) => uid));
    const page = (await nodeRequest(node(), "GET", "/tasks?limit=2")).body;
    expect(page).toMatchObject({ limit: 2, from: newest, next: newest - 2, total: newest + 1 });
    expect(page.results.map(({ uid }: { uid: number }) => uid)).toEqual([newest, newest - 1]);
    const reversed = (await nodeRequest(node(), "GET", `/tasks?limit=2&from=1&reverse=true`)).body;
    expect(reversed.results.map(({ uid }: { uid: number }) => uid)).toEqual([1, 2]);
    const failed = (await nodeRequest(node(), "GET", "/tasks?statuses=failed")).body;
    expect(failed.results).toEqual([]);
    expect((await nodeRequest(node(), "GET", `/tasks?uids=${newest}&types=documentAdditionOrUpdate`)).body.total).toBe(
      1,
    );
    expect((await nodeRequest(node(), "GET", "/tasks?beforeEnqueuedAt=2001-01-01")).body.total).toBe(0);
  });

  test.each([
    ["/tasks/abc", 400, "invalid_task_uids"],
    ["/tasks/99999", 404, "task_not_found"],
    ["/tasks?statuses=nope", 400, "invalid_task_statuses"],
    ["/tasks?types=nope", 400, "invalid_task_types"],
    ["/tasks?limit=x", 400, "invalid_task_limit"],
    ["/tasks?beforeEnqueuedAt=x", 400, "invalid_task_before_enqueued_at"],
    ["/tasks?nope=1", 400, "bad_request"],
    ["/batches/99999", 404, "batch_not_found"],
  ])("refuses %s", async (path, status, code) => {
    const answer = await nodeRequest(node(), "GET", path);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test("cancelation and deletion answer 200 and need a filter", async () => {
    const { uid } = await runTask(node(), "POST", "/indexes/c/documents", [{ id: 1 }]);
    const canceled = await nodeRequest(node(), "POST", `/tasks/cancel?uids=${uid}`);
    expect(canceled.status).toBe(200);
    expect(await waitForTask(node(), canceled.body.taskUid)).toMatchObject({
      type: "taskCancelation",
      details: { matchedTasks: 1, canceledTasks: 0, originalFilter: `?uids=${uid}` },
    });
    const deleted = await nodeRequest(node(), "DELETE", `/tasks?uids=${uid}`);
    expect(deleted.status).toBe(200);
    expect(await waitForTask(node(), deleted.body.taskUid)).toMatchObject({
      details: { matchedTasks: 1, deletedTasks: 1 },
    });
    expect((await nodeRequest(node(), "GET", `/tasks/${uid}`)).status).toBe(404);
    expect((await nodeRequest(node(), "POST", "/tasks/cancel")).body.code).toBe("missing_task_filters");
  });

  test("what was acknowledged survives a crash", async () => {
    await runTask(node(), "PATCH", "/indexes/kept/settings", { stopWords: ["the"] });
    await runTask(node(), "POST", "/indexes/kept/documents", [{ id: 1, t: "a" }]);
    const last = await nodeRequest(node(), "POST", "/indexes/kept/documents", [{ id: 2, t: "b" }]);
    const keys = await nodeRequest(node(), "GET", "/keys");
    await node().kill();
    await node().restart();
    expect(await waitForTask(node(), last.body.taskUid)).toMatchObject({ status: "succeeded" });
    const { body } = await nodeRequest(node(), "GET", "/indexes/kept/documents");
    expect(body.results).toEqual([
      { id: 1, t: "a" },
      { id: 2, t: "b" },
    ]);
    expect((await nodeRequest(node(), "GET", "/indexes/kept/settings/stop-words")).body).toEqual(["the"]);
    expect((await nodeRequest(node(), "GET", "/keys")).body).toEqual(keys.body);
  }, 60_000);
});
