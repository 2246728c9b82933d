import type { Migration } from '../migration.ts';

/**
 * Samples, fresh and packed. `docs/storage.md` explains the blobs.
 *
 * `place` of a packed row is window × 2^30 + worker × 2^14 + number (window: ten minutes, counted from the epoch): rows
 * arrive in rising order, so pages fill completely, need no second index, and the oldest are the first.
 */
export const samples: Migration = {
  version: 10,
  sql: `
    CREATE TABLE workers (id INTEGER PRIMARY KEY, worker_id TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE series (
      id INTEGER PRIMARY KEY,
      worker INTEGER NOT NULL REFERENCES workers (id),
      key TEXT NOT NULL,
      metric TEXT NOT NULL,
      attributes TEXT NOT NULL,
      unit TEXT NOT NULL,
      quantum REAL NOT NULL,
      UNIQUE (worker, key)
    ) STRICT;
    CREATE TABLE layouts (
      id INTEGER PRIMARY KEY,
      worker INTEGER NOT NULL REFERENCES workers (id),
      series BLOB NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE ticks (
      worker INTEGER NOT NULL,
      at_ms INTEGER NOT NULL,
      layout INTEGER NOT NULL,
      quanta BLOB NOT NULL,
      PRIMARY KEY (worker, at_ms, layout)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE packed (place INTEGER PRIMARY KEY, samples INTEGER NOT NULL, columns BLOB NOT NULL) STRICT;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
  `,
};
