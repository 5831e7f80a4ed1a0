-- Tables 8 to 14: features that keep something of their own.

CREATE TABLE canaries (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  index_uid TEXT NOT NULL,
  interval_s INTEGER NOT NULL,
  query_json TEXT NOT NULL,
  assertions_json TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE canary_runs (
  canary_id TEXT NOT NULL,
  ran_at INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pass', 'fail', 'error')),
  latency_ms INTEGER NOT NULL,
  failed_assertions_json TEXT,
  PRIMARY KEY (canary_id, ran_at)
) WITHOUT ROWID;

CREATE TABLE cdc_cursors (
  sink_name TEXT NOT NULL,
  index_uid TEXT NOT NULL,
  last_event_seq INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (sink_name, index_uid)
) WITHOUT ROWID;

CREATE TABLE tenant_map (
  api_key_hash BLOB PRIMARY KEY CHECK (length(api_key_hash) = 32),
  tenant_id TEXT NOT NULL,
  group_id INTEGER
) WITHOUT ROWID;

CREATE TABLE rollover_policies (
  name TEXT PRIMARY KEY,
  write_alias TEXT NOT NULL,
  read_alias TEXT NOT NULL,
  pattern TEXT NOT NULL,
  triggers_json TEXT NOT NULL,
  retention_json TEXT NOT NULL,
  template_json TEXT NOT NULL,
  enabled INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE search_ui_config (
  index_uid TEXT PRIMARY KEY,
  config_json TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE admin_sessions (
  session_id TEXT PRIMARY KEY,
  csrf_token TEXT NOT NULL,
  admin_key_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0,
  user_agent TEXT,
  source_ip TEXT
) WITHOUT ROWID;
CREATE INDEX admin_sessions_by_expires_at ON admin_sessions (expires_at);
