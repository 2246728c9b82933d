/** What the command line says of runs and tasks in a few words. Not yet safe to print: names are as people gave them. */
import { formatCount, formatDuration } from '../core/metrics/format.ts';
import { expectedWords } from '../core/tasks/outlook-words.ts';
import { TASK_STATES } from '../core/tasks/task.ts';
import type { RunView, TaskCounts, TaskView } from '../core/tasks/view.ts';
import { taskOutcome, withoutStop } from '../core/tasks/words.ts';

export function taskTotal(counts: TaskCounts): number {
  return TASK_STATES.reduce((sum, state) => sum + counts[state], 0);
}

export function overTotal({ succeeded, failed, cancelled }: TaskCounts): number {
  return succeeded + failed + cancelled;
}

/** `2 running, 38 succeeded`: those states that any is in. */
export function countWords(counts: TaskCounts): string {
  const words = TASK_STATES.filter((state) => counts[state] > 0).map(
    (state) => `${formatCount(counts[state])} ${state}`,
  );
  return words.join(', ') || 'no tasks';
}

/** `1 task`, `1 200 tasks`. */
export function tasksWord(count: number): string {
  return count === 1 ? '1 task' : `${formatCount(count)} tasks`;
}

/** Why it waits, for how long it has been running, or what came of it. */
export function outcomeWords(task: TaskView, nowMs: number): string {
  const expected = task.outlook === null ? null : expectedWords(task.outlook, nowMs);
  const said = task.state === 'running' ? runningWords(task, nowMs) : (task.waitsFor ?? taskOutcome(task));
  return expected === null ? said : `${withoutStop(said)}; ${expected}`;
}

function runningWords({ startedAtMs }: TaskView, nowMs: number): string {
  return startedAtMs === null ? 'running' : `running for ${formatDuration(Math.max(0, nowMs - startedAtMs))}`;
}

/** From its submission to its end, or until now. */
export function runDurationMs({ submittedAtMs, endedAtMs }: RunView, nowMs: number): number {
  return Math.max(0, (endedAtMs ?? nowMs) - submittedAtMs);
}

/** `2026-03-03 10:00:00`, in the zone of whoever reads it. */
export function momentWords(atMs: number): string {
  return new Date(atMs).toLocaleString('sv-SE');
}
