// What a sweep's inputs and models were when they were last looked at: its table can be shown where they are not.
export const sweepPlans = `
CREATE TABLE sweep_plans (
  sweep INTEGER PRIMARY KEY REFERENCES sweeps (id) ON DELETE CASCADE,
  definition TEXT NOT NULL,
  planned TEXT NOT NULL
) STRICT;
`
