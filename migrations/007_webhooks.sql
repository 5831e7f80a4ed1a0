-- Webhooks, and the tasks that each of them still has to be told of.

CREATE TABLE webhooks (
  uuid TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  headers TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE webhook_outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook TEXT NOT NULL,
  task_uid INTEGER NOT NULL,
  UNIQUE (webhook, task_uid)
);
CREATE INDEX webhook_outbox_by_webhook ON webhook_outbox (webhook, seq);

-- In the transaction in which a task ends, so that no crash falls between the end and the note of it.
CREATE TRIGGER tasks_noted_for_webhooks AFTER UPDATE OF status ON tasks
  WHEN old.status IN ('enqueued', 'processing') AND new.status IN ('succeeded', 'failed', 'canceled') BEGIN
  INSERT OR IGNORE INTO webhook_outbox (webhook, task_uid) SELECT uuid, new.uid FROM webhooks;
END;
CREATE TRIGGER webhook_outbox_follows_webhooks AFTER DELETE ON webhooks BEGIN
  DELETE FROM webhook_outbox WHERE webhook = old.uuid;
END;
