/** The lines of `labwatch tasks` and `labwatch runs`; safe to print, whatever a task is called or says. */
import { printable } from '../app/terminal-text.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import { formatDuration, NO_VALUE } from '../core/metrics/format.ts';
import type { RunView, TaskView } from '../core/tasks/view.ts';
import { tableLines } from './table.ts';
import { countWords, momentWords, outcomeWords, runDurationMs } from './task-words.ts';

const TASK_HEAD = ['ID', 'STATE', 'TASK', 'RUN', 'WORKER', 'ATTEMPTS', 'OUTCOME'];
const RUN_HEAD = ['ID', 'STATE', 'RUN', 'SUBMITTED', 'TOOK', 'TASKS'];

export function tasksLines(
  tasks: readonly TaskView[],
  nameOf: (workerId: WorkerId) => string,
  nowMs: number,
): readonly string[] {
  if (tasks.length === 0) return ['No tasks fit. `labwatch submit PLAN.json` submits some.'];
  const rows = tasks.map((task) => [
    task.taskId,
    task.state,
    task.name,
    task.runName,
    task.workerId === null ? NO_VALUE : nameOf(task.workerId),
    String(task.attemptCount),
    outcomeWords(task, nowMs),
  ]);
  return tableLines([TASK_HEAD, ...rows.map((row) => row.map(printable))]);
}

export function runsLines(runs: readonly RunView[], nowMs: number): readonly string[] {
  if (runs.length === 0) return ['No runs yet. `labwatch submit PLAN.json` submits one.'];
  const rows = runs.map((run) => [
    run.runId,
    run.state,
    run.name,
    momentWords(run.submittedAtMs),
    formatDuration(runDurationMs(run, nowMs)),
    countWords(run.counts),
  ]);
  return tableLines([RUN_HEAD, ...rows.map((row) => row.map(printable))]);
}
