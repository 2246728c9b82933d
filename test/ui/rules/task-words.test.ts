/** What the window says of a task: why it stands where it stands, and for how long. */
import { describe, expect, it } from 'vitest';
import type { TaskDetail, TaskView } from '../../../src/core/tasks/view.ts';
import { durationMs, outcomeWords, reasonSentences } from '../../../src/renderer/tasks/task-words.ts';
import { aTaskView } from '../../support/task-views.ts';
import { anAttempt, anEnd, aRun, aTask } from '../../support/tasks.ts';

function detailOf(view: Partial<TaskView>, attempts: TaskDetail['attempts'] = []): TaskDetail {
  return { view: aTaskView(view), task: aTask(), run: aRun(), attempts };
}

describe('why a task stands where it stands', () => {
  it.each<[string, Partial<TaskView>, string, readonly string[]]>([
    ['running', { state: 'running', attemptCount: 1 }, '', []],
    ['running again', { state: 'running', attemptCount: 2 }, 'Attempt 2', []],
    ['on its way', { state: 'placed', attemptCount: 1 }, '', []],
    ['succeeded', { state: 'succeeded' }, '', []],
    ['cancelled', { state: 'cancelled' }, 'Cancelled before it began', ['Cancelled before it began.']],
    ['failed', { state: 'failed', message: 'Exit 1 after 2 s.' }, 'Exit 1 after 2 s', ['Exit 1 after 2 s.']],
  ])('is said of one that is %s', (_, view, words, sentences) => {
    expect(outcomeWords(aTaskView(view))).toBe(words);
    expect(reasonSentences(detailOf(view))).toEqual(sentences);
  });

  it('leaves names as they are, also where a sentence begins with one', () => {
    const view = { state: 'queued', waitsFor: 'rig-07 could take it and is paused.' } as const;
    expect(outcomeWords(aTaskView(view))).toBe('rig-07 could take it and is paused');
    expect(reasonSentences(detailOf(view))).toEqual(['rig-07 could take it and is paused.']);
  });

  it('goes on with what its last attempt said, unless that is the reason itself', () => {
    const said = 'openocd cannot be run: No such file or directory.';
    const failed = { state: 'failed', message: 'Exit 127 after 6 ms.' } as const;
    const attemptWith = (how: 'exited' | 'not-started') =>
      anAttempt({ state: 'failed', end: anEnd({ how, message: said }) });
    expect(reasonSentences(detailOf(failed, [attemptWith('exited')]))).toEqual(['Exit 127 after 6 ms.', said]);
    expect(reasonSentences(detailOf({ ...failed, message: said }, [attemptWith('not-started')]))).toEqual([said]);
  });
});

describe('how long a task took', () => {
  const began = { startedAtMs: 1_000, attemptCount: 1 };

  it('counts on while it runs, and stands once it is over', () => {
    expect(durationMs(aTaskView({ ...began, state: 'running' }), 4_000)).toBe(3_000);
    expect(durationMs(aTaskView({ ...began, state: 'failed', endedAtMs: 3_500 }), 9_000)).toBe(2_500);
  });

  it.each(['queued', 'placed', 'parked'] as const)('is not told while it is %s, even if it ran before', (state) => {
    expect(durationMs(aTaskView({ ...began, state }), 4_000)).toBeNull();
  });
});
