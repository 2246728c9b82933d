import type { Migration } from '../migration.ts';

/** What each machine was made of, one row a change, and what happened on it. Unique, so a delivery sent twice is kept once. */
export const inventoryAndEvents: Migration = {
  version: 20,
  sql: `
    CREATE TABLE inventories (
      worker_id TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      inventory TEXT NOT NULL CHECK (json_valid(inventory)),
      PRIMARY KEY (worker_id, at_ms)
    ) STRICT;
    CREATE TABLE events (
      id INTEGER PRIMARY KEY,
      worker_id TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      kind TEXT NOT NULL,
      message TEXT NOT NULL,
      UNIQUE (worker_id, at_ms, kind, message)
    ) STRICT;
  `,
};
