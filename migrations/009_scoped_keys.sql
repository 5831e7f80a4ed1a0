-- The API keys that the search pages use, and which of them each router is believed to use. Aliases are changed by
-- compare-and-set on their version, and runs of canaries are read by the newest first: both have what they need already.

CREATE TABLE search_ui_scoped_keys (
  index_uid TEXT PRIMARY KEY,
  generation INTEGER NOT NULL,
  key_uid TEXT NOT NULL,
  key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  previous_key_uid TEXT
) WITHOUT ROWID;

CREATE TABLE search_ui_scoped_keys_observed (
  router TEXT NOT NULL,
  index_uid TEXT NOT NULL,
  generation INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (index_uid, router)
) WITHOUT ROWID;
