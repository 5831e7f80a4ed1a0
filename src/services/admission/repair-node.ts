/**
 * Gives a node what it lacks: an index with its settings, a primary key, settings that are not as meant. Nothing that a
 * node has is ever deleted here. Resolves to the tasks that the node made of it.
 */
import type { NodeForm } from "../../core/settings/node-form.ts";
import { repairPatch } from "../../core/settings/repair-patch.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { EnqueueOutcome } from "../../scatter/lane.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { orders } from "../indexes/lifecycle-deps.ts";
import type { Finding } from "./inspect-node.ts";

export interface RepairDeps {
  readonly catalog: Pick<Catalog, "get">;
  /** The client's view once all settings changes that are under way have been applied. */
  readonly wantedSettings: (indexUid: string) => JsonObject;
  readonly form: NodeForm;
  /** Gives the requests to the node in this order. */
  readonly give: (indexUid: string, requests: readonly NodeRequest[]) => Promise<readonly EnqueueOutcome[]>;
}

export interface Repair {
  /** Tasks of the node, to be waited for. */
  readonly nodeTaskUids: readonly number[];
  /** Why something could not be given; null when all was. */
  readonly problem: string | null;
}

export async function repairNode(deps: RepairDeps, findings: readonly Finding[]): Promise<Repair> {
  const nodeTaskUids: number[] = [];
  let problem: string | null = null;
  for (const finding of findings) {
    const requests = requestsFor(deps, finding);
    if (requests.length === 0) continue;
    for (const outcome of await deps.give(finding.indexUid, requests)) {
      if (outcome.kind === "enqueued") nodeTaskUids.push(outcome.taskUid);
      else if (outcome.kind === "missed") problem ??= outcome.message;
      else problem ??= `it refuses the repair of index \`${finding.indexUid}\`: ${outcome.error.message}`;
    }
  }
  return { nodeTaskUids, problem };
}

function requestsFor(deps: RepairDeps, finding: Finding): readonly NodeRequest[] {
  const entry = deps.catalog.get(finding.indexUid);
  if (entry?.state !== "ready") return [];
  const wanted = deps.wantedSettings(entry.uid);
  switch (finding.kind) {
    case "index_unknown":
      return [];
    case "index_missing":
      return [
        orders.createIndex(entry.uid, entry.primaryKey, "prepare").request,
        orders.initialSettings(entry.uid, wanted, deps.form).request,
      ];
    case "primary_key_differs":
      return [orders.updateIndex(entry.uid, { primaryKey: entry.primaryKey }, "prepare").request];
    case "settings_differ":
      return [
        orders.patchSettings(entry.uid, repairPatch(finding.shown, wanted, finding.keys, deps.form), "prepare").request,
      ];
  }
}
