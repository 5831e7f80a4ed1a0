/**
 * Gives the nodes the rules that they lack, and takes from them what is no rule any more: one that was away may have
 * missed changes that nobody keeps for it, and one that comes back empty has none. Rules that are just being changed
 * are left alone. While the engine's switch is off no node can be asked, and none pins anything.
 */
import { isObject, type JsonObject } from "../../core/settings/json-shape.ts";
import { changedRule, nodeBody, settledRule } from "../../core/search-rules/change-rule.ts";
import type { SearchRule } from "../../core/search-rules/search-rule.ts";
import type { NodeClient, NodeRequest } from "../../nodes/node-client.ts";
import type { Emit } from "../../telemetry/event.ts";
import { searchRulesAligned } from "../../telemetry/events/admission.ts";
import type { Hints } from "../hints/hints.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { pathOf, RULES_PATH } from "./change-rules.ts";
import type { RuleBook } from "./rule-book.ts";
import { isSameRule } from "./same-rule.ts";

export interface AlignRulesDeps {
  readonly fleet: Pick<Fleet, "nodeIds" | "healthy" | "client">;
  readonly book: RuleBook;
  readonly hints: Pick<Hints, "pending">;
  readonly emit: Emit;
}

/** Nodes that could not be read or written, or have been given something that they still have to carry out. */
export async function alignRules(deps: AlignRulesDeps): Promise<readonly string[]> {
  const nodeIds = deps.fleet.nodeIds().filter((nodeId) => deps.fleet.healthy(nodeId));
  const held = await Promise.all(nodeIds.map((nodeId) => rulesOf(deps.fleet.client(nodeId))));
  // Read after the nodes: a rule is noted before any node is told of it.
  await deps.book.reload();
  if (deps.book.all().size === 0) await adopt(deps, nodeIds, held);
  const pending = await Promise.all(
    nodeIds.map(async (nodeId, i) => {
      const rules = held[i]!;
      if (rules === "off" || (rules === "refused" && deps.book.all().size === 0)) return [];
      return rules === null || rules === "refused" || (await mend(deps, nodeId, rules)) ? [nodeId] : [];
    }),
  );
  return pending.flat();
}

/**
 * Rules that are older than the store are taken from a node that has missed nothing, with the positions that it has. A
 * store that was lost took the clients' positions with it: then these are what is left.
 */
async function adopt(deps: AlignRulesDeps, nodeIds: readonly string[], held: readonly Held[]): Promise<void> {
  const found = held.find((rules, i) => rules instanceof Map && rules.size > 0 && !deps.hints.pending(nodeIds[i]!));
  if (!(found instanceof Map)) return;
  const oldestFirst = [...found.values()].sort((a, b) => updatedAt(a) - updatedAt(b));
  for (const shown of oldestFirst) {
    const { rule, version } = changedRule(deps.book.all(), String(shown["uid"]), JSON.stringify(shown));
    await deps.book.update(rule.uid, (known) => known ?? settledRule(rule, version));
  }
}

function updatedAt(rule: JsonObject): number {
  return Date.parse(String(rule["lastUpdatedAt"]));
}

/** True: something was sent to it. */
async function mend(deps: AlignRulesDeps, nodeId: string, held: ReadonlyMap<string, JsonObject>): Promise<boolean> {
  const known = deps.book.all();
  const orders: NodeRequest[] = [];
  for (const rule of inOrderOfPlace(known)) {
    const [only, ...others] = rule.versions;
    if (others.length > 0 || only!.rule === null) continue;
    const there = held.get(rule.uid);
    const body = nodeBody(only!.rule);
    if (there === undefined || !isSameRule(there, JSON.parse(body) as JsonObject)) {
      orders.push(requestOf("PATCH", pathOf(rule.uid), body));
    }
  }
  for (const uid of held.keys()) if (!known.has(uid)) orders.push(requestOf("DELETE", pathOf(uid)));
  if (orders.length === 0) return false;
  const client = deps.fleet.client(nodeId);
  if (await isChanging(client)) return true;
  for (const order of orders) await client.send(order);
  deps.emit(searchRulesAligned, { nodeId, rules: orders.length });
  return true;
}

/** Has it rules in its queue? What it shows then is not what it will have. */
async function isChanging(client: NodeClient): Promise<boolean> {
  const outcome = await client.send(requestOf("GET", OPEN_TASKS));
  if (outcome.kind !== "answered") return true;
  const { total } = JSON.parse(outcome.text) as { readonly total?: unknown };
  return total !== 0;
}

/** A node that has none gives them the places they have elsewhere. */
function inOrderOfPlace(rules: ReadonlyMap<string, SearchRule>): readonly SearchRule[] {
  const place = ({ versions }: SearchRule): number => versions[0]!.rule?.place ?? 0;
  return [...rules.values()].sort((a, b) => place(a) - place(b));
}

/** null: it could not be asked, or did not answer with rules. `off`: it pins nothing. `refused`: it may not know of rules at all. */
type Held = ReadonlyMap<string, JsonObject> | "off" | "refused" | null;

async function rulesOf(client: NodeClient): Promise<Held> {
  const rules = new Map<string, JsonObject>();
  for (let offset = 0; ; offset += PAGE_SIZE) {
    const outcome = await client.send(requestOf("POST", RULES_PATH, JSON.stringify({ offset, limit: PAGE_SIZE })));
    if (outcome.kind === "refused") return outcome.error.code === "feature_not_enabled" ? "off" : "refused";
    if (outcome.kind === "unavailable") return null;
    const { results } = JSON.parse(outcome.text) as { readonly results?: unknown };
    if (!Array.isArray(results)) return null;
    for (const rule of results as readonly unknown[]) if (isObject(rule)) rules.set(String(rule["uid"]), rule);
    if (results.length < PAGE_SIZE) return rules;
  }
}

function requestOf(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: string): NodeRequest {
  const reads = method === "GET" || method === "POST";
  return {
    method,
    path,
    operation: reads ? "search_rules.get" : "search_rules.align",
    timeoutMs: TIMEOUT_MS,
    repeat: reads ? "safe" : "once",
    ...(body === undefined ? {} : { body }),
  };
}

const OPEN_TASKS = "/tasks?types=dsrUpdate,dsrClear&statuses=enqueued,processing&limit=1";
const PAGE_SIZE = 500;
const TIMEOUT_MS = 10_000;
