-- What comparing and repairing replicas needs: what was deleted lately, whom not to trust, and how far the last pass came.

-- A deletion is kept longer than two passes, so that a replica that missed it is not taken for one that has more.
-- `born` is the moment in which the index was created: it stays when the index changes its name.
CREATE TABLE tombstones (
  id TEXT PRIMARY KEY,
  born INTEGER NOT NULL,
  version TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('keys', 'filter', 'all')),
  payload TEXT NOT NULL,
  task_uid INTEGER,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tombstones_by_index ON tombstones (born, id);
CREATE INDEX tombstones_by_created_at ON tombstones (created_at);

-- Copies that may differ from the others. No index: all of them. No node: nobody knows which copy is right.
CREATE TABLE suspects (
  node_id TEXT NOT NULL,
  index_uid TEXT NOT NULL,
  reason TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (node_id, index_uid)
) WITHOUT ROWID;

-- The newest task that each node is known to have taken: a node that no longer knows it has lost its disk.
CREATE TABLE node_marks (
  node_id TEXT PRIMARY KEY,
  task_uid INTEGER NOT NULL,
  enqueued_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE repair_pass (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  state TEXT NOT NULL
);
