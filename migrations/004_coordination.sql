-- What several coordinators need, and lists of tasks in a range of times that also ask for kinds.

-- The one router of this store, by its heartbeat: another one seen here means that the file is shared, which it must not be.
CREATE TABLE routers (
  name TEXT PRIMARY KEY,
  run TEXT NOT NULL,
  number INTEGER NOT NULL,
  version TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The fence of a scope outlives its lease: it counts the grants for ever.
CREATE TABLE fences (
  scope TEXT PRIMARY KEY,
  fence INTEGER NOT NULL
) WITHOUT ROWID;

-- Jobs are claimed in the order of their arrival.
ALTER TABLE jobs ADD COLUMN queued_seq INTEGER NOT NULL DEFAULT 0;
CREATE INDEX jobs_by_arrival ON jobs (queued_seq) WHERE state IN ('queued', 'in_progress');
INSERT INTO counters (name, next) VALUES ('job_seq', 1);

-- A range of times is counted from the index alone, also with a condition on the kind.
DROP INDEX tasks_by_created_at;
DROP INDEX tasks_by_started_at;
DROP INDEX tasks_by_finished_at;
CREATE INDEX tasks_by_created_at ON tasks (created_at, uid, status, type, index_uid);
CREATE INDEX tasks_by_started_at ON tasks (started_at, uid, status, type, index_uid) WHERE started_at IS NOT NULL;
CREATE INDEX tasks_by_finished_at ON tasks (finished_at, uid, status, type, index_uid) WHERE finished_at IS NOT NULL;
