/**
 * Tells every webhook of the tasks that have ended: as many as there are in one request, as a node does it for a batch.
 * Each task is told at least once, also across a crash; twice only when the router died, or lost its lease, between
 * the answer of the webhook and the note of it. A webhook that does not answer delays no other, is tried a fixed
 * number of times, and then misses what it would not take.
 */
import { gzipSync } from "node:zlib";
import type { TaskIdFormat } from "../../core/tasks/task-view.ts";
import type { Webhook } from "../../core/webhooks/webhook.ts";
import type { Outgoing } from "../../outgoing/outgoing.ts";
import type { Clock } from "../../platform/clock.ts";
import type { TaskStore } from "../../store/task-store.ts";
import type { WebhookStore } from "../../store/webhook-store.ts";
import type { Emit } from "../../telemetry/event.ts";
import { webhookDelivered, webhookFailed, webhookGaveUp } from "../../telemetry/events/webhooks.ts";
import { viewOf } from "../tasks/list-tasks.ts";

export interface WebhookDeliveryDeps {
  readonly webhooks: WebhookStore;
  readonly tasks: Pick<TaskStore, "get">;
  readonly outgoing: Outgoing;
  readonly idFormat: TaskIdFormat;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly emit: Emit;
}

export interface WebhookDelivery {
  /** Starts what is due. Of several routers one calls it. */
  tick(): Promise<void>;
  /** Called when a task has ended. */
  wake(): void;
  onHurry(hurry: (delayMs: number) => void): void;
  /** Gives up what is on its way, which will be sent again. */
  close(): Promise<void>;
}

interface Trouble {
  readonly failures: number;
  readonly dueMs: number;
}

export function createWebhookDelivery(deps: WebhookDeliveryDeps): WebhookDelivery {
  const { webhooks, clock, emit } = deps;
  const running = new Map<string, Promise<void>>();
  const troubles = new Map<string, Trouble>();
  const stopping = new AbortController();
  let hurry: (delayMs: number) => void = () => {};

  const deliver = async (webhook: Webhook): Promise<void> => {
    const { uuid } = webhook;
    const uids = await webhooks.pending(uuid, TASKS_PER_REQUEST_MAX);
    if (uids.length === 0) return;
    const lines = await linesOf(deps, uids);
    const problem = lines.length === 0 ? null : await send(deps.outgoing, webhook, lines, stopping.signal);
    if (stopping.signal.aborted) return;
    if (problem === null) {
      await webhooks.settle(uuid, uids);
      troubles.delete(uuid);
      emit(webhookDelivered, { webhook: uuid, tasks: lines.length });
      // More may have ended meanwhile.
      return hurry(0);
    }
    const failures = (troubles.get(uuid)?.failures ?? 0) + 1;
    if (failures < ATTEMPTS_MAX) {
      const pauseMs = PAUSE_FIRST_MS * 2 ** (failures - 1);
      troubles.set(uuid, { failures, dueMs: clock.monotonicMs() + pauseMs });
      emit(webhookFailed, { webhook: uuid, tasks: lines.length, attempt: failures, pauseMs, detail: problem });
      return hurry(pauseMs);
    }
    await webhooks.settle(uuid, uids);
    const dropped = await webhooks.keepNewest(uuid, PENDING_MAX);
    // What comes next is tried once only, until the webhook answers again.
    troubles.set(uuid, { failures: ATTEMPTS_MAX - 1, dueMs: clock.monotonicMs() });
    emit(webhookGaveUp, { webhook: uuid, tasks: uids.length + dropped, detail: problem });
    hurry(0);
  };

  const start = (webhook: Webhook): void => {
    const work = deliver(webhook)
      // The store does not answer: what was pending still is, and the next round finds it.
      .catch(() => undefined)
      .finally(() => running.delete(webhook.uuid));
    running.set(webhook.uuid, work);
  };

  return {
    tick: async () => {
      const known = await webhooks.all();
      for (const uuid of troubles.keys()) if (!known.some((one) => one.uuid === uuid)) troubles.delete(uuid);
      for (const webhook of known) {
        const dueMs = troubles.get(webhook.uuid)?.dueMs ?? -Infinity;
        if (!running.has(webhook.uuid) && dueMs <= clock.monotonicMs()) start(webhook);
      }
    },
    wake: () => hurry(GATHER_MS),
    onHurry: (call) => (hurry = call),
    close: async () => {
      stopping.abort();
      await Promise.all(running.values());
    },
  };
}

/** The views of the tasks as clients get them, by number. A task whose record was deleted meanwhile has none. */
async function linesOf(deps: WebhookDeliveryDeps, uids: readonly number[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const view = { store: deps.tasks as TaskStore, idFormat: deps.idFormat };
  for (const uid of uids.toSorted((a, b) => a - b)) {
    const task = await deps.tasks.get(uid);
    if (task !== undefined) lines.push(`${JSON.stringify(await viewOf(view, task))}\n`);
  }
  return lines;
}

/** null when the webhook has taken it, else why not. */
async function send(
  outgoing: Outgoing,
  { url, headers }: Webhook,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  const outcome = await outgoing.send(
    {
      method: "POST",
      url,
      headers: { "content-encoding": "gzip", "content-type": "application/x-ndjson", ...headers },
      body: gzipSync(lines.join("")),
      timeoutMs: TIMEOUT_MS,
    },
    signal,
  );
  if (outcome.kind === "failed") return `${outcome.reason}: ${outcome.message}`;
  return outcome.status >= 200 && outcome.status < 300 ? null : `it answered with status ${outcome.status}`;
}

/** Tasks that end within this of each other go into one request. */
const GATHER_MS = 25;
const TASKS_PER_REQUEST_MAX = 1_000;
/** What a webhook that does not answer may be behind; older notes are dropped. */
const PENDING_MAX = 10_000;
const TIMEOUT_MS = 30_000;
const ATTEMPTS_MAX = 5;
const PAUSE_FIRST_MS = 1_000;
