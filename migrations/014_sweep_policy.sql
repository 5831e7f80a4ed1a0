-- How expired documents of an index are swept, where that differs from the configuration, as JSON.
ALTER TABLE index_catalog ADD COLUMN sweeps TEXT;
