-- Tables 1 to 7: tasks and what belongs to coordination. Times are integer milliseconds, booleans 0/1, hashes BLOBs,
-- JSON is text.

-- Numbers that are given out once and never again, whatever is deleted later and whenever the router dies.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters (name, next) VALUES ('task_uid', 0), ('hint_seq', 1);

-- `uid` is what clients page by, so it is the row's own number; `miroir_id` is just as unique.
CREATE TABLE tasks (
  uid INTEGER PRIMARY KEY,
  miroir_id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  index_uid TEXT,
  status TEXT NOT NULL,
  node_tasks TEXT NOT NULL,
  details TEXT,
  error TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  canceled_by INTEGER,
  custom_metadata TEXT,
  flow TEXT,
  dispatched INTEGER NOT NULL
);
CREATE INDEX tasks_by_kind ON tasks (index_uid, type, status, uid);
CREATE INDEX tasks_by_created_at ON tasks (created_at, uid);
CREATE INDEX tasks_by_started_at ON tasks (started_at, uid) WHERE started_at IS NOT NULL;
CREATE INDEX tasks_by_finished_at ON tasks (finished_at, uid) WHERE finished_at IS NOT NULL;
CREATE INDEX tasks_by_canceled_by ON tasks (canceled_by, uid) WHERE canceled_by IS NOT NULL;
CREATE INDEX tasks_unfinished ON tasks (uid) WHERE status IN ('enqueued', 'processing');

-- How many tasks there are of each kind, so that the total of a list costs nothing. Kept by triggers: right after any
-- crash, since it changes in the same transaction. No index is the empty string here, which is no index uid.
CREATE TABLE task_counts (
  index_uid TEXT NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (index_uid, type, status)
) WITHOUT ROWID;
CREATE TRIGGER tasks_counted_on_insert AFTER INSERT ON tasks BEGIN
  INSERT INTO task_counts (index_uid, type, status, n) VALUES (coalesce(new.index_uid, ''), new.type, new.status, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tasks_counted_on_delete AFTER DELETE ON tasks BEGIN
  UPDATE task_counts SET n = n - 1
    WHERE index_uid = coalesce(old.index_uid, '') AND type = old.type AND status = old.status;
END;
CREATE TRIGGER tasks_counted_on_update AFTER UPDATE OF status, index_uid ON tasks
  WHEN old.status IS NOT new.status OR old.index_uid IS NOT new.index_uid BEGIN
  UPDATE task_counts SET n = n - 1
    WHERE index_uid = coalesce(old.index_uid, '') AND type = old.type AND status = old.status;
  INSERT INTO task_counts (index_uid, type, status, n) VALUES (coalesce(new.index_uid, ''), new.type, new.status, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;

CREATE TABLE node_settings_version (
  index_uid TEXT NOT NULL,
  node_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (index_uid, node_id)
) WITHOUT ROWID;

CREATE TABLE aliases (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('single', 'multi')),
  current_uid TEXT,
  target_uids TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  history TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY,
  last_write_task INTEGER,
  last_write_at INTEGER,
  pinned_group INTEGER,
  min_settings_version INTEGER,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_expires_at ON sessions (expires_at);

CREATE TABLE idempotency_cache (
  key TEXT PRIMARY KEY,
  body_sha256 BLOB NOT NULL CHECK (length(body_sha256) = 32),
  task_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_cache_by_expires_at ON idempotency_cache (expires_at);

CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  params TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'in_progress', 'completed', 'failed')),
  claimed_by TEXT,
  claim_expires_at INTEGER,
  progress TEXT
) WITHOUT ROWID;
CREATE INDEX jobs_by_state ON jobs (state, claim_expires_at);

CREATE TABLE leader_lease (
  scope TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  fence INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
