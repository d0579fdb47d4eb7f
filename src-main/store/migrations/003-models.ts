// What a run tells without labels, and the library of models.

export const models = `
ALTER TABLE steps ADD COLUMN agreement REAL;
ALTER TABLE steps ADD COLUMN estimate REAL;
ALTER TABLE steps ADD COLUMN predicted TEXT NOT NULL DEFAULT '{}';

ALTER TABLE domain_metrics ADD COLUMN confidence REAL;
ALTER TABLE domain_metrics ADD COLUMN entropy REAL;
ALTER TABLE domain_metrics ADD COLUMN agreement REAL;
ALTER TABLE domain_metrics ADD COLUMN estimate REAL;

CREATE TABLE models (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  file TEXT NOT NULL,
  source_file TEXT NOT NULL,
  added_at REAL NOT NULL,
  hash TEXT NOT NULL,
  format TEXT NOT NULL,
  architecture TEXT NOT NULL,
  parameters INTEGER NOT NULL,
  classes INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  mean TEXT NOT NULL,
  std TEXT NOT NULL,
  input_size INTEGER NOT NULL,
  class_names TEXT,
  licence TEXT
) STRICT;
`
