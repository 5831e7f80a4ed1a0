/** `WebhookStore` on the tables `webhooks` and `webhook_outbox`; a trigger notes the tasks that end. */
import type { Database } from "bun:sqlite";
import type { Webhook } from "../../core/webhooks/webhook.ts";
import type { WebhookStore } from "../webhook-store.ts";
import type { Connection } from "./connection.ts";

interface Row {
  readonly uuid: string;
  readonly url: string;
  readonly headers: string;
}

const PENDING = "SELECT task_uid FROM webhook_outbox WHERE webhook = ? ORDER BY seq LIMIT ?";
const KEEP_NEWEST = `DELETE FROM webhook_outbox WHERE webhook = ?1 AND seq NOT IN
  (SELECT seq FROM webhook_outbox WHERE webhook = ?1 ORDER BY seq DESC LIMIT ?2)`;

export function sqliteWebhookStore({ read, write }: Connection): WebhookStore {
  return {
    all: () => read((database) => database.query<Row, []>("SELECT * FROM webhooks ORDER BY uuid").all().map(toWebhook)),
    add: (webhook, most) =>
      write((database) => {
        const count = database.query<{ n: number }, []>("SELECT count(*) AS n FROM webhooks").get()?.n ?? 0;
        if (count >= most) return false;
        return put(database, "INSERT INTO webhooks (url, headers, uuid) VALUES (?, ?, ?)", webhook);
      }),
    replace: (webhook) =>
      write((database) => put(database, "UPDATE webhooks SET url = ?, headers = ? WHERE uuid = ?", webhook)),
    remove: (uuid) =>
      write((database) => {
        const found = database.query("SELECT 1 FROM webhooks WHERE uuid = ?").get(uuid) !== null;
        database.query("DELETE FROM webhooks WHERE uuid = ?").run(uuid);
        return found;
      }),
    pending: (uuid, limit) =>
      read((database) =>
        database
          .query<{ task_uid: number }, [string, number]>(PENDING)
          .all(uuid, limit)
          .map((row) => row.task_uid),
      ),
    settle: (uuid, taskUids) =>
      write((database) => {
        const sql = "DELETE FROM webhook_outbox WHERE webhook = ? AND task_uid IN (SELECT value FROM json_each(?))";
        database.query(sql).run(uuid, JSON.stringify(taskUids));
      }),
    keepNewest: (uuid, most) => write((database) => database.query(KEEP_NEWEST).run(uuid, most).changes),
  };
}

function put(database: Database, sql: string, { uuid, url, headers }: Webhook): boolean {
  return database.query(sql).run(url, JSON.stringify(headers), uuid).changes > 0;
}

function toWebhook({ uuid, url, headers }: Row): Webhook {
  return { uuid, url, headers: JSON.parse(headers) as Record<string, string> };
}
