/** A task to insert; what a test does not name is unremarkable. */
import type { NewTask } from "../../../src/store/task-store.ts";

let serial = 0;

export function newTask(change: Partial<NewTask> = {}): NewTask {
  serial += 1;
  return {
    miroirId: `mtask-${serial}`,
    type: "documentAdditionOrUpdate",
    indexUid: "films",
    status: "enqueued",
    nodeTasks: [],
    details: { receivedDocuments: 2, indexedDocuments: null },
    error: null,
    canceledBy: null,
    customMetadata: null,
    flow: null,
    dispatched: false,
    enqueuedAt: 1000 + serial,
    startedAt: null,
    finishedAt: null,
    ...change,
  };
}
