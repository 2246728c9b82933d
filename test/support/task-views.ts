/** Tasks and runs as people see them, each to be changed where a test looks. */
import { workerId } from '../../src/core/fleet/worker.ts';
import { attemptIdOf, type TaskState } from '../../src/core/tasks/task.ts';
import type { AttemptView, RunView, TaskCounts, TaskView } from '../../src/core/tasks/view.ts';
import { RUN_ID, SUBMITTED_MS, taskIdOf } from './tasks.ts';

/** Queued, of run `nightly`. */
export function aTaskView(changes: Partial<TaskView> = {}): TaskView {
  return {
    taskId: taskIdOf(1),
    runId: RUN_ID,
    runName: 'nightly',
    sequence: 1,
    name: 'unit',
    type: null,
    priority: 50,
    state: 'queued',
    reason: null,
    message: null,
    waitsFor: null,
    outlook: null,
    workerId: null,
    attemptCount: 0,
    submittedAtMs: SUBMITTED_MS,
    startedAtMs: null,
    endedAtMs: null,
    usage: null,
    outputBytes: 0,
    ...changes,
  };
}

/** The first attempt at the task of this number, on the rig: running where it has no end, else succeeded. */
export function anAttemptView(index: number, changes: Partial<AttemptView> = {}): AttemptView {
  const taskId = taskIdOf(index + 1);
  return {
    ...{
      attemptId: attemptIdOf(taskId, 1),
      taskId,
      runName: 'nightly',
      name: `task ${index}`,
      type: 'pytest',
      number: 1,
    },
    ...{ workerId: workerId('rig'), state: changes.endedAtMs == null ? 'running' : 'succeeded' },
    ...{ placedAtMs: SUBMITTED_MS, startedAtMs: SUBMITTED_MS, endedAtMs: null },
    ...changes,
  };
}

/** Of so many tasks in each state. */
export function aRunView(counts: Partial<Record<TaskState, number>>, changes: Partial<RunView> = {}): RunView {
  const none: TaskCounts = {
    blocked: 0,
    queued: 0,
    placed: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    parked: 0,
  };
  return {
    runId: RUN_ID,
    name: 'nightly',
    submittedAtMs: SUBMITTED_MS,
    endedAtMs: null,
    state: 'running',
    counts: { ...none, ...counts },
    ...changes,
  };
}
