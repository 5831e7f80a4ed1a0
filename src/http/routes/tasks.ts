/** Tasks and batches: the engine's routes over the router's own registry, and one of Miroir's to cancel a single task. */
import { apiError } from "../../core/errors/api-error.ts";
import { cancelTasks, type CancelTasksDeps } from "../../services/tasks/cancel-tasks.ts";
import { deleteTasks } from "../../services/tasks/delete-tasks.ts";
import { findTask, getBatch, getTask, type GetTaskDeps } from "../../services/tasks/get-task.ts";
import { listBatches, listTasks } from "../../services/tasks/list-tasks.ts";
import { taskDocuments, type TaskDocumentsDeps } from "../../services/tasks/task-documents.ts";
import type { TaskRef, Visibility } from "../../services/tasks/task-query.ts";
import { decodeTaskPage, decodeTaskRef, decodeTaskSelection } from "../decode/task-query.ts";
import { behindFeature, type FeatureGateDeps } from "../feature-gate.ts";
import { json } from "../respond.ts";
import type { Reply, RequestContext, Route } from "../route.ts";
import { summarizedReply } from "../task-reply.ts";

export type TaskRoutesDeps = GetTaskDeps & CancelTasksDeps & TaskDocumentsDeps & FeatureGateDeps;

const READ = { kind: "action", action: "tasks.get" } as const;
const CANCEL = { kind: "action", action: "tasks.cancel" } as const;
const DELETE = { kind: "action", action: "tasks.delete" } as const;

export function tasksRoutes(deps: TaskRoutesDeps): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/tasks",
      access: READ,
      answered: "from the router's own registry",
      handler: async (context) =>
        json(200, await listTasks(deps, decodeTaskPage(context.query), visibilityOf(context))),
    },
    {
      method: "GET",
      path: "/tasks/{taskUid}",
      access: READ,
      answered: "from the router's own registry, by number or by `mtask-…` name",
      handler: async (context) => json(200, await getTask(deps, refOf(context, "task"), visibilityOf(context))),
    },
    {
      method: "GET",
      path: "/tasks/{taskUid}/documents",
      access: READ,
      answered: "put together from the nodes while the task is open and `getTaskDocumentsRoute` is on",
      handler: behindFeature(deps, "getTaskDocumentsRoute", async (context) => {
        const documents = await taskDocuments(deps, refOf(context, "task"), visibilityOf(context), context.signal);
        return { status: 200, headers: { "content-type": "application/x-ndjson" }, body: documents };
      }),
    },
    {
      method: "POST",
      path: "/tasks/cancel",
      access: CANCEL,
      answered: "one task; every node is told which of its tasks are meant",
      handler: async (context) => {
        const search = decodeTaskSelection(context.query, "cancel");
        return canceled(deps, context, search, `?${context.rawQuery}`);
      },
    },
    {
      method: "DELETE",
      path: "/tasks",
      access: DELETE,
      answered: "one task; removes records of the router's own registry",
      handler: async (context) => {
        const search = decodeTaskSelection(context.query, "delete");
        const selection = { search, originalFilter: `?${context.rawQuery}` };
        return summarizedReply(await deleteTasks(deps, selection, visibilityOf(context)), 200);
      },
    },
    {
      method: "DELETE",
      path: "/tasks/{taskUid}",
      access: CANCEL,
      answered: "Miroir's own: cancels one task as far as its nodes still can",
      handler: async (context) => {
        const ref = refOf(context, "task");
        if ((await findTask(deps, ref, visibilityOf(context))) === undefined) {
          throw apiError("task_not_found", `Task \`${ref}\` not found.`);
        }
        return canceled(deps, context, { uids: [ref] }, `?uids=${ref}`);
      },
    },
    {
      method: "GET",
      path: "/batches",
      access: READ,
      answered: "one batch per task, with the task's uid",
      handler: async (context) =>
        json(200, await listBatches(deps, decodeTaskPage(context.query), visibilityOf(context))),
    },
    {
      method: "GET",
      path: "/batches/{batchUid}",
      access: READ,
      answered: "the batch of the task with that uid",
      handler: async (context) => json(200, await getBatch(deps, refOf(context, "batch"), visibilityOf(context))),
    },
  ];
}

async function canceled(
  deps: TaskRoutesDeps,
  context: RequestContext,
  search: Parameters<typeof cancelTasks>[1]["search"],
  originalFilter: string,
): Promise<Reply> {
  return summarizedReply(await cancelTasks(deps, { search, originalFilter }, visibilityOf(context)), 200);
}

function refOf(context: RequestContext, what: "task" | "batch"): TaskRef {
  return decodeTaskRef(context.params[`${what}Uid`] ?? "", what);
}

/** The admin key opens only the copies of these routes below `/_miroir/`, and there it sees every task. */
function visibilityOf({ authority }: RequestContext): Visibility {
  if (authority.kind === "admin") return { restricted: false, allows: () => true };
  return {
    restricted: authority.restrictedToIndexes,
    allows: (indexUid) => authority.allowsIndex(indexUid),
  };
}
