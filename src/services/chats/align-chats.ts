/**
 * Gives chat workspaces to nodes that lack them, and takes from a node that was away those that were deleted meanwhile.
 * A node that was there at every change is right. To be called while the engine's switch is on. Nodes show API keys
 * masked only, so a workspace that a node is given comes without its key; the router starts no conversations, so nothing
 * is asked with it.
 */
import { isObject, type JsonObject } from "../../core/settings/json-shape.ts";
import type { NodeClient, NodeRequest } from "../../nodes/node-client.ts";
import type { Emit } from "../../telemetry/event.ts";
import { chatsAligned } from "../../telemetry/events/admission.ts";
import type { NodeVersions } from "../catalog/node-versions.ts";
import type { Fleet } from "../fleet/fleet.ts";

export interface AlignChatsDeps {
  readonly fleet: Pick<Fleet, "nodeIds" | "healthy" | "client">;
  readonly versions: Pick<NodeVersions, "missedShared">;
  readonly emit: Emit;
}

/** Nodes that could not be read or written. */
export async function alignChats(deps: AlignChatsDeps): Promise<readonly string[]> {
  const nodeIds = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.healthy(nodeId));
  const read = await Promise.all(nodeIds.map((nodeId) => workspacesOf(deps.fleet.client(nodeId))));
  const held = new Map(nodeIds.map((nodeId, place) => [nodeId, read[place] ?? null]));
  const pending = nodeIds.filter((nodeId) => held.get(nodeId) === null);
  const wanted = new Map<string, JsonObject>();
  for (const nodeId of nodeIds) {
    if (deps.versions.missedShared(nodeId)) continue;
    for (const [name, settings] of held.get(nodeId) ?? []) if (!wanted.has(name)) wanted.set(name, settings);
  }
  for (const [nodeId, workspaces] of held) {
    if (workspaces === null) continue;
    const orders = ordersFor(workspaces, wanted, deps.versions.missedShared(nodeId));
    if (orders.length === 0) continue;
    const client = deps.fleet.client(nodeId);
    const outcomes = [];
    for (const order of orders) outcomes.push(await client.send(order));
    if (outcomes.some(({ kind }) => kind === "unavailable")) pending.push(nodeId);
    else deps.emit(chatsAligned, { nodeId, workspaces: orders.length });
  }
  return pending;
}

type Workspaces = ReadonlyMap<string, JsonObject>;

function ordersFor(held: Workspaces, wanted: Workspaces, hasMissed: boolean): readonly NodeRequest[] {
  const orders: NodeRequest[] = [];
  for (const [name, settings] of wanted) {
    const { apiKey: _masked, ...meant } = settings;
    const { apiKey: _own, ...own } = held.get(name) ?? {};
    if (JSON.stringify(own) !== JSON.stringify(meant)) {
      orders.push(change("PATCH", `${pathOf(name)}/settings`, JSON.stringify(meant)));
    }
  }
  for (const name of held.keys()) if (hasMissed && !wanted.has(name)) orders.push(change("DELETE", pathOf(name)));
  return orders;
}

/** null: the node did not answer. */
async function workspacesOf(client: NodeClient): Promise<Workspaces | null> {
  const workspaces = new Map<string, JsonObject>();
  const list = await read(client, `/chats?limit=${WORKSPACES_MAX}`);
  if (list === "unavailable") return null;
  const results: readonly unknown[] = isObject(list) && Array.isArray(list["results"]) ? list["results"] : [];
  for (const one of results) {
    const name = isObject(one) ? String(one["uid"]) : "";
    const settings = await read(client, `${pathOf(name)}/settings`);
    if (settings === "unavailable") return null;
    if (isObject(settings)) workspaces.set(name, settings);
  }
  return workspaces;
}

async function read(client: NodeClient, path: string): Promise<unknown> {
  const outcome = await client.send({
    method: "GET",
    path,
    operation: "chats.get",
    timeoutMs: TIMEOUT_MS,
    repeat: "safe",
  });
  if (outcome.kind === "unavailable") return "unavailable";
  return outcome.kind === "answered" ? JSON.parse(outcome.text) : null;
}

function change(method: "PATCH" | "DELETE", path: string, body?: string): NodeRequest {
  return {
    method,
    path,
    operation: "chats.change",
    timeoutMs: TIMEOUT_MS,
    repeat: "once",
    ...(body === undefined ? {} : { body }),
  };
}

function pathOf(name: string): string {
  return `/chats/${encodeURIComponent(name)}`;
}

const WORKSPACES_MAX = 1_000;
const TIMEOUT_MS = 10_000;
