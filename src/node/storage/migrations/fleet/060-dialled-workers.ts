import type { Migration } from '../migration.ts';

/** Workers that wait to be dialled, and where; those without a row dial by themselves. */
export const dialledWorkers: Migration = {
  version: 60,
  sql: `
    CREATE TABLE dialled_workers (
      worker_id TEXT PRIMARY KEY REFERENCES remote_workers (worker_id) ON DELETE CASCADE,
      addresses TEXT NOT NULL CHECK (json_valid(addresses)),
      port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535)
    ) STRICT;
  `,
};
