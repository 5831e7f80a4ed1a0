/** The client's methods about tasks and batches. */
import { ended, inTurn, type SdkStep } from "./clients-sdk-step.ts";

export const taskSteps: readonly SdkStep[] = [
  [
    "three tasks, one after another",
    ({ client }) =>
      inTurn(
        () => ended(client.createIndex("tracked", { primaryKey: "id" })),
        () => ended(client.index("tracked").addDocuments([{ id: 1 }, { id: 2 }])),
        () => ended(client.index("tracked").addDocuments([{ noId: true }])),
      ),
  ],
  [
    "wait in every way",
    async ({ client }) => {
      const sent = [
        await client.index("tracked").updateStopWords(["a"]),
        await client.index("tracked").updateSynonyms({ a: ["b"] }),
      ];
      const one = await client.tasks.waitForTask(sent[0]?.taskUid ?? -1);
      const all = await client.tasks.waitForTasks(sent);
      const turn: unknown[] = [];
      for await (const task of client.tasks.waitForTasksIter(sent, { timeout: 10_000 })) turn.push(task);
      return { one, all: all.length, turn: turn.length };
    },
  ],
  [
    "one task",
    async ({ client }) => {
      const { taskUid } = await client
        .index("tracked")
        .addDocuments([{ id: 3 }])
        .waitTask()
        .then((task) => ({ taskUid: task.uid }));
      return client.tasks.getTask(taskUid);
    },
  ],
  ["a task there never was", ({ client }) => client.tasks.getTask(987_654)],
  ["the tasks of an index", ({ client }) => client.tasks.getTasks({ indexUids: ["tracked"] })],
  [
    "tasks by type and state",
    ({ client }) =>
      client.tasks.getTasks({
        indexUids: ["tracked"],
        types: ["documentAdditionOrUpdate"],
        statuses: ["failed", "canceled"],
      }),
  ],
  ["the oldest first", ({ client }) => client.tasks.getTasks({ indexUids: ["tracked"], reverse: true, limit: 2 })],
  [
    "walk through the pages",
    async ({ client }) => {
      const first = await client.tasks.getTasks({ indexUids: ["tracked"], limit: 2 });
      const second = await client.tasks.getTasks({ indexUids: ["tracked"], limit: 2, from: first.next });
      return { first, second };
    },
  ],
  ["tasks of tomorrow", ({ client }) => client.tasks.getTasks({ afterEnqueuedAt: "2999-01-01T00:00:00Z" })],
  ["tasks of an impossible date", ({ client }) => client.tasks.getTasks({ afterEnqueuedAt: "tomorrow" })],
  [
    "the batch of a task",
    async ({ client }) => {
      const task = await client
        .index("tracked")
        .addDocuments([{ id: 4 }, { id: 5 }])
        .waitTask();
      return client.batches.getBatch(task.batchUid ?? -1);
    },
  ],
  ["the last two batches of an index", ({ client }) => client.batches.getBatches({ indexUids: ["tracked"], limit: 2 })],
  ["a batch there never was", ({ client }) => client.batches.getBatch(987_654)],
  ["cancel what is over", ({ client }) => ended(client.tasks.cancelTasks({ indexUids: ["tracked"] }))],
  ["cancel without saying what", ({ client }) => client.tasks.cancelTasks({})],
  [
    "delete the failed",
    ({ client }) => ended(client.tasks.deleteTasks({ indexUids: ["tracked"], statuses: ["failed"] })),
  ],
  ["none has failed any more", ({ client }) => client.tasks.getTasks({ indexUids: ["tracked"], statuses: ["failed"] })],
  ["delete without saying what", ({ client }) => client.tasks.deleteTasks({})],
  ["the documents of a task", ({ client }) => client.tasks.getTaskDocuments(1)],
];
