// Peak memory of a step, collapses, and sweeps: a sweep's definition, and which lane of which run holds the result of which cell.

export const sweeps = `
ALTER TABLE steps ADD COLUMN peak_bytes REAL NOT NULL DEFAULT 0;

CREATE TABLE collapses (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  lane TEXT NOT NULL,
  step INTEGER NOT NULL,
  kind TEXT NOT NULL,
  restored INTEGER,
  PRIMARY KEY (run, lane, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE sweeps (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  definition TEXT NOT NULL,
  created_at REAL NOT NULL
) STRICT;

CREATE TABLE cells (
  key TEXT PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  lane TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
