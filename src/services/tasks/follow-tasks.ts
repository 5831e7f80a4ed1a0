/**
 * Follows open tasks on the nodes: one request per node and tick covers what is outstanding there, first after 25 ms,
 * then ever more seldom up to a second, and soon again when something has changed or somebody asks. A node that does
 * not answer keeps its tasks as they are and holds up nobody else.
 */
import type { CopiesOfDocuments } from "../../core/tasks/fold-details.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Emit } from "../../telemetry/event.ts";
import { openTasksMeasured, taskStepFailed } from "../../telemetry/events/tasks.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Turns } from "../routers/turns.ts";
import { createDueWork, type DueKind } from "./due-work.ts";
import { chooseUids, pollNode, type NodeReports } from "./poll-node.ts";
import { recoverTask } from "./recover-task.ts";
import { settleTask } from "./settle-task.ts";
import { takeReports } from "./take-reports.ts";
import type { TaskBook } from "./task-book.ts";
import { hasEnded, hasOpenNodeTasks } from "./task-changes.ts";
import type { TaskFlow } from "./task-registry.ts";

export interface FollowerDeps {
  readonly book: TaskBook;
  readonly flows: ReadonlyMap<string, TaskFlow>;
  readonly fleet: Pick<Fleet, "client" | "nodeIds">;
  readonly copies: () => CopiesOfDocuments;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly turns: Pick<Turns, "run">;
  readonly interrupted: (task: Task) => void;
}

const FIRST_DELAY_MS = 25;
const DELAY_MAX_MS = 1_000;
/** While somebody waits for a task the nodes are asked at least this often. */
const WAITED_DELAY_MAX_MS = 100;
/** A node that takes longer to answer is no longer waited for in this tick; its answer counts whenever it comes. */
const PATIENCE_MS = 250;
const RETRY_MS = 1_000;
/** So long after the start a node that is away may still tell what became of a task; then it is decided without it. */
const RECOVERY_PATIENCE_MS = 60_000;

export class Follower {
  readonly #deps: FollowerDeps;
  readonly #due: ReturnType<typeof createDueWork>;
  readonly #stopping = new AbortController();
  readonly #background = new Set<Promise<void>>();
  readonly #polling = new Set<string>();
  #startedAtMs: number;
  #delayMs = FIRST_DELAY_MS;
  #round = 0;
  #hurry: (delayMs: number) => void = () => {};

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
    this.#due = createDueWork(deps.clock);
    this.#startedAtMs = deps.clock.monotonicMs();
  }

  /** A task has been given to nodes, or has nothing to wait for but its flow. */
  follow(task: Task): void {
    if (hasOpenNodeTasks(task)) this.nudge();
    else if (task.dispatched && !hasEnded(task)) this.#settle(task.uid);
  }

  /** Tasks of an earlier run, at the start. */
  resume(unfinished: readonly Task[]): void {
    this.#startedAtMs = this.#deps.clock.monotonicMs();
    for (const task of unfinished) {
      if (!task.dispatched) this.#schedule(task.uid, "recover", 0);
      else if (!hasOpenNodeTasks(task)) this.#schedule(task.uid, "settle", 0);
    }
    this.nudge();
  }

  /** Something has changed or somebody asks: the nodes are asked soon. */
  nudge(): void {
    this.#delayMs = FIRST_DELAY_MS;
    this.#hurry(FIRST_DELAY_MS);
  }

  onHurry(hurry: (delayMs: number) => void): void {
    this.#hurry = hurry;
    hurry(this.#delayMs);
  }

  /** Asks once, and says after how many milliseconds to call it again. */
  async tick(signal: AbortSignal): Promise<number> {
    this.#round += 1;
    for (const { uid, kind } of this.#due.take()) this.#start(uid, kind);
    const nodeIds = this.#deps.book.open.nodeIds().filter((nodeId) => !this.#polling.has(nodeId));
    const polls = nodeIds.map((nodeId) => this.#poll(nodeId));
    for (const poll of polls) this.#inBackground(poll);
    const isNews = await newsWithin(polls, PATIENCE_MS, this.#deps.clock, signal);
    this.#measure();
    return this.#nextDelayMs(isNews);
  }

  async close(): Promise<void> {
    this.#stopping.abort(new DOMException("The router is stopping.", "AbortError"));
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
  }

  async #poll(nodeId: string): Promise<boolean> {
    const { book, fleet } = this.#deps;
    this.#polling.add(nodeId);
    try {
      const uids = chooseUids([...book.open.outstanding(nodeId).keys()], this.#round);
      const reports = fleet.nodeIds().includes(nodeId)
        ? await pollNode(fleet.client(nodeId), uids, this.#stopping.signal)
        : forgotten(uids);
      if (reports === undefined) return false;
      const deps = { ...this.#deps, settle: (uid: number) => this.#settle(uid) };
      const isNews = await takeReports(deps, nodeId, reports);
      if (isNews) this.nudge();
      return isNews;
    } finally {
      this.#polling.delete(nodeId);
    }
  }

  #start(uid: number, kind: DueKind): void {
    if (kind === "settle") this.#settle(uid);
    else this.#recover(uid);
  }

  #settle(uid: number): void {
    this.#follows(uid, "settle", async () => {
      const { book, flows, copies, clock, turns } = this.#deps;
      const againMs = await settleTask({ book, flows, copies, turns, nowMs: () => clock.nowMs() }, uid);
      if (againMs === null) this.nudge();
      else this.#schedule(uid, "settle", againMs);
    });
  }

  #recover(uid: number): void {
    this.#follows(uid, "recover", async () => {
      const { clock, book } = this.#deps;
      const mayWait = clock.monotonicMs() - this.#startedAtMs < RECOVERY_PATIENCE_MS;
      const deps = { ...this.#deps, nowMs: () => clock.nowMs() };
      const isDecided = await recoverTask(deps, uid, mayWait, this.#stopping.signal);
      const task = book.open.get(uid);
      if (!isDecided) this.#schedule(uid, "recover", RETRY_MS);
      else if (task !== undefined) this.follow(task);
    });
  }

  /** Work for one task beside the tick; what fails is told and tried again. */
  #follows(uid: number, kind: DueKind, work: () => Promise<void>): void {
    const retry = (cause: unknown): void => {
      if (this.#stopping.signal.aborted) return;
      const detail = cause instanceof Error ? cause.message : String(cause);
      this.#deps.emit(taskStepFailed, { taskUid: uid, what: kind, detail });
      this.#schedule(uid, kind, RETRY_MS);
    };
    this.#inBackground(work().catch(retry));
  }

  #schedule(uid: number, kind: DueKind, inMs: number): void {
    this.#due.schedule(uid, kind, inMs);
    this.#hurry(inMs);
  }

  #inBackground(work: Promise<unknown>): void {
    const tracked: Promise<void> = work
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }

  #nextDelayMs(isNews: boolean): number {
    const { book } = this.#deps;
    this.#delayMs = isNews ? FIRST_DELAY_MS : Math.min(this.#delayMs * 2, DELAY_MAX_MS);
    const waitedMs = book.waiting() ? Math.min(this.#delayMs, WAITED_DELAY_MAX_MS) : this.#delayMs;
    const pollingMs = book.open.nodeIds().length === 0 ? DELAY_MAX_MS : waitedMs;
    return Math.max(0, Math.min(pollingMs, this.#due.nextInMs()));
  }

  #measure(): void {
    const { book, clock, emit } = this.#deps;
    let oldest = Infinity;
    for (const task of book.open.all()) if (!hasEnded(task)) oldest = Math.min(oldest, task.enqueuedAt);
    const ageMs = oldest === Infinity ? 0 : Math.max(0, clock.nowMs() - oldest);
    emit(openTasksMeasured, { oldestAgeSeconds: ageMs / 1000 });
  }
}

/** A node that has been taken out of the fleet can no longer be asked. */
function forgotten(uids: readonly number[]): NodeReports {
  return new Map(uids.map((uid) => [uid, null]));
}

/** Whether there was news, as soon as all have ended; a slow one is not waited for. */
async function newsWithin(
  polls: readonly Promise<boolean>[],
  patienceMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  if (polls.length === 0) return false;
  let isNews = false;
  const noted = polls.map(async (poll) => {
    if (await poll) isNews = true;
  });
  const { promise: enough, resolve: giveUp } = Promise.withResolvers<void>();
  const onAbort = (): void => giveUp();
  signal.addEventListener("abort", onAbort, { once: true });
  const patience = clock.startTimer(patienceMs, giveUp);
  await Promise.race([Promise.allSettled(noted), enough]);
  patience.cancel();
  signal.removeEventListener("abort", onAbort);
  return isNews;
}
