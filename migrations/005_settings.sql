-- What the nodes have to show after the last settings change, one hash per setting, and why writes are refused.
ALTER TABLE index_catalog ADD COLUMN settings_hashes TEXT;
ALTER TABLE index_catalog ADD COLUMN frozen TEXT;
