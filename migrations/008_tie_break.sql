-- Set while not every node has the hidden last rule of the index: nothing read may count on it then.
ALTER TABLE index_catalog ADD COLUMN tie_break TEXT;
