/** What the book learns from attempts that end, and what it does with it. */
import { describe, expect, test } from 'vitest';
import type { AttemptEnd, AttemptUsage } from '../../../src/core/tasks/attempt.ts';
import { expectedWords, outlookSentence } from '../../../src/core/tasks/outlook-words.ts';
import type { TaskSpec } from '../../../src/core/tasks/task.ts';
import { aCandidate, anEnd, aUsage, GIB, SUBMITTED_MS, someNeeds, taskIdOf } from '../../support/tasks.ts';
import { createLab, onWorker } from './lab.ts';

type Lab = ReturnType<typeof createLab>;

const RUN_IDS = 'abcdefghijklmnop';
let submitted = 0;

/** One worker with 4 cores and 8 GiB. */
const aLab = () => createLab([aCandidate(1)]);

function submit(lab: Lab, first: number, specs: readonly Partial<TaskSpec>[]): void {
  submitted += 1;
  const letter = RUN_IDS[submitted % RUN_IDS.length];
  lab.submit(specs, { runId: `r${letter}${String(submitted).padStart(8, '0')}` as never }, first);
}

function runOnce(
  lab: Lab,
  number: number,
  spec: Partial<TaskSpec>,
  used: Partial<AttemptUsage>,
  end: Partial<AttemptEnd> = {},
): void {
  submit(lab, number, [spec]);
  lab.begin(number);
  lab.report(number, { state: 'ended', end: anEnd(end), usage: aUsage(used) });
}

function foretold(lab: Lab, number: number) {
  return lab.book.outlook(SUBMITTED_MS).of(taskIdOf(number))?.duration ?? null;
}

const BUILD: Partial<TaskSpec> = { command: ['make', 'all'], type: null };
const BLOCKER: Partial<TaskSpec> = { command: ['sleep', '9'], needs: someNeeds({ cores: 4 }), priority: 100 };

/** Fills the worker, so that the next one waits. */
function fill(lab: Lab, number: number): void {
  submit(lab, number, [BLOCKER]);
  lab.begin(number);
}

describe('what is foretold', () => {
  test('rests on attempts that succeeded, by the time that their worker measured', () => {
    const lab = aLab();
    runOnce(lab, 1, BUILD, { wallMs: 42_000 });
    fill(lab, 2);
    submit(lab, 3, [BUILD]);
    expect(foretold(lab, 3)).toMatchObject({ p50: 42_000, basis: 'command', samples: 1 });
  });

  test.each<readonly [string, Partial<AttemptEnd>]>([
    ['failed', { exitCode: 1 }],
    ['timed out', { how: 'timed-out', exitCode: null }],
    ['was cancelled', { how: 'cancelled', exitCode: null }],
    ['never began', { how: 'not-started', exitCode: null, message: 'No such folder.' }],
    ['was lost', { how: 'vanished', exitCode: null }],
  ])('is not moved by one that %s', (_, end) => {
    const lab = aLab();
    runOnce(lab, 1, { ...BUILD, isRerunIfLost: false }, { wallMs: 1_000 }, end);
    fill(lab, 2);
    submit(lab, 3, [BUILD]);
    expect(foretold(lab, 3)).toBeNull();
  });

  test('is learnt once, however often an end is told or its files change', () => {
    const lab = aLab();
    runOnce(lab, 1, BUILD, { wallMs: 1_000 });
    lab.report(1, { state: 'ended', end: anEnd(), usage: aUsage({ wallMs: 1_000 }) });
    lab.apply({ kind: 'files-left', attemptId: lab.attempt(1).attemptId, left: [{ path: 'a', sentence: 'b' }] });
    fill(lab, 2);
    submit(lab, 3, [BUILD]);
    expect(foretold(lab, 3)?.samples).toBe(1);
  });

  test('is bounded by a time limit', () => {
    const lab = aLab();
    runOnce(lab, 1, BUILD, { wallMs: 90_000 });
    fill(lab, 2);
    submit(lab, 3, [{ ...BUILD, timeoutMs: 60_000 }]);
    expect(foretold(lab, 3)).toMatchObject({ p50: 60_000, p95: 60_000 });
  });
});

describe('memory that no plan names', () => {
  const memoryOf = (lab: Lab, number: number) => lab.attempt(number).promised.memoryBytes;

  test('is promised as runs like it used, and what a plan names stays as it is', () => {
    const lab = aLab();
    runOnce(lab, 1, BUILD, { memoryPeakBytes: 3 * GIB });
    submit(lab, 2, [BUILD, { ...BUILD, needs: someNeeds({ memoryBytes: GIB }) }]);
    expect(memoryOf(lab, 2)).toBe(3 * GIB);
    expect(memoryOf(lab, 3)).toBe(GIB);
  });

  test('is never overbooked: the third of 3 GiB waits on a machine of 8', () => {
    const lab = aLab();
    runOnce(lab, 1, BUILD, { memoryPeakBytes: 3 * GIB });
    submit(lab, 2, [BUILD, BUILD, BUILD]);
    expect(lab.states(2, 3, 4)).toEqual(['placed', 'placed', 'queued']);
    expect(lab.book.waitsFor(taskIdOf(4))).toContain('of memory');
  });

  test('has a floor, is capped by the largest machine, and is none where nothing like it was measured', () => {
    const lab = aLab();
    runOnce(lab, 1, BUILD, { memoryPeakBytes: 1_000 });
    submit(lab, 2, [BUILD]);
    expect(memoryOf(lab, 2)).toBe(32 * 2 ** 20);
    lab.end(2);
    runOnce(lab, 3, { command: ['hungry'] }, { memoryPeakBytes: 64 * GIB });
    submit(lab, 4, [{ command: ['hungry'] }]);
    expect(memoryOf(lab, 4)).toBe(8 * GIB);
    lab.end(4);
    submit(lab, 5, [{ command: ['never-seen'] }]);
    expect(memoryOf(lab, 5)).toBe(0);
  });
});

describe('what waits', () => {
  test('says its place in the queue, when room is kept for it, and when it is likely to end', () => {
    const lab = aLab();
    runOnce(lab, 1, BLOCKER, { wallMs: 100_000 });
    runOnce(lab, 2, BUILD, { wallMs: 30_000 });
    fill(lab, 3);
    submit(lab, 4, [BUILD, BUILD]);
    const outlook = lab.book.outlook(SUBMITTED_MS + 1_000);
    const first = outlook.of(taskIdOf(4));
    const startsAtMs = lab.attempt(3).startedAtMs! + 100_000;
    expect(first).toMatchObject({ place: 1, startsAtMs, endsAtMs: startsAtMs + 30_000, keptOn: 'rig-1' });
    expect(outlook.of(taskIdOf(5))).toMatchObject({ place: 2, keptOn: null });
    expect(outlook.of(taskIdOf(5))?.startsAtMs).toBeGreaterThan(SUBMITTED_MS + 1_000);
    expect(outlook.of(taskIdOf(3))).toMatchObject({ place: null, startsAtMs: null, endsAtMs: startsAtMs });
    expect(outlook.of(taskIdOf(1))).toBeNull();
  });

  test('says no time where it waits for something else than room', () => {
    const lab = createLab([aCandidate(1, { isReachable: false })]);
    submit(lab, 1, [BUILD]);
    expect(lab.book.outlook(SUBMITTED_MS).of(taskIdOf(1))).toMatchObject({ place: 1, startsAtMs: null, keptOn: null });
  });

  test('says whom it would delay where it would fit', () => {
    const lab = aLab();
    runOnce(lab, 1, { command: ['long'] }, { wallMs: 900_000 });
    for (let number = 2; number < 12; number += 1) runOnce(lab, number, BLOCKER, { wallMs: 100_000 });
    submit(lab, 12, [{ ...BLOCKER, needs: someNeeds({ cores: 3 }) }]);
    lab.begin(12);
    submit(lab, 13, [{ ...BLOCKER, name: 'whole' }]);
    submit(lab, 14, [{ command: ['long'] }]);
    expect(lab.states(13, 14)).toEqual(['queued', 'queued']);
    expect(lab.book.waitsFor(taskIdOf(14))).toBe('It would fit, and would delay “whole”, for which rig-1 is kept.');
  });

  test('is told in words, at whatever moment', () => {
    const spaced = (text: string | null) => text?.replaceAll('\u00a0', ' ') ?? null;
    const outlook = { duration: null, place: 3, startsAtMs: 720_000, endsAtMs: null, keptOn: null };
    expect(spaced(expectedWords(outlook, 0))).toBe('place 3 in the queue, begins in about 12 min');
    expect(spaced(expectedWords({ ...outlook, place: null, endsAtMs: 40_000 }, 0))).toBe('ends in about 40 s');
    expect(expectedWords({ ...outlook, place: null, endsAtMs: 40_000 }, 50_000)).toBe('ends any moment');
    expect(spaced(outlookSentence({ ...outlook, keptOn: 'rig-3' }, 0))).toBe(
      'Place 3 in the queue, begins in about 12 min on rig-3, where room is kept for it. How long it takes is not known: nothing like it has run yet.',
    );
  });
});

test('a worker that is removed is not kept for anybody', () => {
  const lab = aLab();
  fill(lab, 1);
  submit(lab, 2, [BUILD]);
  lab.apply({ kind: 'worker-removed', workerId: onWorker(1) });
  lab.setWorkers([]);
  lab.schedule();
  expect(lab.book.outlook(SUBMITTED_MS).of(taskIdOf(2))).toMatchObject({ keptOn: null, startsAtMs: null });
});
