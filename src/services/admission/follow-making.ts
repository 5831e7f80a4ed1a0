/**
 * Nodes have been told to make an index that no task is about. It becomes visible when every node that is there has
 * carried that out, as it does at the end of a task; until then, also over a restart, it is one that is being made.
 */
import type { NodeClient } from "../../nodes/node-client.ts";
import type { Clock } from "../../platform/clock.ts";
import { type LifecycleDeps, makeReady } from "../indexes/lifecycle-deps.ts";
import type { Making } from "../indexes/recover-creating.ts";
import { nodeTasksEnded } from "./node-tasks-ended.ts";

export interface FollowDeps extends Pick<LifecycleDeps, "catalog" | "versions" | "fleet" | "suspect"> {
  readonly client: (nodeId: string) => NodeClient;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** A node that has not done it, or went away before that was seen, is looked at before it serves. */
export async function followMaking(deps: FollowDeps, making: Making, signal: AbortSignal): Promise<void> {
  const { uid, createdAt } = making;
  const nodes = await Promise.all(
    making.nodeTasks.map(async ({ nodeId, taskUid }) => {
      const isDone = taskUid !== null && (await carriedOut(deps, making, nodeId, taskUid, signal));
      return { nodeId, status: isDone ? ("succeeded" as const) : ("hinted" as const) };
    }),
  );
  if (signal.aborted || deps.catalog.get(uid)?.createdAt !== createdAt) return;
  await makeReady(deps, uid, nodes, createdAt);
  // Whoever has made it visible meanwhile knows nothing of these.
  for (const { nodeId, status } of nodes) if (status === "hinted") deps.suspect(nodeId);
}

/** Followed for as long as the node takes: there may be much in its queue. */
async function carriedOut(
  deps: FollowDeps,
  { uid, createdAt }: Making,
  nodeId: string,
  taskUid: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    if (signal.aborted || deps.catalog.get(uid)?.createdAt !== createdAt || !deps.fleet.healthy(nodeId)) return false;
    const state = await nodeTasksEnded(deps.client(nodeId), [taskUid], deps.timeoutMs, signal);
    if (state !== "open") return state === "succeeded";
    await deps.clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}

const PAUSE_FIRST_MS = 20;
const PAUSE_MAX_MS = 1_000;
