/**
 * What follows when no node has anything left to do for a task: its flow says what comes next, or it ends by what the
 * nodes have said. May be called at any time and any number of times; a crash only makes it run again.
 */
import { errorBody } from "../../core/errors/api-error.ts";
import { failedDetails, type CopiesOfDocuments } from "../../core/tasks/fold-details.ts";
import { foldStatus } from "../../core/tasks/fold-status.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { TaskChange } from "../../store/task-store.ts";
import { endByNodes, endByRouter, endCanceled, hasEnded, hasOpenNodeTasks } from "./task-changes.ts";
import type { Turns } from "../routers/turns.ts";
import type { TaskBook } from "./task-book.ts";
import type { FlowStep, TaskFlow } from "./task-registry.ts";

export interface SettleDeps {
  readonly book: TaskBook;
  readonly flows: ReadonlyMap<string, TaskFlow>;
  readonly copies: () => CopiesOfDocuments;
  readonly nowMs: () => number;
  readonly turns: Pick<Turns, "run">;
}

/** How long to wait before this is called again, or null when nothing is to be waited for but the nodes. */
export async function settleTask(deps: SettleDeps, uid: number): Promise<number | null> {
  return deps.book.hold(uid, async (task, store) => {
    // Another router follows it by now.
    if (deps.book.open.get(uid) === undefined) return null;
    if (!task.dispatched || hasEnded(task) || hasOpenNodeTasks(task)) return null;
    if (task.flow === null) {
      const change = endByNodes(task, deps.copies(), deps.nowMs());
      if (change !== undefined) await store(change);
      return null;
    }
    const flow = deps.flows.get(task.flow.kind);
    if (flow === undefined) {
      const error = errorBody("internal", `This version of the router has no way to go on with \`${task.flow.kind}\`.`);
      await store(endByRouter(task, error, failedDetails(task.details), deps.nowMs()));
      return null;
    }
    const scopes = flow.scopes?.(task) ?? (task.indexUid === null ? [] : [task.indexUid]);
    // Noted within the turn: whoever has it next reads from the store what is still under way.
    return deps.turns.run(scopes, async () => {
      const step = await flow.advance(task);
      if (step.kind === "later") return step.delayMs;
      if (step.kind === "done") {
        await store(endOfFlow(deps, task, step));
        return null;
      }
      if (step.kind === "canceled") {
        await store(endCanceled(task, deps.nowMs()));
        return null;
      }
      const nodeTasks = [...task.nodeTasks, ...step.nodeTasks];
      const next = await store({ nodeTasks, flow: step.flow, ...begun(task, step, deps.nowMs()) });
      return hasOpenNodeTasks(next) ? null : 0;
    });
  });
}

/** What the router does by itself has begun with its first step; what nodes do begins when they say so. */
function begun(task: Task, step: Extract<FlowStep, { kind: "more" }>, nowMs: number): TaskChange {
  if (task.startedAt !== null || task.nodeTasks.length + step.nodeTasks.length > 0) return {};
  return { status: "processing", startedAt: nowMs };
}

function endOfFlow(deps: SettleDeps, task: Task, step: Extract<FlowStep, { kind: "done" }>): TaskChange {
  const nowMs = deps.nowMs();
  const known: Task = step.details === undefined ? task : { ...task, details: step.details };
  // What was prepared or repaired on the way the flow has judged: a repair that failed may have been followed by another.
  const main = task.nodeTasks.filter(({ role }) => role === "main");
  const error = step.error ?? task.error;
  if (error !== null && foldStatus(main).status !== "canceled") {
    return endByRouter(known, error, failedDetails(known.details), nowMs);
  }
  if (step.succeeded === true) return endByRouter(known, null, known.details, nowMs);
  const byNodes = endByNodes(known, deps.copies(), nowMs, main) ?? endByRouter(known, null, known.details, nowMs);
  return { ...byNodes, finishedAt: Math.max(nowMs, byNodes.finishedAt ?? nowMs) };
}
