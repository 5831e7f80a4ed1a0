/** Reads tasks by their uids, many in one round trip. */
import type { Task } from "../../core/tasks/task.ts";
import type { RedisConnection } from "./connect.ts";
import { toTask } from "./task-hash.ts";

/** The tasks with these uids that still exist, in this order. */
export async function readTasks(redis: RedisConnection, uids: readonly (number | string)[]): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for (let start = 0; start < uids.length; start += READ_AT_ONCE) {
    const chunk = uids.slice(start, start + READ_AT_ONCE);
    const answers = await redis.commands(chunk.flatMap((uid) => readOne(uid)));
    chunk.forEach((uid, place) => {
      const task = toTask(Number(uid), answers[place * 2], answers[place * 2 + 1]);
      if (task !== undefined) tasks.push(task);
    });
  }
  return tasks;
}

function readOne(uid: number | string) {
  return [
    ["HGETALL", `miroir:tasks:${uid}`],
    ["GET", `miroir:tasks:${uid}:nodes`],
  ] as const;
}

const READ_AT_ONCE = 500;
