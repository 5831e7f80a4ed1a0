/** The query strings of the task routes, read as strictly as the engine reads them and refused in its words. */
import { apiError } from "../../core/errors/api-error.ts";
import type { ErrorCode } from "../../core/errors/codes.ts";
import type { TaskStatus, TaskType } from "../../core/tasks/task.ts";
import { DAY_MS, parseDate, parseDateTime } from "../../core/tasks/time-text.ts";
import type { TaskPageRequest } from "../../services/tasks/list-tasks.ts";
import type { TaskRef, TaskSearch } from "../../services/tasks/task-query.ts";
import { bool, decodeQuery, invalidParameter, unsigned, type DecodedQuery, type QueryParameter } from "./query.ts";

/** `GET /tasks` and `GET /batches`. */
export function decodeTaskPage(query: URLSearchParams): TaskPageRequest {
  const { limit = DEFAULT_LIMIT, from, reverse, ...filters } = decodeQuery(query, PAGE);
  return {
    search: searchOf(filters),
    limit,
    ...(from === undefined ? {} : { from }),
    ...(reverse === undefined ? {} : { reverse }),
  };
}

/** `POST /tasks/cancel` and `DELETE /tasks`, which need at least one filter, if only `*`. */
export function decodeTaskSelection(query: URLSearchParams, purpose: "cancel" | "delete"): TaskSearch {
  const filters = decodeQuery(query, FILTERS);
  if (Object.keys(filters).length === 0) throw missingFilters(purpose);
  return searchOf(filters);
}

/** A task in a path: its number or its name. */
export function decodeTaskRef(text: string, what: "task" | "batch"): TaskRef {
  const ref = parseRef(text);
  if (ref !== undefined) return ref;
  const [code, name] =
    what === "task" ? (["invalid_task_uids", "Task"] as const) : (["invalid_batch_uids", "Batch"] as const);
  throw apiError(code, `${name} uid \`${text}\` is invalid. It should only contain numeric characters.`);
}

/** `*` stands for no filter, which is not the same as no parameter. */
type Starred<T> = T | "*";

function searchOf(filters: DecodedQuery<typeof FILTERS>): TaskSearch {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== "*"));
}

function missingFilters(purpose: "cancel" | "delete"): Error {
  return apiError(
    "missing_task_filters",
    `Query parameters to filter the tasks to ${purpose} are missing. Available query parameters are: \`uids\`, \`indexUids\`, \`statuses\`, \`types\`, \`canceledBy\`, \`beforeEnqueuedAt\`, \`afterEnqueuedAt\`, \`beforeStartedAt\`, \`afterStartedAt\`, \`beforeFinishedAt\`, \`afterFinishedAt\`.`,
  );
}

/** Elements between commas, empty ones left out; one `*` among them lifts the filter, but all are looked at. */
function list<T>(code: ErrorCode, parse: (text: string) => T | undefined, problem: (text: string) => string) {
  return {
    parse: (value: string, name: string): Starred<readonly T[]> => {
      const texts = value.split(",").filter((text) => text !== "");
      const elements = texts.map((text, place) => {
        if (text === "*") return undefined;
        const element = parse(text);
        if (element !== undefined) return element;
        throw invalidParameter(code, texts.length > 1 ? `${name}[${place}]` : name, problem(text));
      });
      return texts.includes("*") ? "*" : (elements as T[]);
    },
  } satisfies QueryParameter<Starred<readonly T[]>>;
}

function date(code: ErrorCode, side: "before" | "after"): QueryParameter<Starred<number>> {
  return {
    parse: (value, name) => {
      if (value === "*") return "*";
      const day = parseDate(value);
      // After a day means after all of it.
      const time = parseDateTime(value) ?? (day === undefined ? undefined : side === "after" ? day + DAY_MS : day);
      if (time !== undefined) return time;
      throw invalidParameter(
        code,
        name,
        `\`${value}\` is an invalid date-time. It should follow the YYYY-MM-DD or RFC 3339 date-time format.`,
      );
    },
  };
}

function refs(code: ErrorCode) {
  return list(code, parseRef, (text) => `could not parse \`${text}\` as a positive integer`);
}

function parseRef(text: string): TaskRef | undefined {
  if (/^mtask-[0-9a-f-]{36}$/.test(text)) return text;
  const number = /^\+?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  return number <= U32_MAX ? number : undefined;
}

/** The engine takes these names in any case. */
function oneOf<T extends string>(names: readonly T[]): (text: string) => T | undefined {
  return (text) => names.find((name) => name.toLowerCase() === text.toLowerCase());
}

function named(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

/** In the engine's order, which its error messages show. */
const STATUSES: readonly TaskStatus[] = ["enqueued", "processing", "succeeded", "failed", "canceled"];
const TYPES: readonly TaskType[] = [
  "documentAdditionOrUpdate",
  "documentEdition",
  "documentDeletion",
  "settingsUpdate",
  "indexCreation",
  "indexDeletion",
  "indexUpdate",
  "indexSwap",
  "taskCancelation",
  "taskDeletion",
  "dumpCreation",
  "snapshotCreation",
  "export",
  "upgradeDatabase",
  "indexCompaction",
  "networkTopologyChange",
  "dsrUpdate",
  "dsrClear",
];

const DEFAULT_LIMIT = 20;
const U32_MAX = 4_294_967_295;

const types = list(
  "invalid_task_types",
  oneOf(TYPES),
  (text) => `\`${text}\` is not a valid task type. Available types are ${named(TYPES)}.`,
);
const statuses = list(
  "invalid_task_statuses",
  oneOf(STATUSES),
  (text) => `\`${text}\` is not a valid task status. Available statuses are ${named(STATUSES)}.`,
);
const indexUids = list(
  "invalid_index_uid",
  (text) => (/^[A-Za-z0-9_-]{1,400}$/.test(text) ? text : undefined),
  (text) =>
    `\`${text}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.`,
);

const REST = {
  canceledBy: refs("invalid_task_canceled_by"),
  types,
  statuses,
  indexUids,
  afterEnqueuedAt: date("invalid_task_after_enqueued_at", "after"),
  beforeEnqueuedAt: date("invalid_task_before_enqueued_at", "before"),
  afterStartedAt: date("invalid_task_after_started_at", "after"),
  beforeStartedAt: date("invalid_task_before_started_at", "before"),
  afterFinishedAt: date("invalid_task_after_finished_at", "after"),
  beforeFinishedAt: date("invalid_task_before_finished_at", "before"),
};
const FILTERS = { uids: refs("invalid_task_uids"), batchUids: refs("invalid_batch_uids"), ...REST };
const PAGE = {
  limit: unsigned("invalid_task_limit", U32_MAX),
  from: {
    parse: (value: string, name: string): TaskRef => {
      const ref = parseRef(value);
      if (ref !== undefined) return ref;
      throw invalidParameter("invalid_task_from", name, `could not parse \`${value}\` as a positive integer`);
    },
  },
  reverse: bool("invalid_task_reverse"),
  batchUids: FILTERS.batchUids,
  uids: FILTERS.uids,
  ...REST,
};
