/** Runs, tasks and attempts as rows of fleet.db, and as the records that the engine knows. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { AttemptUsage } from '../../core/tasks/attempt.ts';
import type { EndedAttempt } from '../../core/tasks/ended-attempt.ts';
import type { PastAttempt } from '../../core/tasks/past-attempt.ts';
import {
  type Attempt,
  attemptIdOf,
  type Run,
  type RunId,
  type Task,
  type TaskId,
  type TaskSpec,
} from '../../core/tasks/task.ts';
import type { AttemptView, TaskView } from '../../core/tasks/view.ts';

export interface RunRow {
  readonly run_id: string;
  readonly name: string;
  readonly max_parallel: number | null;
  readonly on_failure: Run['onFailure'];
  readonly submitted_at_ms: number;
}

interface TaskColumns {
  readonly sequence: number;
  readonly task_id: string;
  readonly run_id: string;
  readonly name: string;
  readonly type: string | null;
  readonly priority: number;
  readonly state: Task['state'];
  readonly reason: Task['reason'];
  readonly message: string | null;
  readonly retries_left: number;
  readonly submitted_at_ms: number;
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
}

export interface TaskRow extends TaskColumns {
  readonly spec: string;
  readonly files: string;
}

/** A task beside its run's name and its newest attempt, where it has one. */
export interface TaskViewRow extends TaskColumns {
  readonly run_name: string;
  readonly worker_id: string | null;
  readonly number: number | null;
  readonly usage: string | null;
  readonly output_bytes: number | null;
}

/** An attempt beside what it is an attempt at. */
export interface AttemptViewRow
  extends Pick<
    AttemptRow,
    'task_id' | 'number' | 'worker_id' | 'state' | 'placed_at_ms' | 'started_at_ms' | 'ended_at_ms'
  > {
  readonly name: string;
  readonly type: string | null;
  readonly run_name: string;
}

export interface AttemptRow {
  readonly task_id: string;
  readonly number: number;
  readonly worker_id: string;
  readonly state: Attempt['state'];
  readonly promised: string;
  readonly placement: string;
  readonly explanation: string | null;
  readonly placed_at_ms: number;
  readonly started_at_ms: number | null;
  readonly ended_at_ms: number | null;
  readonly is_cancel_requested: number;
  readonly ending: string | null;
  readonly usage: string | null;
}

export type EndedAttemptRow = Pick<
  AttemptRow,
  'worker_id' | 'state' | 'started_at_ms' | 'ended_at_ms' | 'ending' | 'usage'
> &
  Pick<TaskRow, 'spec'>;

export function endedAttemptOf(row: EndedAttemptRow): EndedAttempt {
  return {
    workerId: row.worker_id as WorkerId,
    state: row.state,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    end: parsed(row.ending),
    usage: parsed(row.usage),
    spec: JSON.parse(row.spec) as TaskSpec,
  };
}

export interface PastAttemptRow extends Pick<AttemptRow, 'worker_id' | 'started_at_ms' | 'ended_at_ms' | 'usage'> {
  readonly sequence: number;
  readonly spec: string;
}

export function pastAttemptOf(row: PastAttemptRow): PastAttempt {
  return {
    workerId: row.worker_id as WorkerId,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    usage: parsed(row.usage),
    spec: JSON.parse(row.spec) as PastAttempt['spec'],
  };
}

export function runOf(row: RunRow): Run {
  return {
    runId: row.run_id as RunId,
    name: row.name,
    maxParallel: row.max_parallel,
    onFailure: row.on_failure,
    submittedAtMs: row.submitted_at_ms,
  };
}

export function taskOf(row: TaskRow): Task {
  return {
    taskId: row.task_id as TaskId,
    runId: row.run_id as RunId,
    sequence: row.sequence,
    spec: JSON.parse(row.spec) as TaskSpec,
    files: JSON.parse(row.files) as Task['files'],
    state: row.state,
    reason: row.reason,
    message: row.message,
    retriesLeft: row.retries_left,
    submittedAtMs: row.submitted_at_ms,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
  };
}

export function attemptOf(row: AttemptRow): Attempt {
  const taskId = row.task_id as TaskId;
  return {
    attemptId: attemptIdOf(taskId, row.number),
    taskId,
    number: row.number,
    workerId: row.worker_id as WorkerId,
    state: row.state,
    promised: JSON.parse(row.promised) as Attempt['promised'],
    placement: row.placement,
    explanation: parsed(row.explanation),
    placedAtMs: row.placed_at_ms,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    isCancelRequested: row.is_cancel_requested === 1,
    end: parsed(row.ending),
    usage: parsed(row.usage),
  };
}

/** What a task waits for only the engine knows. */
export function taskViewOf(row: TaskViewRow): TaskView {
  return {
    taskId: row.task_id as TaskId,
    runId: row.run_id as RunId,
    runName: row.run_name,
    sequence: row.sequence,
    name: row.name,
    type: row.type,
    priority: row.priority,
    state: row.state,
    reason: row.reason,
    message: row.message,
    waitsFor: null,
    outlook: null,
    workerId: row.worker_id as WorkerId | null,
    attemptCount: row.number ?? 0,
    submittedAtMs: row.submitted_at_ms,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    usage: parsed<AttemptUsage>(row.usage),
    outputBytes: row.output_bytes,
  };
}

export function attemptViewOf(row: AttemptViewRow): AttemptView {
  const taskId = row.task_id as TaskId;
  return {
    attemptId: attemptIdOf(taskId, row.number),
    taskId,
    runName: row.run_name,
    name: row.name,
    type: row.type,
    number: row.number,
    workerId: row.worker_id as WorkerId,
    state: row.state,
    placedAtMs: row.placed_at_ms,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
  };
}

export function runRow({ runId, name, maxParallel, onFailure, submittedAtMs }: Run) {
  return { runId, name, maxParallel, onFailure, submittedAtMs: Math.round(submittedAtMs), foldedName: folded(name) };
}

export function movedTaskRow(task: Task) {
  const { taskId, state, reason, message, retriesLeft } = task;
  return { taskId, state, reason, message, retriesLeft, ...timesOf(task) };
}

export function taskRow(task: Task) {
  const { sequence, runId, submittedAtMs, spec } = task;
  const { name, type, priority } = spec;
  return { ...movedTaskRow(task), sequence, runId, name, type, priority, submittedAtMs: Math.round(submittedAtMs) };
}

export function attemptRow(attempt: Attempt) {
  const { taskId, number, workerId, state, placement, placedAtMs, isCancelRequested, promised, end, usage } = attempt;
  return {
    taskId,
    number,
    workerId,
    state,
    promised: JSON.stringify(promised),
    placement,
    placedAtMs: Math.round(placedAtMs),
    ...timesOf(attempt),
    isCancelRequested: isCancelRequested ? 1 : 0,
    ending: end === null ? null : JSON.stringify(end),
    usage: usage === null ? null : JSON.stringify(usage),
  };
}

/** What a search looks into, beside the name of the run. */
export function searchedText({ name, type, command }: TaskSpec): string {
  return folded([name, type ?? '', ...command].join('\n'));
}

/** The same for letters of either case in any script (`ß` is `SS`), and for both ways to write an umlaut. */
export function folded(text: string): string {
  return text.normalize('NFKC').toUpperCase();
}

function timesOf({
  startedAtMs,
  endedAtMs,
}: {
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
}) {
  return { startedAtMs: rounded(startedAtMs), endedAtMs: rounded(endedAtMs) };
}

/** Times of another machine come with fractions: its clock's difference was measured. */
function rounded(atMs: number | null): number | null {
  return atMs === null ? null : Math.round(atMs);
}

function parsed<Value>(text: string | null): Value | null {
  return text === null ? null : (JSON.parse(text) as Value);
}
