/**
 * One bounded step of a replay: the oldest hints of a node, strictly in order. A hint is removed only after the node has
 * it; one that the node has already, because its first sending arrived after all, is not sent again.
 */
import type { NodeClient, NodeRequest } from "../../nodes/node-client.ts";
import { type LaneSendDeps, type LaneSendOptions, sendOnce, taskWithOperation } from "../../scatter/lane-send.ts";
import { type EnqueueOutcome, isOvertaken } from "../../scatter/lane.ts";
import type { HintSpool } from "../../store/hint-spool.ts";
import type { Hint, HintStore } from "../../store/hint-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { hintRefused, hintReplayed } from "../../telemetry/events/writes.ts";
import type { TaskRegistry } from "../tasks/task-registry.ts";
import { isNote } from "./read-debts.ts";

export type NodeTaskTaken = Pick<Extract<EnqueueOutcome, { kind: "enqueued" }>, "nodeId" | "taskUid" | "enqueuedAt">;

export interface ReplayDeps extends LaneSendDeps {
  readonly hints: HintStore;
  readonly spool: HintSpool;
  readonly tasks: Pick<TaskRegistry, "replayed">;
  /** Told of every task that a node has made of a write; default: nobody is. */
  taken?(task: NodeTaskTaken): void;
  client(nodeId: string): NodeClient;
  readonly emit: Emit;
}

/**
 * `done` takes a hint out of the store; it is given the task that the node made of it. `nothing`: no write is kept for
 * the node.
 */
export async function replayHints(
  deps: ReplayDeps,
  nodeId: string,
  options: LaneSendOptions,
  mayGoOn: () => boolean,
  done: (hint: Hint, nodeTaskUid: number) => Promise<void>,
): Promise<"progress" | "nothing" | "node_away" | "body_lost" | "refused"> {
  const client = deps.client(nodeId);
  const page = await deps.hints.oldest(nodeId, HINTS_PER_STEP);
  if (page.every(isNote)) return "nothing";
  // The oldest may have been sent by whoever was brought to a stop in the middle of this; what comes behind it was not.
  let isFirst = true;
  for (const hint of page) {
    if (isNote(hint)) continue;
    if (!mayGoOn()) return "node_away";
    const mayBeThere = isFirst || hint.request.unsent !== true;
    isFirst = false;
    const body = hint.spoolRef === null ? undefined : await deps.spool.read(hint.spoolRef);
    if (hint.spoolRef !== null && body === undefined) return "body_lost";
    const outcome = await bring(deps, client, { hint, body, mayBeThere, mayGo: mayGoOn }, options);
    if (outcome.kind === "refused" && !isOvertaken(outcome)) {
      deps.emit(hintRefused, { nodeId, indexUid: hint.indexUid, status: outcome.status, code: outcome.error.code });
      return "refused";
    }
    if (outcome.kind !== "enqueued") return "node_away";
    deps.taken?.(outcome);
    if (hint.taskUid !== null) await deps.tasks.replayed(hint.taskUid, nodeId, outcome.taskUid);
    await done(hint, outcome.taskUid);
    if (hint.spoolRef !== null) await deps.spool.remove(hint.spoolRef);
    deps.emit(hintReplayed, { nodeId, indexUid: hint.indexUid });
  }
  return "progress";
}

interface Bringing {
  readonly hint: Hint;
  readonly body: Uint8Array | undefined;
  /** The node may have it already. Looking costs more than bringing where the node has had many tasks since. */
  readonly mayBeThere: boolean;
  readonly mayGo: () => boolean;
}

async function bring(
  deps: ReplayDeps,
  client: NodeClient,
  { hint, body, mayBeThere, mayGo }: Bringing,
  options: LaneSendOptions,
): Promise<EnqueueOutcome> {
  const { nodeId, indexUid, operationId } = hint;
  if (operationId !== null && mayBeThere) {
    // The node has been away since, so nothing can be on its way any more: one look is enough.
    const found = await taskWithOperation(client, indexUid, operationId, options.lookupTimeoutMs);
    if (found === "unknown") return { kind: "missed", nodeId, message: "the node does not list its tasks" };
    if (found !== null) return found;
  }
  const request: NodeRequest = {
    method: hint.request.method,
    path: hint.request.path,
    operation: hint.request.operation,
    timeoutMs: REPLAY_TIMEOUT_MS,
    repeat: "once",
    ...(hint.request.contentType === undefined ? {} : { contentType: hint.request.contentType }),
    ...(body === undefined ? {} : { body }),
  };
  const entry = { nodeId, request, mayGo, ...(operationId === null ? {} : { operationId }) };
  return sendOnce(client, indexUid, entry, deps, options);
}

const HINTS_PER_STEP = 16;
const REPLAY_TIMEOUT_MS = 60_000;
