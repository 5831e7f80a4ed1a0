/** A node that keeps tasks and does nothing else: a test enqueues them, moves them on, and can make the node forget. */
import type { NodeRequest } from "../../src/nodes/node-client.ts";
import type { NodeTask } from "../../src/core/tasks/task.ts";
import { answered, createFakeNodeClient, refused, type FakeNodeClient } from "./fake-node-client.ts";

export interface FakeTaskNode {
  readonly client: FakeNodeClient;
  /** Enqueues a task as a write would and returns the router's record of it. */
  enqueue(change?: Partial<NodeTaskFields>): NodeTask;
  set(uid: number, change: Partial<NodeTaskFields>): void;
  forget(uid: number): void;
  /** How many requests have asked about tasks by uid. */
  polls(): readonly (readonly number[])[];
}

export interface NodeTaskFields {
  readonly indexUid: string | null;
  readonly type: string;
  readonly status: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly error: unknown;
  readonly customMetadata: string;
  readonly enqueuedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly role: NodeTask["role"];
  readonly tolerated: readonly string[];
}

export function createFakeTaskNode(nodeId: string, nowMs: () => number): FakeTaskNode {
  const tasks = new Map<number, Record<string, unknown> & { uid: number }>();
  let nextUid = 100;
  const now = (): string => new Date(nowMs()).toISOString();

  const enqueue: FakeTaskNode["enqueue"] = (change = {}) => {
    const { role = "main", tolerated, ...fields } = change;
    const uid = nextUid;
    nextUid += 1;
    tasks.set(uid, {
      uid,
      indexUid: "films",
      type: "documentAdditionOrUpdate",
      status: "enqueued",
      enqueuedAt: now(),
      startedAt: null,
      finishedAt: null,
      error: null,
      ...fields,
    });
    return {
      nodeId,
      taskUid: uid,
      role,
      status: "enqueued",
      ...(tolerated === undefined ? {} : { tolerated }),
      enqueuedAt: nowMs(),
    };
  };

  const list = (search: URLSearchParams): unknown => {
    const uids = search.get("uids")?.split(",").map(Number);
    const wanted = [...tasks.values()].filter(
      (task) =>
        (uids?.includes(task.uid) ?? true) &&
        (!search.has("indexUids") || task["indexUid"] === search.get("indexUids")) &&
        (!search.has("afterEnqueuedAt") || String(task["enqueuedAt"]) > (search.get("afterEnqueuedAt") ?? "")) &&
        task.uid >= Number(search.get("from") ?? 0),
    );
    const limit = Number(search.get("limit") ?? 20);
    return { results: wanted.slice(0, limit), total: wanted.length, next: wanted[limit]?.uid ?? null };
  };

  const cancel = (search: URLSearchParams): unknown => {
    const uids = new Set((search.get("uids") ?? "").split(",").map(Number));
    for (const task of tasks.values()) {
      const isOpen = task["status"] === "enqueued" || task["status"] === "processing";
      if (uids.has(task.uid) && isOpen)
        tasks.set(task.uid, { ...task, status: "canceled", startedAt: now(), finishedAt: now() });
    }
    const { taskUid } = enqueue({ type: "taskCancelation", indexUid: null, status: "succeeded", finishedAt: now() });
    return { taskUid, indexUid: null, status: "enqueued", type: "taskCancelation", enqueuedAt: now() };
  };

  const client = createFakeNodeClient(nodeId, ({ method, path }) => {
    const { pathname, searchParams } = new URL(path, "http://node");
    if (method === "GET" && pathname === "/tasks") return answered(nodeId, list(searchParams));
    if (method === "POST" && pathname === "/tasks/cancel") return answered(nodeId, cancel(searchParams));
    return refused(nodeId, 404, "not_found");
  });

  return {
    client,
    enqueue,
    set: (uid, change) => {
      const task = tasks.get(uid);
      if (task !== undefined) tasks.set(uid, { ...task, ...timesOf(change, now()), ...change });
    },
    forget: (uid) => void tasks.delete(uid),
    polls: () => client.sent.map(uidsAsked).filter((uids) => uids !== undefined),
  };
}

function timesOf({ status }: Partial<NodeTaskFields>, now: string): Partial<NodeTaskFields> {
  if (status === "processing") return { startedAt: now };
  return status === undefined || status === "enqueued" ? {} : { startedAt: now, finishedAt: now };
}

function uidsAsked({ method, path }: NodeRequest): readonly number[] | undefined {
  const uids = method === "GET" ? new URL(path, "http://node").searchParams.get("uids") : null;
  return uids?.split(",").map(Number);
}
