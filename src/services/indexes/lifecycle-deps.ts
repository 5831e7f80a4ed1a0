/** What creating, changing and deleting an index needs, and the small decisions those verbs share. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { errorBody } from "../../core/errors/api-error.ts";
import type { NodeForm } from "../../core/settings/node-form.ts";
import { initialNodeSettings } from "../../core/settings/to-node-patch.ts";
import type { JsonObject } from "../../core/settings/json-shape.ts";
import type { NodeTask, Task } from "../../core/tasks/task.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import type { Clock } from "../../platform/clock.ts";
import type { InTurn } from "../../platform/in-turn.ts";
import type { Emit } from "../../telemetry/event.ts";
import type { BroadcastDeps, Order } from "../broadcast/broadcast.ts";
import { createOrder, ENQUEUE_TIMEOUT_MS } from "../broadcast/create-order.ts";
import type { BirthDeps } from "../broadcast/index-births.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { creatingEntry } from "../catalog/new-entry.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import type { Relay } from "../relay/relay.ts";
import type { Renames } from "../routers/renames.ts";
import type { TaskDraft } from "../tasks/task-registry.ts";

export interface LifecycleDeps extends BroadcastDeps, BirthDeps {
  readonly catalog: Catalog;
  readonly versions: Pick<NodeVersions, "proven" | "forget" | "rename">;
  readonly relay: Relay;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly emit: Emit;
  /** For changes of names: everything else waits for them, and they for everything else. */
  readonly renames: Pick<Renames, "change" | "end">;
  /** One instance for everything that makes or removes indexes. */
  readonly gate: Pick<InTurn<string>, "run">;
  /** `miroir.shards`: the shard count of a new index. */
  readonly shards: number;
  /** `search.tie_break` */
  readonly form: NodeForm;
  /** The client's view once all settings changes that are under way have been applied. */
  readonly wantedSettings: (uid: string) => JsonObject;
  /** The node serves again only after it has been compared with the catalog. */
  readonly suspect: (nodeId: string) => void;
}

export function newEntry(deps: LifecycleDeps, uid: string, primaryKey: string | null): IndexEntry {
  return creatingEntry(deps, { uid, primaryKey, createdAt: deps.catalog.birth(deps.clock.nowMs()) });
}

/** Exists for writers: not on its way out. */
export function living(deps: Pick<LifecycleDeps, "catalog">, uid: string): IndexEntry | undefined {
  const entry = deps.catalog.get(uid);
  return entry === undefined || entry.state === "deleting" ? undefined : entry;
}

/** A task that the nodes are not asked about, because the catalog knows that it fails. */
export async function failedTask(
  deps: Pick<LifecycleDeps, "tasks">,
  draft: TaskDraft,
  code: "index_not_found" | "index_already_exists",
): Promise<Task> {
  const what = code === "index_not_found" ? "not found" : "already exists";
  const task = await deps.tasks.register(draft);
  return enqueuedView(await deps.tasks.fail(task.uid, errorBody(code, `Index \`${draft.indexUid}\` ${what}.`)));
}

/** A client is always told that its task is enqueued, also when it has already ended. */
export function enqueuedView(task: Task): Task {
  return { ...task, status: "enqueued" };
}

/**
 * The index has become what the task wanted, unless it has been replaced by another of the same name. `nodeTasks`: who
 * has it now. A node that gets it later is looked at before it serves: nobody follows whether it carries out what it is
 * brought, and without the markers it would refuse what every read asks for.
 */
export async function makeReady(
  deps: Pick<LifecycleDeps, "catalog" | "clock" | "versions" | "fleet" | "suspect">,
  uid: string,
  nodeTasks: readonly Pick<NodeTask, "nodeId" | "status">[],
  createdAt?: number,
): Promise<void> {
  const later = new Set(nodeTasks.filter(({ status }) => status === "hinted").map(({ nodeId }) => nodeId));
  const have = [...new Set(nodeTasks.map(({ nodeId }) => nodeId))].filter((nodeId) => !later.has(nodeId));
  const isMine = (entry: IndexEntry | undefined): boolean =>
    entry?.state === "creating" && (createdAt === undefined || entry.createdAt === createdAt);
  const made = deps.catalog.get(uid);
  if (made !== undefined && isMine(made)) await deps.versions.proven(made, have, 0);
  let isMade = false;
  await deps.catalog.update(uid, (entry) => {
    if (!isMine(entry)) return entry;
    isMade = true;
    return { ...entry, state: "ready", updatedAt: deps.clock.nowMs() };
  });
  // Only now: of an index that is still being made nothing is looked at.
  for (const nodeId of deps.fleet.nodeIds()) if (isMade && !have.includes(nodeId)) deps.suspect(nodeId);
}

export const orders = {
  createIndex: createOrder,
  /** The markers, and whatever the client has set already. */
  initialSettings: (uid: string, client: JsonObject, form: NodeForm): Order =>
    orders.patchSettings(uid, initialNodeSettings(client, form), "prepare"),
  /** `patch` in the nodes' form. */
  patchSettings: (uid: string, patch: JsonObject, role: Order["role"]): Order => ({
    request: once("PATCH", `/indexes/${uid}/settings`, "settings.update", patch),
    role,
  }),
  updateIndex: (uid: string, body: JsonObject, role: Order["role"], tolerated?: readonly string[]): Order => ({
    request: once("PATCH", `/indexes/${uid}`, "indexes.update", body),
    role,
    ...(tolerated === undefined ? {} : { tolerated }),
  }),
  deleteIndex: (uid: string, role: Order["role"]): Order => ({
    request: once("DELETE", `/indexes/${uid}`, "indexes.delete"),
    role,
    tolerated: ["index_not_found"],
  }),
  swap: (swaps: readonly unknown[], role: Order["role"]): Order => ({
    request: once("POST", "/swap-indexes", "indexes.swap", swaps),
    role,
  }),
  compact: (uid: string): Order => ({
    request: once("POST", `/indexes/${uid}/compact`, "indexes.compact"),
    role: "main",
  }),
} as const;

function once(method: NodeRequest["method"], path: string, operation: string, body?: unknown): NodeRequest {
  return {
    method,
    path,
    operation,
    timeoutMs: ENQUEUE_TIMEOUT_MS,
    repeat: "once",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}
