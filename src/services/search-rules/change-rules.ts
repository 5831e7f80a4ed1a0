/**
 * Changing dynamic search rules: on every node, as one task. The nodes judge what they are sent; the router notes the
 * change before they are told of it, with the positions that the client wants. A change that a node does not carry out
 * is taken back; a deletion always goes forward.
 */
import {
  changedRule,
  deletedRule,
  nodeBody,
  type RuleChange,
  settledRule,
  withoutVersion,
} from "../../core/search-rules/change-rule.ts";
import type { SearchRule } from "../../core/search-rules/search-rule.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { NodeRequest } from "../../nodes/node-client.ts";
import { advanceBroadcast, failureOf, flowData, tell, wasInterrupted } from "../broadcast/advance-broadcast.ts";
import { audience, broadcast, type BroadcastDeps, type BroadcastInput, type Order } from "../broadcast/broadcast.ts";
import type { TaskFlow } from "../tasks/task-registry.ts";
import type { RuleBook } from "./rule-book.ts";
import { ruleDetails } from "./rule-details.ts";

export interface RulesDeps extends BroadcastDeps {
  readonly book: RuleBook;
  /** One change at a time, over all routers. */
  readonly queue: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface RuleRequest {
  readonly customMetadata: string | null;
}

/** `text` is the client's body. */
export function changeRule(deps: RulesDeps, uid: string, text: string, asked: RuleRequest): Promise<Task> {
  return deps.queue(async () => {
    await deps.book.reload();
    const change = changedRule(deps.book.all(), uid, text);
    return tellNodes(deps, [change], {
      draft: { ...draftOf("dsrUpdate", asked), details: { rule: JSON.parse(text) as unknown, updatedRules: 1 } },
      step: "update",
      order: order("PATCH", pathOf(uid), change.body),
      whenLost: "undo",
    });
  });
}

export function deleteRule(deps: RulesDeps, uid: string, asked: RuleRequest): Promise<Task> {
  return deps.queue(async () => {
    await deps.book.reload();
    const change = deletedRule(deps.book.all().get(uid));
    return tellNodes(deps, change === null ? [] : [change], {
      draft: { ...draftOf("dsrUpdate", asked), details: { updatedRules: 1 } },
      step: "delete",
      order: order("DELETE", pathOf(uid)),
      whenLost: "forward",
    });
  });
}

export function clearRules(deps: RulesDeps, asked: RuleRequest): Promise<Task> {
  return deps.queue(async () => {
    await deps.book.reload();
    const changes = [...deps.book.all().values()].map(deletedRule).filter((change) => change !== null);
    return tellNodes(deps, changes, {
      draft: { ...draftOf("dsrClear", asked), details: { deletedDocuments: null } },
      step: "clear",
      order: order("DELETE", RULES_PATH),
      whenLost: "forward",
    });
  });
}

type Change = Omit<RuleChange, "body">;

interface Telling extends Pick<BroadcastInput, "draft" | "whenLost"> {
  readonly step: string;
  readonly order: Order;
}

interface RulesFlowData {
  /** Of each rule that changes, which of its states this task brings. */
  readonly changes: readonly { readonly uid: string; readonly version: number }[];
  readonly order: Pick<NodeRequest, "path"> & { readonly what: string };
}

async function tellNodes(deps: RulesDeps, changes: readonly Change[], telling: Telling): Promise<Task> {
  const { draft, whenLost } = telling;
  audience(deps);
  for (const { rule } of changes) await deps.book.update(rule.uid, (known) => withNewest(known, rule));
  const data: RulesFlowData = {
    changes: changes.map(({ rule, version }) => ({ uid: rule.uid, version })),
    order: { path: telling.order.request.path, what: telling.step },
  };
  let known = false;
  try {
    return await broadcast(deps, {
      lane: RULES_LANE,
      draft: { ...draft, flow: { kind: RULES_FLOW, step: "apply", data: { ...data } } },
      orders: () => {
        known = true;
        return [telling.order];
      },
      whenLost,
      withdrawn: () => {
        known = false;
      },
    });
  } catch (error) {
    // A task that goes on takes it back by itself.
    if (!known) await forget(deps, data);
    throw error;
  }
}

/** What ends meanwhile only takes older states away. */
function withNewest(known: SearchRule | null, next: SearchRule): SearchRule {
  return { uid: next.uid, versions: [...(known?.versions ?? []), next.versions.at(-1)!] };
}

async function forget(deps: Pick<RulesDeps, "book">, { changes }: RulesFlowData): Promise<void> {
  for (const { uid, version } of changes) {
    await deps.book.update(uid, (rule) => (rule === null ? null : withoutVersion(rule, version)));
  }
}

async function settle(deps: Pick<RulesDeps, "book">, { changes }: RulesFlowData): Promise<void> {
  for (const { uid, version } of changes) {
    await deps.book.update(uid, (rule) => (rule === null ? null : settledRule(rule, version)));
  }
}

export function rulesFlow(deps: RulesDeps): TaskFlow {
  return {
    kind: RULES_FLOW,
    resumable: true,
    advance: async (task) => {
      const data = flowData(task) as unknown as RulesFlowData;
      const details = ruleDetails(task);
      if (data.order.what === "update") {
        const step = await advanceBroadcast(deps, task, {
          lane: RULES_LANE,
          undo: undoOf(deps, data),
          commit: async () => {
            await settle(deps, data);
            return { kind: "done", details };
          },
          abandon: () => forget(deps, data),
        });
        return step.kind === "done" ? { ...step, details } : step;
      }
      if (wasInterrupted(task)) {
        const again = order("DELETE", data.order.path);
        const nodeTasks = await tell(deps, task.uid, RULES_LANE, deps.fleet.nodeIds(), again);
        return { kind: "more", nodeTasks, flow: { kind: RULES_FLOW, step: "apply", data: { ...data } } };
      }
      const failure = failureOf(task);
      if (failure === null) await settle(deps, data);
      else await forget(deps, data);
      return { kind: "done", details, ...(failure === null ? {} : { error: failure }) };
    },
  };
}

/** What the rule was before, or, where others have changed it since, what they made of it. */
function undoOf({ book }: Pick<RulesDeps, "book">, { changes }: RulesFlowData): Order {
  const { uid, version } = changes[0]!;
  const state = book
    .all()
    .get(uid)
    ?.versions.findLast((one) => one.version !== version)?.rule;
  const undo = state === null || state === undefined ? order("DELETE", pathOf(uid)) : wholeRule(uid, nodeBody(state));
  return { ...undo, role: "undo" };
}

function wholeRule(uid: string, body: string): Order {
  return order("PATCH", pathOf(uid), body);
}

function draftOf(type: "dsrUpdate" | "dsrClear", { customMetadata }: RuleRequest) {
  return { type, indexUid: RULES_LANE, customMetadata } as const;
}

function order(method: "PATCH" | "DELETE", path: string, body?: string): Order {
  const operation = method === "PATCH" ? "search_rules.update" : "search_rules.delete";
  const request = { method, path, operation, timeoutMs: TIMEOUT_MS, repeat: "once" } as const;
  return { request: body === undefined ? request : { ...request, body }, role: "main" };
}

export function pathOf(uid: string): string {
  return `${RULES_PATH}/${encodeURIComponent(uid)}`;
}

export const RULES_PATH = "/dynamic-search-rules";
export const RULES_FLOW = "search-rules";
/** The engine's name for where it keeps them, which tasks show; no client can name an index like that. */
export const RULES_LANE = ".meili_dsr";
const TIMEOUT_MS = 30_000;
