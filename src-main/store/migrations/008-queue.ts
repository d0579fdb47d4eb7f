// Runs that are lined up. `work`: what is done when its turn comes; `place`: the order; `removed_at`: taken out, kept for a while so that it can be undone.

export const queue = `
CREATE TABLE queue (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  place REAL NOT NULL,
  work TEXT NOT NULL,
  estimate TEXT,
  added_at REAL NOT NULL,
  held INTEGER NOT NULL DEFAULT 0,
  problem TEXT,
  removed_at REAL
) STRICT;
`
