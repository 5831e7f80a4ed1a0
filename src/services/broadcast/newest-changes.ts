/**
 * When indexes have last changed. The catalog knows of changes of settings and names; documents change an index on the
 * nodes that own them, each of which notes the time, so the newest of these is what a single node would show.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { rfc3339 } from "../../core/tasks/time-text.ts";
import type { NodeOutcome } from "../../nodes/node-outcome.ts";
import { scatter } from "../../scatter/scatter.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface NewestChangesDeps {
  readonly catalog: Pick<Catalog, "list">;
  readonly fleet: Pick<Fleet, "nodeIds" | "readable" | "client">;
}

/** RFC 3339 by index, of each of the entries. A node that does not answer soon is done without. */
export async function newestChanges(
  deps: NewestChangesDeps,
  entries: readonly IndexEntry[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const newest = new Map(entries.map(({ uid, updatedAt }) => [uid, rfc3339(updatedAt)]));
  const [only, ...others] = entries;
  if (only === undefined) return newest;
  // A node may have indexes that are none of ours; they are few.
  const limit = 2 * deps.catalog.list().length + SPARE;
  const path = others.length === 0 ? `/indexes/${only.uid}` : `/indexes?limit=${limit}`;
  const nodeIds = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.readable(nodeId));
  const request = { method: "GET", path, operation: "indexes.get", timeoutMs: TIMEOUT_MS, repeat: "safe" } as const;
  const outcomes = await scatter(
    nodeIds.map((nodeId) => ({ client: deps.fleet.client(nodeId), request })),
    signal,
  );
  for (const { uid, updatedAt } of outcomes.flatMap(viewsOf)) {
    const known = newest.get(uid);
    if (known !== undefined && isLater(updatedAt, known)) newest.set(uid, updatedAt);
  }
  return newest;
}

/** Of two times as the engine writes them, which may be of different lengths. */
export function isLater(left: string, right: string): boolean {
  const [leftMs, rightMs] = [Date.parse(left), Date.parse(right)];
  return leftMs > rightMs || (leftMs === rightMs && left.replace(/Z$/, "") > right.replace(/Z$/, ""));
}

interface NodeView {
  readonly uid: string;
  readonly updatedAt: string;
}

function viewsOf(outcome: NodeOutcome): readonly NodeView[] {
  if (outcome.kind !== "answered") return [];
  const answer = JSON.parse(outcome.text) as NodeView | { readonly results: readonly NodeView[] };
  return "results" in answer ? answer.results : [answer];
}

const SPARE = 20;
/** The date is not worth a longer wait. */
const TIMEOUT_MS = 1_000;
