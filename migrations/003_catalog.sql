-- Tables 15 to 17: which indexes exist, which writes a node still has to get, which nodes there are.

CREATE TABLE index_catalog (
  uid TEXT PRIMARY KEY,
  primary_key TEXT,
  shards INTEGER NOT NULL,
  settings_version INTEGER NOT NULL,
  settings TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE hints (
  id TEXT PRIMARY KEY,
  node_id TEXT NOT NULL,
  index_uid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  request TEXT NOT NULL,
  task_uid INTEGER,
  operation_id TEXT,
  spool_ref TEXT,
  bytes INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX hints_by_place ON hints (node_id, seq);

-- The topology is replaced as a whole, by compare-and-set on its epoch; it is one row.
CREATE TABLE topology (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL,
  replication_factor INTEGER NOT NULL,
  replica_groups INTEGER NOT NULL,
  nodes TEXT NOT NULL
);

-- Shard moves and reshards in progress.
CREATE TABLE migrations_state (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;
