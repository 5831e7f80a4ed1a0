/**
 * The details of a task are those of one logical copy, whatever the number of replicas: what the router knew when it
 * made the task, with the counters that only the nodes know filled in once their tasks have ended.
 */
import { addSizes } from "./add-sizes.ts";
import { hasFailed } from "./fold-status.ts";
import type { NodeTask, TaskType } from "./task.ts";

export interface CopiesOfDocuments {
  /** Node ids per replica group: a group holds every document as often as `replicationFactor` says. */
  readonly groups: readonly (readonly string[])[];
  readonly replicationFactor: number;
}

type Details = Readonly<Record<string, unknown>>;

export function foldDetails(
  type: TaskType,
  details: Details | null,
  nodeTasks: readonly NodeTask[],
  copies: CopiesOfDocuments,
): Details | null {
  if (details === null) return null;
  const main = nodeTasks.filter(({ role }) => role === "main");
  if (type === "documentAdditionOrUpdate") {
    return { ...details, indexedDocuments: indexedDocuments(details, main) };
  }
  if (type === "indexCompaction") return { ...details, ...compactedSizes(main) };
  const counters = COUNTED_ONCE.get(type) ?? [];
  return { ...details, ...Object.fromEntries(counters.map((name) => [name, countOnce(name, main, copies)])) };
}

/** Counters that every replica reports for what it holds. */
const COUNTED_ONCE: ReadonlyMap<TaskType, readonly string[]> = new Map([
  ["documentDeletion", ["deletedDocuments"]],
  ["indexDeletion", ["deletedDocuments"]],
  ["documentEdition", ["deletedDocuments", "editedDocuments"]],
]);

/** Details of a task that no node has carried out: its counters are 0, as the engine shows them. */
export function failedDetails(details: Details | null): Details | null {
  if (details === null) return null;
  // Of an edit that fails before it begins the engine leaves the deletions open.
  const isEdit = "editedDocuments" in details;
  const counters = COUNTERS.filter(
    (name) => name in details && details[name] === null && !(isEdit && name === "deletedDocuments"),
  );
  return { ...details, ...Object.fromEntries(counters.map((name) => [name, 0])) };
}

const COUNTERS = ["indexedDocuments", "editedDocuments", "deletedDocuments", "canceledTasks", "deletedTasks"];

/**
 * Every node reports how many of the documents it was sent it has taken. The share of these that was taken is the
 * share of the client's documents, whichever nodes hold how many copies.
 */
function indexedDocuments(details: Details, main: readonly NodeTask[]): number {
  const received = numberIn(details, "receivedDocuments");
  const sent = sum(main.map((one) => numberIn(one.details, "receivedDocuments")));
  const taken = sum(main.map((one) => (hasFailed(one) ? 0 : numberIn(one.details, "indexedDocuments"))));
  return sent === 0 ? 0 : Math.floor((received * taken) / sent);
}

/** What the fleet's files took before and after, copies included, as in the statistics; nothing unless all are done. */
function compactedSizes(main: readonly NodeTask[]): Details {
  if (main.length === 0 || main.some(({ status }) => status !== "succeeded")) return {};
  const sums = ["preCompactionSize", "postCompactionSize"].map((name) => {
    return [name, addSizes(main.map(({ details }) => details?.[name]))] as const;
  });
  return Object.fromEntries(sums.filter(([, sum]) => sum !== null));
}

/**
 * The sum over the nodes of one group, divided by the copies in it. A group in which every node has answered is
 * right; if there is none, the one that counted most is nearest.
 */
function countOnce(counter: string, main: readonly NodeTask[], copies: CopiesOfDocuments): number {
  const candidates = copies.groups.map((nodeIds) => {
    const inGroup = main.filter(({ nodeId }) => nodeIds.includes(nodeId));
    const complete = inGroup.every(({ status }) => status === "succeeded");
    return { complete, total: sum(inGroup.map((one) => numberIn(one.details, counter))) };
  });
  const complete = candidates.filter((one) => one.complete);
  const totals = (complete.length > 0 ? complete : candidates).map(({ total }) => total);
  return Math.round(Math.max(0, ...totals) / copies.replicationFactor);
}

function numberIn(details: Details | undefined, name: string): number {
  const value = details?.[name];
  return typeof value === "number" ? value : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
