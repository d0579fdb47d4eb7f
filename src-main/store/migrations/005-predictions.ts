// What each lane predicted for each image. Arrays of unsigned integers, little-endian, 1, 2 or 4 bytes each: as many as the row has images (store/codecs/packed.ts).

export const predictions = `
CREATE TABLE run_images (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  sample INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (run, sample)
) STRICT, WITHOUT ROWID;

CREATE TABLE step_images (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  domain INTEGER NOT NULL,
  images INTEGER NOT NULL,
  samples BLOB NOT NULL,
  labels BLOB NOT NULL,
  positions BLOB,
  PRIMARY KEY (run, step)
) STRICT;

CREATE TABLE predictions (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  lane TEXT NOT NULL,
  step INTEGER NOT NULL,
  classes BLOB NOT NULL,
  confidences BLOB NOT NULL,
  PRIMARY KEY (run, lane, step)
) STRICT;
`
