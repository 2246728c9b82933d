import type { Migration } from '../migration.ts';

/**
 * Why attempts are where they are, at length. It never changes and is some kilobytes long, so it lies apart: each change of
 * an attempt's state writes a small row.
 */
export const placementExplanations: Migration = {
  version: 70,
  sql: `
    CREATE TABLE placement_explanations (
      sequence INTEGER NOT NULL,
      number INTEGER NOT NULL,
      explanation TEXT NOT NULL CHECK (json_valid(explanation)),
      PRIMARY KEY (sequence, number),
      FOREIGN KEY (sequence, number) REFERENCES attempts (sequence, number) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX attempts_by_end ON attempts (ended_at_ms);
  `,
};
