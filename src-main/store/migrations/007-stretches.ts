// Stretches of a lane's steps, packed (store/codecs/step-stretch.ts): what a long run is read from. They repeat what lies in `steps`, and may be missing. Layer reports of
// steps in a table of their own: in `steps`, which has no row numbers, each took a page by itself (a third of it used). Those of older runs stay there. And an index: cells go with
// their run, which looked through all of them.

export const stretches = `
CREATE TABLE step_stretches (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  stretch INTEGER NOT NULL,
  lane TEXT NOT NULL,
  rows INTEGER NOT NULL,
  losses TEXT NOT NULL,
  predicted TEXT NOT NULL,
  numbers BLOB NOT NULL,
  PRIMARY KEY (run, stretch, lane)
) STRICT;

CREATE TABLE step_layers (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  lane TEXT NOT NULL,
  layers BLOB NOT NULL,
  PRIMARY KEY (run, step, lane)
) STRICT;

CREATE INDEX cells_by_run ON cells (run);
`
