import type { Migration } from '../migration.ts';

/** Process snapshots: who ran is written once in `processes`, a snapshot then refers to it. One a worker and slot of 10 s. */
export const processes: Migration = {
  version: 30,
  sql: `
    CREATE TABLE processes (
      id INTEGER PRIMARY KEY,
      worker INTEGER NOT NULL REFERENCES workers (id),
      pid INTEGER NOT NULL,
      name TEXT NOT NULL,
      user TEXT,
      command TEXT NOT NULL,
      seen_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX processes_by_pid ON processes (worker, pid);
    CREATE TABLE process_snapshots (
      id INTEGER PRIMARY KEY,
      worker INTEGER NOT NULL,
      slot INTEGER NOT NULL,
      at_ms INTEGER NOT NULL,
      process_count INTEGER NOT NULL,
      usage BLOB NOT NULL,
      UNIQUE (worker, slot)
    ) STRICT;
  `,
};
