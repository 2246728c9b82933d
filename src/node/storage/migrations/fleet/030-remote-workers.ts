import type { Migration } from '../migration.ts';

/** Workers that are other machines: the keys that are trusted, the codes that were given out, the keys that never come back. */
export const remoteWorkers: Migration = {
  version: 30,
  sql: `
    CREATE UNIQUE INDEX worker_names ON workers (name);
    CREATE TABLE remote_workers (
      worker_id TEXT PRIMARY KEY REFERENCES workers (worker_id) ON DELETE CASCADE,
      public_key TEXT NOT NULL UNIQUE,
      paired_at_ms INTEGER NOT NULL,
      level TEXT NOT NULL,
      seen_at_ms INTEGER NOT NULL,
      address TEXT NOT NULL,
      agent_version TEXT NOT NULL,
      platform TEXT NOT NULL,
      runs_tasks INTEGER NOT NULL CHECK (runs_tasks IN (0, 1))
    ) STRICT;
    CREATE TABLE invitations (
      invitation_id TEXT PRIMARY KEY,
      secret TEXT NOT NULL,
      expires_at_ms INTEGER NOT NULL,
      used_at_ms INTEGER,
      used_by_key TEXT,
      CHECK ((used_at_ms IS NULL) = (used_by_key IS NULL))
    ) STRICT;
    CREATE TABLE removed_workers (
      public_key TEXT PRIMARY KEY,
      worker_id TEXT NOT NULL,
      name TEXT NOT NULL,
      removed_at_ms INTEGER NOT NULL
    ) STRICT;
  `,
};
