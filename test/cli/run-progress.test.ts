import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { showRunProgress } from '../../src/cli/run-progress.ts';
import { aRunView, aTaskView } from '../support/task-views.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream that keeps what is written to it, on a terminal or not. */
function output(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100, rows: 30 });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => String(stream.read() ?? '') };
}

describe('the progress of a run', () => {
  test('is a bar on a terminal, gone when the run is over', () => {
    const { stream, text } = output(true);
    const run = aRunView({ queued: 4 });
    const progress = showRunProgress(run, stream, true, () => 0);
    progress.at(aRunView({ queued: 1, running: 1, succeeded: 1, failed: 1 }), []);
    vi.advanceTimersByTime(1_000);
    expect(text()).toContain('2 of 4  1 queued, 1 running, 1 succeeded, 1 failed');
    progress.dispose();
    expect(text()).toContain('\u001b[?25h');
  });

  test('is elsewhere a line for each task that did not succeed, and now and then one for the whole', () => {
    const { stream, text } = output(false);
    let nowMs = 0;
    const progress = showRunProgress(aRunView({ queued: 3 }), stream, false, () => nowMs);
    const failed = aTaskView({ name: 'bench\u001b[2J', state: 'failed', message: 'Exit 1 after 3 s.' });
    progress.at(aRunView({ queued: 2, failed: 1 }), [failed, aTaskView({ state: 'running' })]);
    nowMs = 5_000;
    progress.at(aRunView({ queued: 1, succeeded: 1, failed: 1 }), [aTaskView({ state: 'succeeded' })]);
    progress.at(aRunView({ succeeded: 2, failed: 1 }), []);
    progress.dispose();
    expect(text().replaceAll('\u00a0', ' ').split('\n')).toEqual([
      '■ t000000001  bench?[2J: Exit 1 after 3 s.',
      '2 of 3 tasks: 1 queued, 1 succeeded, 1 failed',
      '',
    ]);
  });

  test('says at once when it waits for a person', () => {
    const { stream, text } = output(false);
    const progress = showRunProgress(aRunView({ queued: 1 }), stream, false, () => 0);
    progress.at(aRunView({ parked: 1 }, { state: 'waiting' }), []);
    expect(text()).toBe('0 of 1 task: 1 parked; `labwatch tasks --run r000000001 --state parked` waits for you\n');
  });
});
