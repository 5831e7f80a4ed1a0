/** What a simulated node tells of its tasks. */
import type { Query } from "./node-address.ts";
import { type Json, NodeFault } from "./node-documents.ts";
import type { SimulatedNode, SimulatedTask } from "./simulated-node.ts";

export function oneTask(node: SimulatedNode, uid: string): string {
  const task = node.tasks[Number(uid)];
  if (task === undefined) throw new NodeFault(404, "task_not_found", `Task \`${uid}\` not found.`);
  return taskText(task);
}

export function listTasks(node: SimulatedNode, query: Query): string {
  const { uids, limit, matches, isReverse, from: first } = taskQuery(query);
  const asked = uids === null ? node.tasks : uids.flatMap((uid) => node.tasks[uid] ?? []);
  const matching = matches === null ? asked : asked.filter(matches);
  const ordered = isReverse ? matching : matching.toReversed();
  const reached = first === null ? ordered : ordered.filter(({ uid }) => (isReverse ? uid >= first : uid <= first));
  const from = reached[0]?.uid ?? null;
  const next = reached[limit]?.uid ?? null;
  const results = reached.slice(0, limit).map(taskText).join(",");
  return `{"results":[${results}],"total":${matching.length},"limit":${limit},"from":${from},"next":${next}}`;
}

interface TaskQuery {
  /** Ascending; null: all. */
  readonly uids: readonly number[] | null;
  /** What else has to hold; null: nothing. */
  readonly matches: ((task: SimulatedTask) => boolean) | null;
  readonly isReverse: boolean;
  readonly from: number | null;
  readonly limit: number;
}

const taskQueries = new WeakMap<Query, TaskQuery>();

function taskQuery(query: Query): TaskQuery {
  const known = taskQueries.get(query);
  if (known !== undefined) return known;
  const wanted = (name: string): ReadonlySet<string> | undefined => {
    const list = query.get(name);
    return list === null ? undefined : new Set(list.split(","));
  };
  const [uids, statuses, indexes, types] = ["uids", "statuses", "indexUids", "types"].map(wanted);
  const after = query.get("afterEnqueuedAt");
  const afterMs = after === null ? -Infinity : Date.parse(after);
  const matches = (task: SimulatedTask): boolean =>
    statuses?.has(task.status) !== false &&
    types?.has(task.work.type) !== false &&
    (indexes === undefined || concerns(task, indexes)) &&
    task.enqueuedAtMs > afterMs;
  const first = query.get("from");
  const asked: TaskQuery = {
    uids: uids === undefined ? null : [...uids].map(Number).toSorted((one, other) => one - other),
    matches: (statuses ?? types ?? indexes) === undefined && after === null ? null : matches,
    isReverse: query.get("reverse") === "true",
    from: first === null ? null : Number(first),
    limit: Number(query.get("limit") ?? 20),
  };
  taskQueries.set(query, asked);
  return asked;
}

/** A task is asked for more often than it changes. */
function taskText(task: SimulatedTask): string {
  const { status, startedAtMs, work, indexUid, shown } = task;
  if (shown?.status === status && shown.startedAtMs === startedAtMs && shown.work === work) {
    if (shown.indexUid === indexUid) return shown.text;
  }
  const text = JSON.stringify(taskView(task));
  task.shown = { text, status, startedAtMs, work, indexUid };
  return text;
}

function taskView(task: SimulatedTask): Json {
  const { uid, indexUid, status, details, error, customMetadata } = task;
  const finished = task.finishedAtMs;
  return {
    uid,
    batchUid: task.startedAtMs === null ? null : uid,
    indexUid,
    status,
    type: task.work.type,
    canceledBy: null,
    details,
    error,
    duration: finished === null ? null : `PT${((finished - (task.startedAtMs ?? finished)) / 1_000).toFixed(6)}S`,
    enqueuedAt: timeText(task.enqueuedAtMs),
    startedAt: timeText(task.startedAtMs),
    finishedAt: timeText(finished),
    ...(customMetadata === null ? {} : { customMetadata }),
  };
}

export function timeText(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

/** What gives an index another name is a task of both names. */
function concerns({ indexUid, work }: SimulatedTask, names: ReadonlySet<string>): boolean {
  return names.has(indexUid ?? "") || (work.type === "indexUpdate" && names.has(work.newUid ?? ""));
}
