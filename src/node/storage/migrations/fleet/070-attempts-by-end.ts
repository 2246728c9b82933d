import type { Migration } from '../migration.ts';

/** What ran when: attempts by their end, with all that tells whether one lies in a range; those that are not over have none. */
export const attemptsByEnd: Migration = {
  version: 70,
  sql: 'CREATE INDEX attempts_by_end ON attempts (ended_at_ms, placed_at_ms, worker_id);',
};
