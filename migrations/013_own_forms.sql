-- Settings of an index that its nodes keep in another form than the router knows, as a JSON list; they are only compared
-- between nodes.
ALTER TABLE index_catalog ADD COLUMN own_forms TEXT;
