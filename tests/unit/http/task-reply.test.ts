/** The summary of a new task, with its number or with its name. */
import { expect, test } from "bun:test";
import type { Task } from "../../../src/core/tasks/task.ts";
import type { RequestContext, Route } from "../../../src/http/route.ts";
import { summarizedReply, withTaskNames } from "../../../src/http/task-reply.ts";

const task = {
  uid: 12,
  miroirId: "mtask-abc",
  type: "indexCreation",
  indexUid: "films",
  customMetadata: '{"taskUid":12',
  enqueuedAt: 0,
} as unknown as Task;

const asked = async (reply: ReturnType<typeof summarizedReply>) => {
  const route = { handler: async () => reply } as unknown as Route;
  return withTaskNames(route).handler({} as RequestContext);
};

test("carries the name in a header and the number in the body", () => {
  const reply = summarizedReply(task);
  expect(reply).toMatchObject({ status: 202, headers: { "X-Miroir-Task": "mtask-abc" } });
  expect(JSON.parse(reply.body as string)).toEqual({
    taskUid: 12,
    indexUid: "films",
    status: "enqueued",
    type: "indexCreation",
    enqueuedAt: "1970-01-01T00:00:00Z",
    customMetadata: '{"taskUid":12',
  });
  expect(summarizedReply(task, 200).status).toBe(200);
});

test("where ids are names, the body carries the name instead, and nothing else changes", async () => {
  const before = summarizedReply(task);
  const after = await asked(before);
  expect(JSON.parse(after.body as string)).toEqual({ ...JSON.parse(before.body as string), taskUid: "mtask-abc" });
  expect(await asked({ status: 200, body: '{"taskUid":3}' })).toEqual({ status: 200, body: '{"taskUid":3}' });
});
