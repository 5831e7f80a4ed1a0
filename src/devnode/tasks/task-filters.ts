/** The filters and the paging of `/tasks` and `/batches`. */
import { NodeError } from "../node-error.ts";
import { TASK_STATUSES, TASK_TYPES, type Task } from "./task.ts";

export interface TaskFilter {
  readonly uids: ReadonlySet<number> | null;
  readonly batchUids: ReadonlySet<number> | null;
  readonly statuses: ReadonlySet<string> | null;
  readonly types: ReadonlySet<string> | null;
  readonly indexUids: ReadonlySet<string> | null;
  readonly canceledBy: ReadonlySet<number> | null;
  readonly dates: readonly DateBound[];
}

interface DateBound {
  readonly field: "enqueuedAt" | "startedAt" | "finishedAt";
  readonly isBefore: boolean;
  readonly at: number;
}

const DATES = [
  ["beforeEnqueuedAt", "enqueuedAt", true],
  ["afterEnqueuedAt", "enqueuedAt", false],
  ["beforeStartedAt", "startedAt", true],
  ["afterStartedAt", "startedAt", false],
  ["beforeFinishedAt", "finishedAt", true],
  ["afterFinishedAt", "finishedAt", false],
] as const;

export const FILTER_PARAMETERS: readonly string[] = [
  "batchUids",
  "uids",
  "canceledBy",
  "types",
  "statuses",
  "indexUids",

  "afterEnqueuedAt",
  "beforeEnqueuedAt",
  "afterStartedAt",
  "beforeStartedAt",
  "afterFinishedAt",
  "beforeFinishedAt",
];

/** Reads the filter parameters in the order they were given; the first bad one is the error. */
export function parseTaskFilter(parameters: ReadonlyMap<string, string>): TaskFilter {
  const filter = {
    uids: null,
    batchUids: null,
    statuses: null,
    types: null,
    indexUids: null,
    canceledBy: null,
    dates: [] as DateBound[],
  } as {
    -readonly [K in keyof TaskFilter]: TaskFilter[K];
  };
  const dates: DateBound[] = [];
  for (const [name, text] of parameters) {
    if (name === "uids") filter.uids = numbers(text, name, "invalid_task_uids");
    else if (name === "batchUids") filter.batchUids = numbers(text, name, "invalid_batch_uids");
    else if (name === "canceledBy") filter.canceledBy = numbers(text, name, "invalid_task_canceled_by");
    else if (name === "statuses") filter.statuses = words(text, TASK_STATUSES, status);
    else if (name === "types") filter.types = words(text, TASK_TYPES, type);
    else if (name === "indexUids") filter.indexUids = text === "*" ? null : new Set(text.split(",").map(indexUid));
    const date = DATES.find(([parameter]) => parameter === name);
    if (date !== undefined && text !== "*")
      dates.push({ field: date[1], isBefore: date[2], at: instant(text, name, date[2]) });
  }
  return { ...filter, dates };
}

export function matches(task: Task, filter: TaskFilter): boolean {
  const isIn = <V>(set: ReadonlySet<V> | null, value: V | null): boolean =>
    set === null || (value !== null && set.has(value));
  return (
    isIn(filter.uids, task.uid) &&
    isIn(filter.batchUids, task.batchUid) &&
    isIn(filter.statuses, task.status) &&
    isIn(filter.types, task.content.type) &&
    isIn(filter.indexUids, task.indexUid) &&
    isIn(filter.canceledBy, task.canceledBy) &&
    filter.dates.every(({ field, isBefore, at }) => {
      const value = task[field];
      return value !== null && (isBefore ? Date.parse(value) < at : Date.parse(value) > at);
    })
  );
}

export interface Page<T> {
  readonly results: readonly T[];
  readonly total: number;
  readonly limit: number;
  readonly from: number | null;
  readonly next: number | null;
}

/**
 * Newest first, or oldest first when reversed; `next` is the number of the first item left out. What may not be seen is
 * taken out of the page and not of the total, as the engine does.
 */
export function pageOf<T>(
  items: readonly T[],
  uidOf: (item: T) => number,
  isVisible: (item: T) => boolean,
  { limit, from, reverse }: { readonly limit: number; readonly from: number | null; readonly reverse: boolean },
): Page<T> {
  const sorted = [...items].sort((a, b) => (reverse ? uidOf(a) - uidOf(b) : uidOf(b) - uidOf(a)));
  const rest = from === null ? sorted : sorted.filter((item) => (reverse ? uidOf(item) >= from : uidOf(item) <= from));
  const visible = rest.slice(0, limit + 1).filter(isVisible);
  const results = visible.slice(0, limit);
  const [first] = results;
  const next = visible[limit];
  return {
    results,
    total: items.length,
    limit,
    from: first === undefined ? null : uidOf(first),
    next: next === undefined ? null : uidOf(next),
  };
}

function numbers(text: string, name: string, code: string): ReadonlySet<number> | null {
  if (text === "*") return null;
  return new Set(
    text.split(",").map((item) => {
      if (!/^\d+$/.test(item)) {
        throw new NodeError(
          code,
          `Invalid value in parameter \`${name}\`: could not parse \`${item}\` as a positive integer`,
        );
      }
      return Number(item);
    }),
  );
}

function words(text: string, known: readonly string[], wrong: (word: string) => NodeError): ReadonlySet<string> | null {
  if (text === "*") return null;
  return new Set(
    text.split(",").map((item) => {
      const found = known.find((word) => word.toLowerCase() === item.toLowerCase());
      if (found === undefined) throw wrong(item);
      return found;
    }),
  );
}

function status(word: string): NodeError {
  const known = TASK_STATUSES.map((name) => `\`${name}\``).join(", ");
  return new NodeError(
    "invalid_task_statuses",
    `Invalid value in parameter \`statuses\`: \`${word}\` is not a valid task status. Available statuses are ${known}.`,
  );
}

function type(word: string): NodeError {
  const known = TASK_TYPES.map((name) => `\`${name}\``).join(", ");
  return new NodeError(
    "invalid_task_types",
    `Invalid value in parameter \`types\`: \`${word}\` is not a valid task type. Available types are ${known}.`,
  );
}

function indexUid(uid: string): string {
  if (/^[a-zA-Z0-9_-]{1,400}$/.test(uid)) return uid;
  throw new NodeError(
    "invalid_index_uid",
    `Invalid value in parameter \`indexUids\`: \`${uid}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.`,
  );
}

/** A date without time stands for its beginning; "after" a day means after its end. */
function instant(text: string, name: string, isBefore: boolean): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isFull = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i.test(text);
  const at = isDay || isFull ? Date.parse(isDay ? `${text}T00:00:00Z` : text) : NaN;
  if (Number.isNaN(at)) {
    const code = `invalid_task_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    throw new NodeError(
      code,
      `Invalid value in parameter \`${name}\`: \`${text}\` is an invalid date-time. It should follow the YYYY-MM-DD or RFC 3339 date-time format.`,
    );
  }
  return isDay && !isBefore ? at + 86_400_000 - 1 : at;
}
