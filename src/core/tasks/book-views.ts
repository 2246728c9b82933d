/** Tasks and runs as people see them, from their records. */
import type { RunEntry, TaskEntry } from './book-records.ts';
import { blockedSentence } from './dependencies.ts';
import type { Attempt, Run, Task } from './task.ts';
import type { AttemptView, RunView, TaskCounts, TaskView } from './view.ts';

/** `newest`: of its attempts, the last. */
export function taskViewOf(
  task: Task,
  runName: string,
  newest: Attempt | undefined,
  waitsFor: string | null = null,
): TaskView {
  const { taskId, runId, sequence, spec, state, reason, message, submittedAtMs, startedAtMs, endedAtMs } = task;
  return {
    taskId,
    runId,
    runName,
    sequence,
    name: spec.name,
    type: spec.type,
    priority: spec.priority,
    state,
    reason,
    message,
    waitsFor,
    outlook: null,
    workerId: newest?.workerId ?? null,
    attemptCount: newest?.number ?? 0,
    submittedAtMs,
    startedAtMs,
    endedAtMs,
    usage: newest?.usage ?? null,
    outputBytes: newest?.end?.outputBytes ?? null,
  };
}

export function attemptViewOf({ spec }: Pick<Task, 'spec'>, runName: string, attempt: Attempt): AttemptView {
  const { attemptId, taskId, number, workerId, state, placedAtMs, startedAtMs, endedAtMs } = attempt;
  const { name, type } = spec;
  return { attemptId, taskId, runName, name, type, number, workerId, state, placedAtMs, startedAtMs, endedAtMs };
}

/** `endedAtMs`: when the last of its tasks ended; null while one is not over. */
export function runViewOf({ runId, name, submittedAtMs }: Run, counts: TaskCounts, endedAtMs: number | null): RunView {
  return { runId, name, submittedAtMs, endedAtMs, state: runStateOf(counts), counts: { ...counts } };
}

/** Where nothing is queued, placed or running, what is blocked waits for something parked. */
function runStateOf(counts: TaskCounts): RunView['state'] {
  if (counts.queued + counts.placed + counts.running > 0) return 'running';
  if (counts.parked + counts.blocked > 0) return 'waiting';
  if (counts.failed > 0) return 'failed';
  return counts.cancelled > 0 ? 'cancelled' : 'succeeded';
}

/** How many of the tasks are not over. */
export function openCountOf({ blocked, queued, placed, running, parked }: TaskCounts): number {
  return blocked + queued + placed + running + parked;
}

/** Null while a task is not over. */
export function lastEndOf(run: RunEntry): number | null {
  if (openCountOf(run.counts) > 0) return null;
  return run.tasks.reduce<number | null>((last, { task: { endedAtMs } }) => {
    return endedAtMs === null || (last !== null && last > endedAtMs) ? last : endedAtMs;
  }, null);
}

/** One sentence for a blocked or queued task; null in other states. */
export function waitsForOf(entry: TaskEntry): string | null {
  if (entry.task.state === 'blocked') return blockedSentence(entry);
  return entry.task.state === 'queued' ? (entry.line?.reason ?? 'Waits for its turn.') : null;
}
