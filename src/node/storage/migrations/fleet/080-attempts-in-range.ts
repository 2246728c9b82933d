import type { Migration } from '../migration.ts';

/** What ran when: the index of ends comes to hold all that tells whether an attempt lies in a range, and on which worker. */
export const attemptsInRange: Migration = {
  version: 80,
  sql: `
    DROP INDEX attempts_by_end;
    CREATE INDEX attempts_by_end ON attempts (ended_at_ms, placed_at_ms, worker_id);
  `,
};
