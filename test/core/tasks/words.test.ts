import { describe, expect, test } from 'vitest';
import { type AttemptState, TASK_STATES } from '../../../src/core/tasks/task.ts';
import { asSentence, attemptOutcome, listed, taskOutcome } from '../../../src/core/tasks/words.ts';
import { anAttempt, anEnd, aTask } from '../../support/tasks.ts';

const TIMES = { startedAtMs: 1_000, endedAtMs: 4_000 };

describe('what became of an attempt', () => {
  test.each<[AttemptState, Parameters<typeof anEnd>[0] | null, string]>([
    ['placed', null, 'on its way to rig-03'],
    ['starting', null, 'starting on rig-03'],
    ['running', null, 'running on rig-03'],
    ['succeeded', {}, 'succeeded after 3\u00a0s'],
    ['failed', { exitCode: 1 }, 'exit 1 after 3\u00a0s'],
    ['failed', { exitCode: null, signal: 'SIGSEGV' }, 'ended by SIGSEGV after 3\u00a0s'],
    ['failed', { how: 'not-started', exitCode: null, message: 'There is no /srv/app.' }, 'There is no /srv/app.'],
    ['failed', { exitCode: 127, message: 'gcc-99 cannot be run.' }, 'gcc-99 cannot be run.'],
    ['failed', { exitCode: 127, message: null }, 'exit 127 after 3\u00a0s'],
    ['failed', { exitCode: 1, message: 'Some processes go on.' }, 'exit 1 after 3\u00a0s'],
    ['timed-out', { how: 'timed-out' }, 'timed out after 3\u00a0s'],
    ['cancelled', { how: 'cancelled' }, 'cancelled after 3\u00a0s'],
    ['preempted', null, 'made room for another task after 3\u00a0s'],
    ['lost', null, 'lost: nothing more was heard from rig-03'],
    ['lost', { how: 'vanished' }, 'lost: its processes on rig-03 are gone without a word'],
  ])('that is %s with the end %j fits in a cell', (state, end, words) => {
    const attempt = anAttempt({ state, end: end === null ? null : anEnd(end), ...TIMES });
    expect(attemptOutcome(attempt, 'rig-03')).toBe(words);
  });

  test('names no duration where it never began', () => {
    const attempt = anAttempt({ state: 'cancelled', endedAtMs: 4_000 });
    expect(attemptOutcome(attempt, 'rig-03')).toBe('cancelled before it began');
  });
});

describe('what became of a task', () => {
  test('has words for each state, and the task’s own where it has any', () => {
    const words = TASK_STATES.map((state) => taskOutcome(aTask(1, {}, { state, ...TIMES })));
    expect(new Set(words).size).toBe(TASK_STATES.length);
    expect(taskOutcome(aTask(1, {}, { state: 'failed', reason: 'exit', message: 'Exit 1 after 3 s.' }))).toBe(
      'Exit 1 after 3 s.',
    );
    expect(taskOutcome(aTask(1, {}, { state: 'failed', reason: 'timeout' }))).toBe('timed out');
    expect(taskOutcome(aTask(1, {}, { state: 'succeeded', ...TIMES }))).toBe('succeeded after 3\u00a0s');
  });
});

test('words become a sentence once', () => {
  expect(asSentence('exit 1 after 3 s')).toBe('Exit 1 after 3 s.');
  expect(asSentence('There is no /srv/app.')).toBe('There is no /srv/app.');
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
});
