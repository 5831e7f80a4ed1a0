/** `WebhookStore` in maps. The store of the tasks calls `noteEnd`, as a trigger would. */
import type { Webhook } from "../../core/webhooks/webhook.ts";
import type { WebhookStore } from "../webhook-store.ts";

export interface MemoryWebhookStore extends WebhookStore {
  noteEnd(taskUid: number): void;
}

export function memoryWebhookStore(): MemoryWebhookStore {
  const webhooks = new Map<string, Webhook>();
  const outboxes = new Map<string, Set<number>>();
  const outboxOf = (uuid: string): Set<number> => outboxes.get(uuid) ?? new Set();
  return {
    all: async () => [...webhooks.values()].toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1)),
    add: async (webhook, most) => {
      if (webhooks.size >= most) return false;
      webhooks.set(webhook.uuid, structuredClone(webhook));
      outboxes.set(webhook.uuid, new Set());
      return true;
    },
    replace: async (webhook) => {
      if (!webhooks.has(webhook.uuid)) return false;
      webhooks.set(webhook.uuid, structuredClone(webhook));
      return true;
    },
    remove: async (uuid) => {
      outboxes.delete(uuid);
      return webhooks.delete(uuid);
    },
    pending: async (uuid, limit) => [...outboxOf(uuid)].slice(0, limit),
    settle: async (uuid, taskUids) => {
      for (const taskUid of taskUids) outboxOf(uuid).delete(taskUid);
    },
    keepNewest: async (uuid, most) => {
      const pending = [...outboxOf(uuid)];
      const dropped = pending.slice(0, Math.max(0, pending.length - most));
      for (const taskUid of dropped) outboxOf(uuid).delete(taskUid);
      return dropped.length;
    },
    noteEnd: (taskUid) => {
      for (const outbox of outboxes.values()) outbox.add(taskUid);
    },
  };
}
