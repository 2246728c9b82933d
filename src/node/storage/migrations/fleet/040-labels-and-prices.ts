import type { Migration } from '../migration.ts';

/** What people say of a worker: tags, and what it costs an hour. */
export const labelsAndPrices: Migration = {
  version: 40,
  sql: `
    CREATE TABLE worker_labels (
      worker_id TEXT NOT NULL REFERENCES workers (worker_id) ON DELETE CASCADE,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (worker_id, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE worker_prices (
      worker_id TEXT PRIMARY KEY REFERENCES workers (worker_id) ON DELETE CASCADE,
      per_hour REAL NOT NULL CHECK (per_hour >= 0)
    ) STRICT;
  `,
};
