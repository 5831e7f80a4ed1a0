/**
 * Brings existing indexes to the form that `search.tie_break` wants, node by node, while everything goes on. Reads stop
 * counting on the hidden rule before the first node loses it, and count on it again only when every node has been seen
 * to have it; what may be in either form until then is merged as it comes.
 */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { isObject, type JsonObject } from "../../core/settings/json-shape.ts";
import type { NodeForm } from "../../core/settings/node-form.ts";
import { toNodePatch } from "../../core/settings/to-node-patch.ts";
import { misplacedSequence } from "../../core/settings/verify-settings.ts";
import type { Lanes } from "../../scatter/lane.ts";
import { tieBreakChanged, tieBreakRefused } from "../../telemetry/events/settings.ts";
import type { Emit } from "../../telemetry/event.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Turns } from "../routers/turns.ts";
import type { OpenChanges } from "./open-changes.ts";

export interface TieBreakDeps {
  readonly catalog: Pick<Catalog, "list" | "update">;
  readonly fleet: Pick<Fleet, "nodeIds" | "readable" | "client">;
  readonly lanes: Pick<Lanes, "submit">;
  readonly turns: Pick<Turns, "run">;
  readonly changes: Pick<OpenChanges, "wanted" | "changing">;
  /** Are indexes exchanging their names? Which settings a name stands for is open then. */
  readonly swapping: () => boolean;
  readonly form: NodeForm;
  readonly timeoutMs: number;
  readonly emit: Emit;
}

export interface TieBreakChange {
  /** Once, before the first read: from now on nothing counts on a rule that may go. */
  prepare(): Promise<void>;
  /** One round over what is not as wanted yet; true when nothing is left. */
  advance(signal?: AbortSignal): Promise<boolean>;
}

export function createTieBreakChange(deps: TieBreakDeps): TieBreakChange {
  const { catalog } = deps;
  const { tieBreak } = deps.form;
  /** Indexes whose nodes have all been seen in the wanted form, by name and time of creation. */
  const settled = new Set<string>();
  /** The node tasks that are to bring it about, by node and index. */
  const running = new Map<string, number>();

  const isOpen = (entry: IndexEntry): boolean =>
    entry.state === "ready" && !settled.has(nameOf(entry)) && (tieBreak === "node" || entry.tieBreak === "node");

  const isInForm = async (entry: IndexEntry, nodeId: string, signal?: AbortSignal): Promise<boolean> => {
    if (!deps.fleet.readable(nodeId)) return false;
    const shown = await read(deps, nodeId, `/indexes/${entry.uid}/settings`, signal);
    if (shown === null) return false;
    if (misplacedSequence(shown, { tieBreak }) === null) return true;
    const key = JSON.stringify([nodeId, nameOf(entry)]);
    const taskUid = running.get(key);
    if (taskUid !== undefined && (await isUnderWay(deps, nodeId, taskUid, signal))) return false;
    const ordered = await deps.turns.run([entry.uid], () => order(deps, entry, nodeId));
    if (ordered === null) running.delete(key);
    else running.set(key, ordered);
    return false;
  };

  return {
    async prepare() {
      const isAsWanted = (entry: IndexEntry): boolean => (entry.tieBreak ?? "sequence") === tieBreak;
      // The rest is not touched: a start must not wait for the turn on every index there is.
      for (const { uid } of catalog.list().filter((entry) => !isAsWanted(entry))) {
        await catalog.update(uid, (entry) =>
          isAsWanted(entry) ? entry : { ...entry, ...withoutHashes(entry), tieBreak: "node" },
        );
      }
    },
    async advance(signal) {
      for (const entry of catalog.list().filter(isOpen)) {
        if (signal?.aborted === true) return false;
        if (deps.swapping() || deps.changes.changing(entry.uid)) continue;
        const inForm = await Promise.all(deps.fleet.nodeIds().map((nodeId) => isInForm(entry, nodeId, signal)));
        if (!inForm.every(Boolean) || deps.swapping()) continue;
        if (tieBreak === "sequence") await catalog.update(entry.uid, (now) => countOnRule(now, entry));
        settled.add(nameOf(entry));
        for (const nodeId of deps.fleet.nodeIds()) running.delete(JSON.stringify([nodeId, nameOf(entry)]));
        deps.emit(tieBreakChanged, { index: entry.uid, tie_break: tieBreak });
      }
      return !catalog.list().some(isOpen);
    },
  };
}

function nameOf({ uid, createdAt }: IndexEntry): string {
  return JSON.stringify([uid, createdAt]);
}

function countOnRule(now: IndexEntry, seen: IndexEntry): IndexEntry {
  if (now.createdAt !== seen.createdAt) return now;
  const { tieBreak: _gone, ...rest } = now;
  return rest;
}

/** What the nodes have shown of these two settings so far is not what they are to show. */
function withoutHashes({ settingsHashes }: IndexEntry): Pick<IndexEntry, "settingsHashes"> {
  if (settingsHashes === undefined) return {};
  const { rankingRules: _rules, sortableAttributes: _sortable, ...rest } = settingsHashes;
  return { settingsHashes: rest };
}

/** null: the node says nothing of the kind, or nothing at all. */
async function read(
  { fleet, timeoutMs }: TieBreakDeps,
  nodeId: string,
  path: string,
  signal?: AbortSignal,
): Promise<JsonObject | null> {
  const request = { method: "GET", path, operation: "tie_break.read", timeoutMs, repeat: "safe" } as const;
  const outcome = await fleet.client(nodeId).send(request, signal);
  const value: unknown = outcome.kind === "answered" ? JSON.parse(outcome.text) : null;
  return isObject(value) ? value : null;
}

async function isUnderWay(deps: TieBreakDeps, nodeId: string, taskUid: number, signal?: AbortSignal): Promise<boolean> {
  const task = await read(deps, nodeId, `/tasks/${taskUid}`, signal);
  return task === null || task["status"] === "enqueued" || task["status"] === "processing";
}

/** In the lane of the index, so that it stands in line with the clients' own changes. null: it was not taken. */
async function order(deps: TieBreakDeps, { uid, createdAt }: IndexEntry, nodeId: string): Promise<number | null> {
  // Another index may have come to the name while the turn was waited for.
  if (!deps.catalog.list().some((now) => now.uid === uid && now.createdAt === createdAt)) return null;
  const { rankingRules = null, sortableAttributes = null } = deps.changes.wanted(uid);
  const request = {
    method: "PATCH",
    path: `/indexes/${uid}/settings`,
    body: JSON.stringify(toNodePatch({ rankingRules, sortableAttributes }, {}, deps.form)),
    operation: "settings.update",
    timeoutMs: deps.timeoutMs,
    repeat: "once",
  } as const;
  const [outcome] = await deps.lanes.submit(uid, [{ nodeId, request }]);
  if (outcome?.kind === "enqueued") return outcome.taskUid;
  const reason = outcome?.kind === "refused" ? outcome.error.message : (outcome?.message ?? "no outcome");
  deps.emit(tieBreakRefused, { index: uid, node: nodeId, reason });
  return null;
}
