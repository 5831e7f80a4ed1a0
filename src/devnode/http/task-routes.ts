/** Tasks and batches: read, cancel, delete. */
import { NodeError } from "../node-error.ts";
import { batchView, summary, taskView, type Task } from "../tasks/task.ts";
import { FILTER_PARAMETERS, matches, pageOf, parseTaskFilter, type TaskFilter } from "../tasks/task-filters.ts";
import {
  booleanParameter,
  integerParameter,
  queryParameters,
  type NodeReply,
  type NodeRequestContext,
} from "./request.ts";
import type { Route } from "./route.ts";

export const taskRoutes: readonly Route[] = [
  { method: "GET", path: "/tasks", action: "tasks.get", handle: list },
  {
    method: "DELETE",
    path: "/tasks",
    action: "tasks.delete",
    handle: (context) => enqueueOver(context, "taskDeletion"),
  },
  {
    method: "POST",
    path: "/tasks/cancel",
    action: "tasks.cancel",
    handle: (context) => enqueueOver(context, "taskCancelation"),
  },
  { method: "GET", path: "/tasks/:task", action: "tasks.get", handle: getTask },
  { method: "GET", path: "/batches", action: "tasks.get", handle: listBatches },
  { method: "GET", path: "/batches/:batch", action: "tasks.get", handle: getBatch },
];

const PAGE_PARAMETERS = ["limit", "from", "reverse"];

function list(context: NodeRequestContext): NodeReply {
  const { filter, page } = readQuery(context);
  const found = [...context.node.queue.tasks.values()].filter((task) => matches(task, filter));
  const paged = pageOf(
    found,
    ({ uid }) => uid,
    (task) => isVisible(context, task),
    page,
  );
  return { status: 200, body: { ...paged, results: paged.results.map(taskView) } };
}

function listBatches(context: NodeRequestContext): NodeReply {
  const { filter, page } = readQuery(context);
  const found = [...context.node.queue.tasks.values()].filter(
    (task) => task.batchUid !== null && matches(task, filter),
  );
  const paged = pageOf(
    found,
    ({ batchUid }) => batchUid ?? 0,
    (task) => isVisible(context, task),
    page,
  );
  return { status: 200, body: { ...paged, results: paged.results.map(batchView) } };
}

function getTask(context: NodeRequestContext): NodeReply {
  const text = context.parameters["task"] ?? "";
  if (!/^\d+$/.test(text)) {
    throw new NodeError(
      "invalid_task_uids",
      `Task uid \`${text}\` is invalid. It should only contain numeric characters.`,
    );
  }
  const task = context.node.queue.tasks.get(Number(text));
  if (task === undefined || !isVisible(context, task))
    throw new NodeError("task_not_found", `Task \`${text}\` not found.`);
  return { status: 200, body: taskView(task) };
}

function getBatch(context: NodeRequestContext): NodeReply {
  const text = context.parameters["batch"] ?? "";
  if (!/^\d+$/.test(text)) {
    throw new NodeError(
      "invalid_batch_uids",
      `Batch uid \`${text}\` is invalid. It should only contain numeric characters.`,
    );
  }
  const task = [...context.node.queue.tasks.values()].find(({ batchUid }) => batchUid === Number(text));
  if (task === undefined || !isVisible(context, task))
    throw new NodeError("batch_not_found", `Batch \`${text}\` not found.`);
  return { status: 200, body: batchView(task) };
}

/** The tasks to cancel or delete are those that exist when the task is enqueued. These two answer 200. */
function enqueueOver(context: NodeRequestContext, type: "taskCancelation" | "taskDeletion"): NodeReply {
  const parameters = queryParameters(context, ["uids", ...FILTER_PARAMETERS.filter((name) => name !== "uids")]);
  if (parameters.size === 0) {
    const verb = type === "taskCancelation" ? "cancel" : "delete";
    throw new NodeError(
      "missing_task_filters",
      `Query parameters to filter the tasks to ${verb} are missing. Available query parameters are: \`uids\`, \`indexUids\`, \`statuses\`, \`types\`, \`canceledBy\`, \`beforeEnqueuedAt\`, \`afterEnqueuedAt\`, \`beforeStartedAt\`, \`afterStartedAt\`, \`beforeFinishedAt\`, \`afterFinishedAt\`.`,
    );
  }
  const filter = parseTaskFilter(parameters);
  const tasks = [...context.node.queue.tasks.values()];
  const matched = tasks.filter((task) => isVisible(context, task) && matches(task, filter));
  const query = `?${[...context.query].map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`).join("&")}`;
  const task = context.node.queue.enqueue(null, { type, query, matched: matched.map(({ uid }) => uid) }, null);
  return { status: 200, body: summary(task) };
}

function readQuery(context: NodeRequestContext): { filter: TaskFilter; page: Parameters<typeof pageOf>[3] } {
  const parameters = queryParameters(context, [...PAGE_PARAMETERS, ...FILTER_PARAMETERS]);
  const from = parameters.has("from") ? integerParameter(parameters, "from", 0, "invalid_task_from") : null;
  return {
    filter: parseTaskFilter(parameters),
    page: {
      limit: integerParameter(parameters, "limit", 20, "invalid_task_limit"),
      from,
      reverse: booleanParameter(parameters, "reverse", "invalid_task_reverse"),
    },
  };
}

function isVisible(context: NodeRequestContext, task: Task): boolean {
  if (context.authority.indexes === null) return true;
  return task.indexUid !== null && context.authority.sees(task.indexUid);
}
