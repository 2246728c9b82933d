/** The SQL of runs, tasks and attempts in fleet.db, prepared once. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { ReadableDatabase, WritableDatabase } from './connection.ts';
import type {
  AttemptRow,
  AttemptViewRow,
  EndedAttemptRow,
  PastAttemptRow,
  RunRow,
  TaskRow,
  TaskViewRow,
} from './fleet-task-rows.ts';

/** Which page of tasks: null where nothing is asked about it. `states` is JSON; `search` is folded. */
export interface PageFilter {
  readonly before: number;
  readonly limit: number;
  readonly run: string | null;
  readonly worker: string | null;
  readonly states: string | null;
  readonly search: string | null;
}

const TASKS = 'SELECT t.*, s.spec, s.files FROM tasks t JOIN task_specs s ON s.sequence = t.sequence';

/** What every way to a page asks of a task `t`; `instr` knows no wildcards. */
const FITS = `
  ($states IS NULL OR t.state IN (SELECT value FROM json_each($states)))
  AND ($search IS NULL
    OR EXISTS (SELECT 1 FROM task_specs s WHERE s.sequence = t.sequence AND instr(s.folded_text, $search) > 0)
    OR EXISTS (SELECT 1 FROM runs r WHERE r.run_id = t.run_id AND instr(r.folded_name, $search) > 0))
  AND ($worker IS NULL OR $worker =
    (SELECT worker_id FROM attempts a WHERE a.sequence = t.sequence ORDER BY number DESC LIMIT 1))`;

/** The ways to the newest tasks that fit, each along an index, so that a page costs what is on it. */
export const PAGES = {
  byAge: `SELECT t.sequence FROM tasks t WHERE t.sequence < $before AND ${FITS}
    ORDER BY t.sequence DESC LIMIT $limit`,
  ofRun: `SELECT t.sequence FROM tasks t WHERE t.run_id = $run AND t.sequence < $before AND ${FITS}
    ORDER BY t.sequence DESC LIMIT $limit`,
  inState: `SELECT t.sequence FROM tasks t WHERE t.state = $state AND t.sequence < $before AND ${FITS}
    ORDER BY t.sequence DESC LIMIT $limit`,
  onWorker: `SELECT DISTINCT held.sequence FROM attempts held CROSS JOIN tasks t ON t.sequence = held.sequence
    WHERE held.worker_id = $worker AND held.sequence < $before AND ${FITS}
    ORDER BY held.sequence DESC LIMIT $limit`,
} as const;

/** Attempts of which some part lies in a range: null where any worker will do. */
export interface RangeFilter {
  readonly from: number;
  readonly to: number;
  readonly worker: string | null;
  readonly limit: number;
}

/** Task and run are looked up for what is answered, never for what is passed over. */
const IN_RANGE = `SELECT a.sequence, a.number, a.worker_id, a.state, a.placed_at_ms, a.started_at_ms, a.ended_at_ms,
    t.task_id, t.name, t.type, r.name AS run_name
  FROM attempts a CROSS JOIN tasks t ON t.sequence = a.sequence CROSS JOIN runs r ON r.run_id = t.run_id
  WHERE a.placed_at_ms < $to AND ($worker IS NULL OR a.worker_id = $worker)`;

/** Both along the index of ends. A range long ago costs a step over each attempt that ended since. */
export const RANGES = {
  open: `${IN_RANGE} AND a.ended_at_ms IS NULL ORDER BY a.placed_at_ms DESC LIMIT $limit`,
  ended: `${IN_RANGE} AND a.ended_at_ms >= $from ORDER BY a.ended_at_ms DESC LIMIT $limit`,
} as const;

/** Null in a file that an older Labwatch wrote and that cannot be migrated now, because its folder may only be read. */
export function prepareTaskReads(connection: ReadableDatabase) {
  if (connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'placement_explanations'").get() === undefined)
    return null;
  const page = <Filter>(sql: string) => connection.prepare<[Filter], number>(sql).pluck();
  return {
    run: connection.prepare<[string], RunRow>('SELECT * FROM runs WHERE run_id = ?'),
    runOfTask: connection.prepare<[string], string>('SELECT run_id FROM tasks WHERE task_id = ?').pluck(),
    newestRuns: connection.prepare<[number], RunRow>(
      'SELECT * FROM runs ORDER BY submitted_at_ms DESC, rowid DESC LIMIT ?',
    ),
    openRuns: connection
      .prepare<[], string>(
        `SELECT DISTINCT run_id FROM tasks WHERE state IN ('blocked', 'queued', 'placed', 'running', 'parked')`,
      )
      .pluck(),
    tasksOfRun: connection.prepare<[string], TaskRow>(`${TASKS} WHERE run_id = ? ORDER BY t.sequence`),
    attemptsOfRun: connection.prepare<[string], AttemptRow>(
      `SELECT a.*, task_id, e.explanation FROM tasks t JOIN attempts a ON a.sequence = t.sequence
       LEFT JOIN placement_explanations e ON e.sequence = a.sequence AND e.number = a.number
       WHERE run_id = ? ORDER BY t.sequence, a.number`,
    ),
    endedAttempts: connection.prepare<[number], EndedAttemptRow>(
      `SELECT worker_id, state, started_at_ms, ended_at_ms, ending, usage, spec
       FROM attempts a JOIN task_specs s ON s.sequence = a.sequence
       WHERE ended_at_ms IS NOT NULL ORDER BY ended_at_ms DESC LIMIT ?`,
    ),
    attemptNumbersOfRun: connection.prepare<[string], Pick<AttemptRow, 'task_id' | 'number'>>(
      'SELECT task_id, number FROM tasks t JOIN attempts a ON a.sequence = t.sequence WHERE run_id = ?',
    ),
    countsOfRun: connection.prepare<
      [string],
      { readonly state: string; readonly count: number; readonly endedAtMs: number }
    >('SELECT state, count(*) AS count, max(ended_at_ms) AS endedAtMs FROM tasks WHERE run_id = ? GROUP BY state'),
    view: connection.prepare<[number], TaskViewRow>(
      `SELECT t.*, r.name AS run_name, a.worker_id, a.number, a.usage, a.ending ->> '$.outputBytes' AS output_bytes
       FROM tasks t JOIN runs r ON r.run_id = t.run_id
       LEFT JOIN attempts a ON a.sequence = t.sequence
         AND a.number = (SELECT max(number) FROM attempts WHERE sequence = t.sequence)
       WHERE t.sequence = ?`,
    ),
    byAge: page<PageFilter>(PAGES.byAge),
    ofRun: page<PageFilter>(PAGES.ofRun),
    inState: page<PageFilter & { readonly state: string }>(PAGES.inState),
    onWorker: page<PageFilter>(PAGES.onWorker),
    openInRange: connection.prepare<[RangeFilter], AttemptViewRow>(RANGES.open),
    endedInRange: connection.prepare<[RangeFilter], AttemptViewRow>(RANGES.ended),
    removedWorkers: connection.prepare<[string], { readonly workerId: WorkerId; readonly name: string }>(
      `SELECT worker_id AS workerId, name FROM removed_workers
       WHERE worker_id IN (SELECT value FROM json_each(?)) GROUP BY worker_id`,
    ),
    taskIds: connection
      .prepare<[string, string, number], string>(
        'SELECT task_id FROM tasks WHERE task_id >= ? AND task_id < ? ORDER BY task_id LIMIT ?',
      )
      .pluck(),
    runIds: connection
      .prepare<[string, string, number], string>(
        'SELECT run_id FROM runs WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT ?',
      )
      .pluck(),
    pastAttempts: connection.prepare<[number, number], PastAttemptRow>(
      `SELECT a.sequence, a.worker_id, a.started_at_ms, a.ended_at_ms, a.usage,
         json_object('command', spec -> '$.command', 'isShell', spec -> '$.isShell', 'type', spec -> '$.type',
           'needs', spec -> '$.needs') AS spec
       FROM attempts a JOIN task_specs s ON s.sequence = a.sequence
       WHERE a.sequence > ? AND a.state = 'succeeded' AND length(spec -> '$.command') <= 4096
       ORDER BY a.sequence LIMIT ?`,
    ),
    lastSequence: connection.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'tasks'").pluck(),
    runsOverBefore: connection
      .prepare<{ readonly atMs: number }, string>(
        `SELECT run_id FROM runs r WHERE submitted_at_ms < $atMs AND NOT EXISTS (
           SELECT 1 FROM tasks t WHERE t.run_id = r.run_id
             AND (t.state NOT IN ('succeeded', 'failed', 'cancelled') OR t.ended_at_ms >= $atMs))`,
      )
      .pluck(),
  };
}

export function prepareTaskWrites(connection: WritableDatabase) {
  return {
    /** A run never changes. */
    insertRun: connection.prepare(
      `INSERT INTO runs (run_id, name, max_parallel, on_failure, submitted_at_ms, folded_name)
       VALUES ($runId, $name, $maxParallel, $onFailure, $submittedAtMs, $foldedName) ON CONFLICT DO NOTHING`,
    ),
    /** Neither does what is asked of a task. */
    moveTask: connection.prepare(
      `UPDATE tasks SET state = $state, reason = $reason, message = $message, retries_left = $retriesLeft,
         started_at_ms = $startedAtMs, ended_at_ms = $endedAtMs WHERE task_id = $taskId`,
    ),
    insertTask: connection.prepare(
      `INSERT INTO tasks (sequence, task_id, run_id, name, type, priority, state, reason, message, retries_left,
         submitted_at_ms, started_at_ms, ended_at_ms)
       VALUES ($sequence, $taskId, $runId, $name, $type, $priority, $state, $reason, $message, $retriesLeft,
         $submittedAtMs, $startedAtMs, $endedAtMs)`,
    ),
    insertSpec: connection.prepare('INSERT INTO task_specs (sequence, folded_text, spec, files) VALUES (?, ?, ?, ?)'),
    putAttempt: connection.prepare(
      `INSERT INTO attempts (sequence, number, worker_id, state, promised, placement, placed_at_ms, started_at_ms,
         ended_at_ms, is_cancel_requested, ending, usage)
       VALUES ((SELECT sequence FROM tasks WHERE task_id = $taskId), $number, $workerId, $state, $promised, $placement,
         $placedAtMs, $startedAtMs, $endedAtMs, $isCancelRequested, $ending, $usage)
       ON CONFLICT DO UPDATE SET worker_id = excluded.worker_id, state = excluded.state, promised = excluded.promised,
         placement = excluded.placement, placed_at_ms = excluded.placed_at_ms, started_at_ms = excluded.started_at_ms,
         ended_at_ms = excluded.ended_at_ms, is_cancel_requested = excluded.is_cancel_requested,
         ending = excluded.ending, usage = excluded.usage`,
    ),
    /** Nor does why an attempt is where it is. */
    insertExplanation: connection.prepare(
      `INSERT INTO placement_explanations (sequence, number, explanation)
       VALUES ((SELECT sequence FROM tasks WHERE task_id = ?), ?, ?) ON CONFLICT DO NOTHING`,
    ),
    deleteRun: connection.prepare('DELETE FROM runs WHERE run_id = ?'),
  };
}
