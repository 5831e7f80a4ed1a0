-- Dynamic search rules: which positions clients want, of which the nodes know only what tells their pins apart.
CREATE TABLE search_rules (
  uid TEXT PRIMARY KEY,
  rule TEXT NOT NULL
) WITHOUT ROWID;
