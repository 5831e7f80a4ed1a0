-- When the index of a row was created, in milliseconds: what was noted of one is not true of the next of its name. NULL: not
-- known, or it belongs to no index.
ALTER TABLE node_settings_version ADD COLUMN index_created_at INTEGER;
