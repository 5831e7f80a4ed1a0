/**
 * One page of tasks and how many match in all. Kinds and one range of times are answered by one script, fast among a
 * million; other filters name the few tasks that can match, and these are looked at one by one, a bounded number per
 * command, so that no list keeps the server from others.
 */
import type { TaskFilter, TaskPage } from "../task-store.ts";
import type { RedisConnection } from "./connect.ts";
import { readTasks } from "./read-tasks.ts";
import { runScript, script } from "./run-script.ts";
import checkText from "./scripts/check-tasks.lua" with { type: "text" };
import listText from "./scripts/list-tasks.lua" with { type: "text" };
import tasksText from "./scripts/tasks.lua" with { type: "text" };

interface Page {
  readonly limit: number;
  readonly from?: number;
  readonly reverse?: boolean;
}

interface TimeBounds {
  readonly name: "created" | "started" | "finished";
  readonly after: number | undefined;
  readonly before: number | undefined;
}

const listScript = script(tasksText, listText);
const checkScript = script(tasksText, checkText);

export async function listTasks(redis: RedisConnection, filter: TaskFilter, page: Page): Promise<TaskPage> {
  const { total, uids } = await matching(redis, filter, page);
  return { total, tasks: await readTasks(redis, uids.slice(0, page.limit)), next: uids[page.limit] ?? null };
}

async function matching(
  redis: RedisConnection,
  filter: TaskFilter,
  page: Page,
): Promise<{ readonly total: number; readonly uids: readonly number[] }> {
  const times = boundsOf(filter);
  if (filter.uids === undefined && filter.canceledBy === undefined && times.length <= 1) {
    const [total, ...uids] = await runScript<readonly (number | string)[]>(
      redis,
      listScript,
      JSON.stringify(question(filter, times[0], page)),
    );
    if (uids[0] !== "scan") return { total: Number(total), uids: uids.map(Number) };
  }
  const found = await check(redis, filter, times, await candidates(redis, filter, times));
  const ordered = found.toSorted((a, b) => (page.reverse === true ? a - b : b - a));
  const from = page.from;
  const reached = ordered.filter((uid) => from === undefined || (page.reverse === true ? uid >= from : uid <= from));
  return { total: found.length, uids: reached.slice(0, page.limit + 1) };
}

function question(filter: TaskFilter, time: TimeBounds | undefined, page: Page): object {
  const { statuses, types, indexUids } = filter;
  const low = time?.after === undefined ? "-inf" : `(${time.after}`;
  const high = time?.before === undefined ? "+inf" : `(${time.before}`;
  return {
    statuses,
    types,
    indexUids,
    ...(time === undefined ? {} : { time: { name: time.name, low, high } }),
    limit: page.limit,
    from: page.from === undefined ? (page.reverse === true ? "-inf" : "+inf") : String(page.from),
    reverse: page.reverse === true,
  };
}

function boundsOf(filter: TaskFilter): readonly TimeBounds[] {
  const bounds: readonly TimeBounds[] = [
    { name: "created", after: filter.afterEnqueuedAt, before: filter.beforeEnqueuedAt },
    { name: "started", after: filter.afterStartedAt, before: filter.beforeStartedAt },
    { name: "finished", after: filter.afterFinishedAt, before: filter.beforeFinishedAt },
  ];
  return bounds.filter(({ after, before }) => after !== undefined || before !== undefined);
}

/** Everything that can match; the smallest of the sets that the filter names. */
async function candidates(
  redis: RedisConnection,
  filter: TaskFilter,
  times: readonly TimeBounds[],
): Promise<readonly string[]> {
  if (filter.uids !== undefined) return [...new Set(filter.uids.map(String))];
  if (filter.canceledBy !== undefined) {
    const keys = [...new Set(filter.canceledBy)].map((uid) => `miroir:tasks:canceled_by:${uid}`);
    const members = await redis.commands(keys.map((key) => ["ZRANGE", key, 0, -1] as const));
    return members.flatMap((one) => one as string[]);
  }
  const kinds = await redis.command<readonly string[]>("SMEMBERS", "miroir:tasks:_kinds");
  const wanted = kinds.filter((kind) => isOfKind(filter, kind));
  const ranges = await Promise.all(times.map((time) => rangesOf(redis, wanted, time)));
  const smallest = ranges.toSorted((a, b) => sizeOf(a) - sizeOf(b))[0] ?? [];
  return readRanges(redis, smallest);
}

function isOfKind(filter: TaskFilter, kind: string): boolean {
  const [indexUid = "", type = "", status = ""] = kind.split("|");
  const { statuses, types, indexUids } = filter;
  return (
    (statuses === undefined || (statuses as readonly string[]).includes(status)) &&
    (types === undefined || (types as readonly string[]).includes(type)) &&
    (indexUids === undefined || indexUids.includes(indexUid))
  );
}

/** Where in a sorted set of times the range lies. */
interface Range {
  readonly key: string;
  readonly start: number;
  readonly count: number;
}

async function rangesOf(
  redis: RedisConnection,
  kinds: readonly string[],
  { name, after, before }: TimeBounds,
): Promise<readonly Range[]> {
  const keys = kinds.map((kind) => `miroir:tasks:kind:${kind}:${name}`);
  const counts = await redis.commands(
    keys.flatMap((key) => [
      ["ZCOUNT", key, "-inf", after === undefined ? "(-inf" : after] as const,
      [
        "ZCOUNT",
        key,
        after === undefined ? "-inf" : `(${after}`,
        before === undefined ? "+inf" : `(${before}`,
      ] as const,
    ]),
  );
  return keys.map((key, place) => ({
    key,
    start: Number(counts[place * 2]),
    count: Number(counts[place * 2 + 1]),
  }));
}

function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

async function readRanges(redis: RedisConnection, ranges: readonly Range[]): Promise<readonly string[]> {
  const uids: string[] = [];
  for (const { key, start, count } of ranges) {
    for (let done = 0; done < count; done += READ_AT_ONCE) {
      const last = start + Math.min(done + READ_AT_ONCE, count) - 1;
      for (const uid of await redis.command<readonly string[]>("ZRANGE", key, start + done, last)) uids.push(uid);
    }
  }
  return uids;
}

async function check(
  redis: RedisConnection,
  filter: TaskFilter,
  times: readonly TimeBounds[],
  uids: readonly string[],
): Promise<readonly number[]> {
  const { statuses, types, indexUids } = filter;
  const conditions = JSON.stringify({ statuses, types, indexUids, canceledBy: filter.canceledBy?.map(String), times });
  const found: number[] = [];
  for (let start = 0; start < uids.length; start += CHECKED_AT_ONCE) {
    const chunk = uids.slice(start, start + CHECKED_AT_ONCE);
    for (const uid of await runScript<readonly string[]>(redis, checkScript, conditions, ...chunk)) {
      found.push(Number(uid));
    }
  }
  return found;
}

const READ_AT_ONCE = 5_000;
const CHECKED_AT_ONCE = 1_000;
