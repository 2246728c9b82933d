import type { Migration } from '../migration.ts';

/**
 * Runs, their tasks and the attempts at them, and whether a worker takes new ones. What is asked of a task never changes and
 * lies apart, so that each change of its state writes a small row. AUTOINCREMENT remembers the greatest sequence ever given,
 * also of tasks that are forgotten.
 */
export const tasks: Migration = {
  version: 50,
  sql: `
    ALTER TABLE workers ADD COLUMN admission TEXT NOT NULL DEFAULT 'open'
      CHECK (admission IN ('open', 'paused', 'draining'));
    CREATE TABLE runs (
      run_id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      max_parallel INTEGER,
      on_failure TEXT NOT NULL CHECK (on_failure IN ('continue', 'stop')),
      submitted_at_ms INTEGER NOT NULL,
      folded_name TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_age ON runs (submitted_at_ms);
    CREATE TABLE tasks (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      task_id TEXT NOT NULL UNIQUE,
      run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      type TEXT,
      priority REAL NOT NULL,
      state TEXT NOT NULL CHECK (state IN
        ('blocked', 'queued', 'placed', 'running', 'succeeded', 'failed', 'cancelled', 'parked')),
      reason TEXT,
      message TEXT,
      retries_left INTEGER NOT NULL,
      submitted_at_ms INTEGER NOT NULL,
      started_at_ms INTEGER,
      ended_at_ms INTEGER
    ) STRICT;
    CREATE INDEX tasks_of_run ON tasks (run_id);
    CREATE INDEX tasks_by_state ON tasks (state);
    CREATE TABLE task_specs (
      sequence INTEGER PRIMARY KEY REFERENCES tasks (sequence) ON DELETE CASCADE,
      folded_text TEXT NOT NULL,
      spec TEXT NOT NULL CHECK (json_valid(spec)),
      files TEXT NOT NULL CHECK (json_valid(files))
    ) STRICT;
    CREATE TABLE attempts (
      sequence INTEGER NOT NULL REFERENCES tasks (sequence) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      worker_id TEXT NOT NULL,
      state TEXT NOT NULL,
      promised TEXT NOT NULL CHECK (json_valid(promised)),
      placement TEXT NOT NULL,
      placed_at_ms INTEGER NOT NULL,
      started_at_ms INTEGER,
      ended_at_ms INTEGER,
      is_cancel_requested INTEGER NOT NULL CHECK (is_cancel_requested IN (0, 1)),
      ending TEXT CHECK (json_valid(ending)),
      usage TEXT CHECK (json_valid(usage)),
      PRIMARY KEY (sequence, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX attempts_of_worker ON attempts (worker_id, sequence);
  `,
};
