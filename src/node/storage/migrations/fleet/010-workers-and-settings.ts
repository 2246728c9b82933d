import type { Migration } from '../migration.ts';

/** Who belongs to the fleet, what a person set, and what the window remembers. */
export const workersAndSettings: Migration = {
  version: 10,
  sql: `
    CREATE TABLE workers (
      worker_id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      is_local INTEGER NOT NULL CHECK (is_local IN (0, 1)),
      enrolled_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX one_local_worker ON workers (is_local) WHERE is_local = 1;
    CREATE TABLE settings (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL CHECK (json_valid(value)),
      changed_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE ui_state (
      only INTEGER PRIMARY KEY CHECK (only = 1),
      state TEXT NOT NULL CHECK (json_valid(state))
    ) STRICT;
  `,
};
