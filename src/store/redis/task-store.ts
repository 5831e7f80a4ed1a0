/**
 * `TaskStore` in Redis; `scripts/tasks.lua` says which keys there are. Each change of a task and of where it is filed is
 * one script, so that no list ever sees half of it.
 */
import type { Task } from "../../core/tasks/task.ts";
import { createInTurn } from "../../platform/in-turn.ts";
import type { Fence } from "../lease-store.ts";
import { leaseLost, storeLost, taskMoved, topologyChanged } from "../refusals.ts";
import type { TaskChange, TaskStore } from "../task-store.ts";
import type { RedisConnection } from "./connect.ts";
import { listTasks } from "./list-tasks.ts";
import { runScript, script } from "./run-script.ts";
import deleteEndedText from "./scripts/delete-ended-tasks.lua" with { type: "text" };
import adoptText from "./scripts/adopt-tasks.lua" with { type: "text" };
import fenceText from "./scripts/fence.lua" with { type: "text" };
import insertText from "./scripts/insert-task.lua" with { type: "text" };
import pruneText from "./scripts/prune-tasks.lua" with { type: "text" };
import reserveText from "./scripts/reserve-uids.lua" with { type: "text" };
import takeOverText from "./scripts/take-over-task.lua" with { type: "text" };
import tasksText from "./scripts/tasks.lua" with { type: "text" };
import updateText from "./scripts/update-task.lua" with { type: "text" };
import { readTasks } from "./read-tasks.ts";
import { hashChange, hashOf } from "./task-hash.ts";

export interface RedisTaskStoreParts {
  readonly redis: RedisConnection;
  /** The run of the router that follows what is inserted here. */
  readonly owner: string;
  /** The epoch that this router works under, 0 while it has none, and the store that it was read from. */
  readonly followed: () => { readonly epoch: number; readonly store: string };
  /** Told the version of the hints that every insert brings along. */
  readonly sawHints: (version: number) => void;
  /** The server has lost what it had kept last: it knows of fewer tasks than this router. */
  readonly wentBack: () => void;
}

const insertScript = script(tasksText, insertText);
const updateScript = script(tasksText, updateText);
const deleteScript = script(tasksText, deleteEndedText);
const pruneScript = script(tasksText, fenceText, pruneText);
const adoptScript = script(tasksText, adoptText);
const reserveScript = script(reserveText);
const takeOverScript = script(tasksText, takeOverText);

export function redisTaskStore({ redis, owner, followed, sawHints, wentBack }: RedisTaskStoreParts): TaskStore {
  /** No uid from here on has been given out, as far as is known here. */
  let free = 0;
  /** What this router has taken over from others and knows of, with the number of the change of hands. */
  let takenUp = new Map<number, string>();
  const changesOfHands = createInTurn<"adopt">();
  const sawUid = (uid: number): void => {
    free = Math.max(free, uid + 1);
  };
  const get = async (uid: number): Promise<Task | undefined> => (await readTasks(redis, [uid]))[0];
  const adopt = async (): Promise<readonly Task[]> => {
    const answer = await runScript<readonly string[]>(redis, adoptScript, owner);
    const now = new Map<number, string>();
    for (let place = 0; place < answer.length; place += 2) now.set(Number(answer[place]), answer[place + 1] ?? "");
    const fresh = [...now].filter(([uid, change]) => takenUp.get(uid) !== change).map(([uid]) => uid);
    const tasks = await readTasks(
      redis,
      fresh.toSorted((one, other) => one - other),
    );
    // Only now: what could not be read is adopted again.
    takenUp = now;
    return tasks;
  };
  const takeOver = async (uid: number): Promise<Task | undefined> => {
    const change = await runScript<string | null>(redis, takeOverScript, owner, uid);
    if (change === null) return undefined;
    const task = await get(uid);
    takenUp.set(uid, change);
    return task;
  };
  return {
    insert: async (task) => {
      const answer = await runScript<readonly [string, string, string, number]>(
        redis,
        insertScript,
        followed().epoch,
        followed().store,
        owner,
        free,
        UIDS_SKIPPED,
        ...hashOf(task),
      );
      if (answer[0] === "lost") throw storeLost();
      if (answer[0] === "epoch") throw topologyChanged();
      if (answer[3] === 1) wentBack();
      sawHints(Number(answer[2]));
      const uid = Number(answer[1]);
      sawUid(uid);
      return { ...task, uid };
    },
    update: async (uid, change) => {
      const { set, remove } = hashChange(change);
      if (set.length === 0 && remove.length === 0) return;
      const owned = needsOwner(change) ? 1 : 0;
      const answer = await runScript(redis, updateScript, uid, owner, owned, remove.length, ...remove, ...set);
      if (answer === "moved") throw taskMoved(uid);
    },
    get,
    getByMiroirId: async (miroirId) => {
      const uid = await redis.command<string | null>("ZSCORE", "miroir:tasks:_index", miroirId);
      return uid === null ? undefined : get(Number(uid));
    },
    list: (filter, page) => listTasks(redis, filter, page),
    unfinished: async () => readTasks(redis, await openUids(redis)),
    adopt: () => changesOfHands.run("adopt", adopt),
    takeOver: (uid) => changesOfHands.run("adopt", () => takeOver(uid)),
    deleteEnded: (uids) => inChunks(uids, (chunk) => runScript<number>(redis, deleteScript, ...chunk), DELETED_AT_ONCE),
    prune: (finishedBefore, limit, fence) => prune(redis, finishedBefore, limit, fence),
    reserve: async (below) => void (await runScript(redis, reserveScript, below)),
    count: async () => {
      // Asked every few seconds: so this router knows of what others have inserted too.
      const [tasks, next] = await redis.commands([
        ["ZCARD", "miroir:tasks:_index"],
        ["GET", "miroir:counter:task_uid"],
      ]);
      sawUid(Number(next ?? 0) - 1);
      return Number(tasks);
    },
  };
}

async function prune(
  redis: RedisConnection,
  finishedBefore: number,
  limit: number,
  fence: Fence | undefined,
): Promise<number> {
  let removed = 0;
  while (removed < limit) {
    const most = Math.min(DELETED_AT_ONCE, limit - removed);
    const held = fence === undefined ? ["", ""] : [fence.scope, String(fence.number)];
    const now = await runScript<number>(redis, pruneScript, ...held, finishedBefore, most);
    if (now < 0) throw leaseLost(fence?.scope ?? "");
    removed += now;
    if (now < most) break;
  }
  return removed;
}

function openUids(redis: RedisConnection): Promise<readonly string[]> {
  return redis.command("ZRANGE", "miroir:tasks:_open", 0, -1);
}

/** Noting who means to cancel a task is no step on its way. */
function needsOwner(change: TaskChange): boolean {
  return Object.keys(change).some((name) => name !== "canceledBy");
}

async function inChunks<T>(
  items: readonly T[],
  work: (chunk: readonly T[]) => Promise<number>,
  size: number,
): Promise<number> {
  let sum = 0;
  for (let start = 0; start < items.length; start += size) sum += await work(items.slice(start, start + size));
  return sum;
}

/** A script of so many deletions keeps the server from others for a few milliseconds. */
const DELETED_AT_ONCE = 250;
/** More than other routers can have been given since this one has last looked. */
const UIDS_SKIPPED = 100_000;
