/** What the window says of a task, its runs and its attempts: mark, state, outcome, times. Pure. */
import { type Attempt, type AttemptState, isTaskOver, type TaskState } from '../../core/tasks/task.ts';
import type { RunView, TaskDetail, TaskView } from '../../core/tasks/view.ts';
import { asSentence, taskOutcome, withoutStop } from '../../core/tasks/words.ts';
import type { Mark } from '../ui/state-mark.tsx';

const TASK_MARKS: Readonly<Record<TaskState, Mark>> = {
  blocked: 'stale',
  queued: 'stale',
  placed: 'busy',
  running: 'busy',
  succeeded: 'ok',
  failed: 'critical',
  cancelled: 'stopped',
  parked: 'warning',
};

const ATTEMPT_MARKS: Readonly<Record<AttemptState, Mark>> = {
  placed: 'busy',
  starting: 'busy',
  running: 'busy',
  succeeded: 'ok',
  failed: 'critical',
  'timed-out': 'critical',
  cancelled: 'stopped',
  preempted: 'stopped',
  lost: 'warning',
};

const RUN_MARKS: Readonly<Record<RunView['state'], Mark>> = {
  running: 'busy',
  waiting: 'warning',
  succeeded: 'ok',
  failed: 'critical',
  cancelled: 'stopped',
};

export function taskMark(state: TaskState): Mark {
  return TASK_MARKS[state];
}

export function attemptMark(state: AttemptState): Mark {
  return ATTEMPT_MARKS[state];
}

export function runMark(state: RunView['state']): Mark {
  return RUN_MARKS[state];
}

/** For a cell of the table: what it waits for, or what came of it; empty where state and duration say all. */
export function outcomeWords(task: TaskView): string {
  switch (task.state) {
    case 'succeeded':
    case 'placed':
      return '';
    case 'running':
      return task.attemptCount > 1 ? `Attempt ${task.attemptCount}` : '';
    default:
      return withoutStop(outcomeSentence(task));
  }
}

/** Why it stands where it stands, where its state alone does not say it; with what its last attempt said of that. */
export function reasonSentences({ view, attempts }: TaskDetail): readonly string[] {
  if (view.state === 'succeeded' || view.state === 'placed' || view.state === 'running') return [];
  const last = attempts.at(-1);
  const said = view.state === 'failed' && last?.end?.how !== 'not-started' ? (last?.end?.message ?? null) : null;
  return [outcomeSentence(view), ...(said === null ? [] : [said])];
}

/** What was said of it stands as it is: it may begin with a name. */
function outcomeSentence(task: TaskView): string {
  const said = task.waitsFor ?? (task.state === 'cancelled' ? null : task.message);
  return said ?? asSentence(taskOutcome(task));
}

/** Since its first attempt began, until its end or now; null before it began, and while it waits to begin again. */
export function durationMs({ state, startedAtMs, endedAtMs }: TaskView, nowMs: number): number | null {
  if (startedAtMs === null || !(state === 'running' || isTaskOver(state))) return null;
  return Math.max(0, (endedAtMs ?? nowMs) - startedAtMs);
}

/** What happened at its end besides the exit, as sentences. */
export function endSentences({ end }: Attempt): readonly string[] {
  if (end === null) return [];
  const { how, message, orphansEnded, filesLeft } = end;
  return [
    // Of what never began, the message is the outcome itself.
    ...(message === null || how === 'not-started' ? [] : [message]),
    ...(orphansEnded === 0
      ? []
      : [
          orphansEnded === 1
            ? '1 process outlived it and was ended.'
            : `${orphansEnded} processes outlived it and were ended.`,
        ]),
    ...filesLeft,
  ];
}
