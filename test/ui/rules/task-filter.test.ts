/** Changes laid over the tasks shown: they stay newest first, and only those that belong are there. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunId, TaskId, TaskState } from '../../../src/core/tasks/task.ts';
import type { TaskView } from '../../../src/core/tasks/view.ts';
import { mergeTasks, type TaskFilter } from '../../../src/renderer/tasks/task-filter.ts';
import { aTaskView } from '../../support/task-views.ts';

const ALL: TaskFilter = { runId: null, workerId: null, group: 'all', search: '' };

function task(sequence: number, part: Partial<TaskView> = {}): TaskView {
  return aTaskView({
    taskId: `t${sequence}` as TaskId,
    runId: 'r1' as RunId,
    sequence,
    name: `unit-${sequence}`,
    submittedAtMs: sequence,
    ...part,
  });
}

const sequences = (tasks: readonly TaskView[]) => tasks.map(({ sequence }) => sequence);

describe('tasks that changed', () => {
  it('take the place of what was shown of them, and new ones come first', () => {
    const shown = [task(3), task(2), task(1)];
    const { tasks } = mergeTasks(shown, [task(2, { state: 'running' }), task(5), task(4)], ALL, true);
    expect(sequences(tasks)).toEqual([5, 4, 3, 2, 1]);
    expect(tasks[3]?.state).toBe('running');
  });

  it('go when they no longer belong', () => {
    const filter: TaskFilter = { ...ALL, group: 'running' };
    const shown = [task(2, { state: 'running' }), task(1, { state: 'running' })];
    expect(sequences(mergeTasks(shown, [task(2, { state: 'succeeded' })], filter, true).tasks)).toEqual([1]);
    expect(sequences(mergeTasks(shown, [task(3, { state: 'placed' })], filter, true).tasks)).toEqual([3, 2, 1]);
  });

  it('of a part that is not loaded yet wait for their page', () => {
    expect(sequences(mergeTasks([task(9), task(8)], [task(2)], ALL, false).tasks)).toEqual([9, 8]);
    expect(sequences(mergeTasks([task(9), task(8)], [task(2)], ALL, true).tasks)).toEqual([9, 8, 2]);
  });

  it('are asked about where a search looks into what only the app knows', () => {
    const filter: TaskFilter = { ...ALL, search: 'train.py' };
    const merged = mergeTasks([task(2)], [task(3), task(2, { state: 'running' })], filter, true);
    expect(merged.isAskingNeeded).toBe(true);
    expect(sequences(merged.tasks)).toEqual([2]);
    expect(merged.tasks[0]?.state).toBe('running');
    expect(mergeTasks([task(2)], [task(2)], filter, true).isAskingNeeded).toBe(false);
  });

  it('leave exactly the newest state of each that belongs, newest first, whatever comes', () => {
    const states = fc.constantFrom<TaskState>('queued', 'running', 'succeeded', 'failed');
    const changes = fc.array(fc.record({ sequence: fc.integer({ min: 1, max: 30 }), state: states }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(changes, (list) => {
        const filter: TaskFilter = { ...ALL, group: 'waiting' };
        const views = list.map(({ sequence, state }) => task(sequence, { state }));
        const latest = new Map(views.map((view) => [view.sequence, view]));
        const expected = [...latest.values()]
          .filter(({ state }) => state === 'queued')
          .sort((a, b) => b.sequence - a.sequence);
        expect(mergeTasks([], views, filter, true).tasks).toEqual(expected);
      }),
    );
  });
});
