/**
 * `GET /metrics` as one node would show it: the engine's families with the numbers of the whole fleet, so that a
 * dashboard made for one node goes on working. What only a single process has (its search queue, the size of its task
 * queue) is left out.
 */
import type { Task, TaskStatus, TaskType } from "../../core/tasks/task.ts";
import type { Clock } from "../../platform/clock.ts";
import type { TaskStore } from "../../store/task-store.ts";
import { fleetStats } from "./fleet-stats.ts";
import type { StatsDeps } from "./index-stats.ts";

export interface EngineMetricsDeps extends StatsDeps {
  readonly tasks: Pick<TaskStore, "list">;
  readonly openTasks: () => readonly Task[];
  readonly clock: Pick<Clock, "nowMs">;
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** `requests`: the router's own metrics as text, from which those of its requests are taken. */
export async function engineMetrics(deps: EngineMetricsDeps, requests: string, signal: AbortSignal): Promise<string> {
  const [{ stats }, counts] = await Promise.all([fleetStats(deps, () => true, signal), taskCounts(deps)]);
  const open = deps.openTasks();
  const oldest = open[0]?.enqueuedAt;
  const indexes = Object.entries(stats.indexes);
  return [
    family("db_size_bytes", "gauge", "Meilisearch DB Size In Bytes", one(stats.databaseSize)),
    family("index_count", "gauge", "Meilisearch Index Count", one(indexes.length)),
    family(
      "index_docs_count",
      "gauge",
      "Meilisearch Index Docs Count",
      indexes.map(([index, { numberOfDocuments }]) => [{ index }, numberOfDocuments] as const),
    ),
    family("is_indexing", "gauge", "Meilisearch Is Indexing", one(Number(open.some(isProcessing)))),
    stats.lastUpdate === null
      ? ""
      : family(
          "last_update",
          "gauge",
          "Meilisearch Last Update",
          one(Math.floor(Date.parse(stats.lastUpdate) / 1_000)),
        ),
    family("nb_tasks", "gauge", "Meilisearch Number of tasks", counts),
    family(
      "task_queue_latency_seconds",
      "gauge",
      "Meilisearch Task Queue Latency in Seconds",
      one(oldest === undefined ? 0 : Math.max(0, deps.clock.nowMs() - oldest) / 1_000),
    ),
    family("used_db_size_bytes", "gauge", "Meilisearch Used DB Size In Bytes", one(stats.usedDatabaseSize)),
    family("http_requests_total", "counter", "Meilisearch HTTP requests total", requestsOf(requests)),
  ].join("");
}

async function taskCounts({ tasks, catalog }: EngineMetricsDeps): Promise<readonly Sample[]> {
  const count = async (kind: string, value: string, filter: Parameters<TaskStore["list"]>[0]): Promise<Sample> => [
    { kind, value },
    (await tasks.list(filter, { limit: 0 })).total,
  ];
  return Promise.all([
    ...catalog.list().map(({ uid }) => count("indexes", uid, { indexUids: [uid] })),
    ...STATUSES.map((status) => count("statuses", status, { statuses: [status] })),
    ...TYPES.map((type) => count("types", type, { types: [type] })),
  ]);
}

/** The engine writes the parameters of its paths with underscores. */
function requestsOf(text: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const [, method = "", path = "", status = "", value] of text.matchAll(REQUESTS)) {
    if (path === "unmatched" || path.startsWith("/_miroir")) continue;
    const named = path.replaceAll(/[A-Z](?=[^/{]*\})/g, (letter) => `_${letter.toLowerCase()}`);
    samples.push([{ method, path: named, status }, Number(value)]);
  }
  return samples;
}

function family(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const lines = samples.map(([labels, value]) => `meilisearch_${name}${labelText(labels)} ${value}\n`);
  return `# HELP meilisearch_${name} ${help}\n# TYPE meilisearch_${name} ${type}\n${lines.join("")}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function one(value: number): readonly Sample[] {
  return [[{}, value]];
}

function isProcessing({ status }: Task): boolean {
  return status === "processing";
}

const REQUESTS = /^miroir_requests_total\{method="([^"]*)",path_template="([^"]*)",status="([^"]*)"\} (\S+)$/gm;

const STATUSES: readonly TaskStatus[] = ["canceled", "enqueued", "failed", "processing", "succeeded"];

const TYPES: readonly TaskType[] = [
  "documentAdditionOrUpdate",
  "documentDeletion",
  "documentEdition",
  "dsrClear",
  "dsrUpdate",
  "dumpCreation",
  "export",
  "indexCompaction",
  "indexCreation",
  "indexDeletion",
  "indexSwap",
  "indexUpdate",
  "networkTopologyChange",
  "settingsUpdate",
  "snapshotCreation",
  "taskCancelation",
  "taskDeletion",
  "upgradeDatabase",
];
