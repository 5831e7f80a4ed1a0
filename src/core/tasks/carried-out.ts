/**
 * Whether the node tasks found after a crash are all that a task needed. Only then may it succeed: the router can have
 * stopped after it had told some of the nodes and before it had told the others.
 */
import type { CopiesOfDocuments } from "./fold-details.ts";
import type { NodeTask, Task } from "./task.ts";

export function isCarriedOut(task: Task, found: readonly NodeTask[], copies: CopiesOfDocuments): boolean {
  const main = found.filter(({ role }) => role === "main");
  const everyCopy = copies.groups.length * copies.replicationFactor;
  const counted = COUNTED.find((name) => numberIn(task.details, name) > 0);
  if (counted !== undefined) {
    const sent = main.reduce((sum, { details }) => sum + numberIn(details, counted), 0);
    return sent === numberIn(task.details, counted) * everyCopy;
  }
  const told = new Set(main.map(({ nodeId }) => nodeId));
  return copies.groups.flat().every((nodeId) => told.has(nodeId));
}

/** What is split over the shards is counted; everything else goes to every node. */
const COUNTED = ["receivedDocuments", "providedIds"];

function numberIn(details: Readonly<Record<string, unknown>> | null | undefined, name: string): number {
  const value = details?.[name];
  return typeof value === "number" ? value : 0;
}
