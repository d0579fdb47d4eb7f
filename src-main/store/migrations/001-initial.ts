// The first schema. Times are milliseconds since the epoch; JSON columns are parsed with the contract's schemas when they are read.

export const initial = `
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  options TEXT NOT NULL,
  plan TEXT,
  error TEXT,
  progress TEXT,
  created_at REAL NOT NULL,
  finished_at REAL,
  step INTEGER NOT NULL DEFAULT 0,
  total_steps INTEGER NOT NULL DEFAULT 0,
  last_seq INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE steps (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  lane TEXT NOT NULL,
  domain INTEGER NOT NULL,
  images INTEGER NOT NULL,
  labelled INTEGER NOT NULL,
  correct INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  losses TEXT NOT NULL,
  kept INTEGER,
  adapted_share REAL NOT NULL,
  mean_confidence REAL NOT NULL,
  mean_entropy REAL NOT NULL,
  step_ms REAL NOT NULL,
  layers BLOB,
  PRIMARY KEY (run, step, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE domain_metrics (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  domain INTEGER NOT NULL,
  lane TEXT NOT NULL,
  images INTEGER NOT NULL,
  labelled INTEGER NOT NULL,
  correct INTEGER NOT NULL,
  PRIMARY KEY (run, domain, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  lane TEXT NOT NULL,
  step INTEGER NOT NULL,
  domain INTEGER NOT NULL,
  created_at REAL NOT NULL,
  delta BLOB NOT NULL,
  UNIQUE (run, lane, step)
) STRICT;

CREATE TABLE resume_states (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  lane TEXT NOT NULL,
  step INTEGER NOT NULL,
  state BLOB NOT NULL,
  PRIMARY KEY (run, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE skipped_files (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (run, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
