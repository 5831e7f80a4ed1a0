/**
 * `WebhookStore` in Redis: `miroir:webhooks` holds them by uuid, `miroir:webhook_outbox:<uuid>` the tasks that one still
 * has to be told of, in the order in which they ended. The script that ends a task fills the latter.
 */
import type { Webhook } from "../../core/webhooks/webhook.ts";
import type { WebhookStore } from "../webhook-store.ts";
import type { RedisConnection } from "./connect.ts";
import { runScript, script } from "./run-script.ts";
import changeText from "./scripts/change-webhook.lua" with { type: "text" };

const changeScript = script(changeText);

export function redisWebhookStore(redis: RedisConnection): WebhookStore {
  const change = async (what: string, uuid: string, webhook: Webhook | null, most = 0): Promise<boolean> =>
    (await runScript(redis, changeScript, what, uuid, JSON.stringify(webhook), most)) === 1;
  return {
    all: async () => {
      const texts = await redis.command<readonly string[]>("HVALS", "miroir:webhooks");
      return texts.map((text) => JSON.parse(text) as Webhook).toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1));
    },
    add: (webhook, most) => change("add", webhook.uuid, webhook, most),
    replace: (webhook) => change("replace", webhook.uuid, webhook),
    remove: (uuid) => change("remove", uuid, null),
    pending: async (uuid, limit) => {
      if (limit <= 0) return [];
      const uids = await redis.command<readonly string[]>("ZRANGE", outboxOf(uuid), 0, limit - 1);
      return uids.map(Number);
    },
    settle: async (uuid, taskUids) => {
      if (taskUids.length > 0) await redis.command("ZREM", outboxOf(uuid), ...taskUids);
    },
    keepNewest: (uuid, most) => redis.command<number>("ZREMRANGEBYRANK", outboxOf(uuid), 0, -most - 1),
  };
}

function outboxOf(uuid: string): string {
  return `miroir:webhook_outbox:${uuid}`;
}
