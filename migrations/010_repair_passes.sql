-- The comparison of all replicas is divided over the routers: each keeps its own place, by its name.
DROP TABLE repair_pass;
CREATE TABLE repair_passes (
  router TEXT PRIMARY KEY,
  state TEXT NOT NULL
) WITHOUT ROWID;
