// Where a run comes from (a checkpoint of another run, by its number and step), and options that changed during a run.

export const timeTravel = `
ALTER TABLE runs ADD COLUMN parent_run INTEGER;
ALTER TABLE runs ADD COLUMN parent_step INTEGER;
CREATE INDEX runs_by_parent ON runs (parent_run);

CREATE TABLE option_changes (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  lane TEXT NOT NULL,
  option TEXT NOT NULL,
  old_value REAL NOT NULL,
  new_value REAL NOT NULL,
  step INTEGER NOT NULL,
  at REAL NOT NULL
) STRICT;
CREATE INDEX option_changes_by_run ON option_changes (run, step);
`
