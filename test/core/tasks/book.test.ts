import { describe, expect, test } from 'vitest';
import type { Place } from '../../../src/core/scheduling/place.ts';
import type { RunId } from '../../../src/core/tasks/task.ts';
import { attemptOutcome } from '../../../src/core/tasks/words.ts';
import { anExplanation } from '../../support/explanations.ts';
import { firstFit } from '../../support/first-fit.ts';
import {
  aCandidate,
  anEnd,
  aRun,
  aTask,
  aUsage,
  GIB,
  RUN_ID,
  SUBMITTED_MS,
  someNeeds,
  taskIdOf,
} from '../../support/tasks.ts';
import { attemptId, createLab, NO_RECORDS, onWorker, told } from './lab.ts';

const OTHER_RUN = 'r000000002' as RunId;

describe('a task', () => {
  test('goes from the queue over a worker to its end, and the worker is asked for what it keeps', () => {
    const lab = createLab();
    const placed = lab.submit([{}]);
    expect(told(placed.effects)).toEqual(['start 1.1 w-1']);
    expect(placed.changed.attempts).toMatchObject([{ state: 'placed', number: 1, workerId: onWorker(1) }]);
    expect(lab.task(1).state).toBe('placed');

    lab.report(1, { state: 'accepted' });
    expect([lab.task(1).state, lab.attempt(1).state]).toEqual(['placed', 'starting']);
    lab.report(1, { state: 'running', startedAtMs: SUBMITTED_MS + 5 });
    expect([lab.task(1).state, lab.attempt(1).state]).toEqual(['running', 'running']);
    expect(lab.task(1).startedAtMs).toBe(SUBMITTED_MS + 5);

    const ended = lab.report(1, { usage: aUsage({ cpuSeconds: 2 }) });
    expect(told(ended.effects)).toEqual(['collect 1.1 w-1']);
    expect(lab.task(1)).toMatchObject({ state: 'succeeded', endedAtMs: SUBMITTED_MS + 2_000, reason: null });
    expect(lab.attempt(1)).toMatchObject({ state: 'succeeded', usage: { cpuSeconds: 2 } });
  });

  test.each([
    [{ exitCode: 1 }, 'failed', 'exit', 'Exit 1 after 1\u00a0s.'],
    [{ exitCode: null, signal: 'SIGSEGV' }, 'failed', 'exit', 'Ended by SIGSEGV after 1\u00a0s.'],
    [{ how: 'timed-out', exitCode: null, signal: 'SIGTERM' }, 'timed-out', 'timeout', 'Timed out after 1\u00a0s.'],
    [
      { how: 'not-started', exitCode: null, message: 'There is no /srv/app.' },
      'failed',
      'not-started',
      'There is no /srv/app.',
    ],
  ] as const)('whose attempt ends with %j fails with its reason and a sentence', (end, state, reason, message) => {
    const lab = createLab();
    lab.submit([{}]);
    lab.end(1, end);
    expect(lab.attempt(1).state).toBe(state);
    expect(lab.task(1)).toMatchObject({ state: 'failed', reason, message });
  });

  test('that fails is tried again as often as the plan says, elsewhere where another worker can take it', () => {
    const lab = createLab();
    lab.submit([{ retries: 2 }]);
    lab.end(1, { exitCode: 1 });
    expect(lab.task(1)).toMatchObject({ state: 'queued', retriesLeft: 1, endedAtMs: null });
    lab.schedule();
    expect(lab.attempt(1, 2).workerId).toBe(onWorker(2));
    lab.end(1, { how: 'timed-out' }, 2);
    lab.schedule();
    expect(lab.attempt(1, 3).workerId).toBe(onWorker(1));
    lab.end(1, { exitCode: 3 }, 3);
    expect(lab.task(1)).toMatchObject({ state: 'failed', retriesLeft: 0 });
    expect(lab.book.attemptsOf(taskIdOf(1)).map(({ state }) => state)).toEqual(['failed', 'timed-out', 'failed']);
  });

  test('that its worker will not take is tried elsewhere, if it may be tried again', () => {
    const lab = createLab();
    lab.submit([{ retries: 1 }]);
    lab.apply({ kind: 'refused', attemptId: attemptId(1), message: 'The disk is full.' });
    lab.schedule();
    expect(lab.attempt(1, 2).workerId).toBe(onWorker(2));
    lab.apply({ kind: 'refused', attemptId: attemptId(1, 2), message: 'The disk is full.' });
    expect(lab.task(1)).toMatchObject({ state: 'failed', reason: 'not-started', message: 'The disk is full.' });
  });

  test('that its worker cannot take goes elsewhere at no cost, even one that must not run twice', () => {
    const lab = createLab();
    lab.submit([{ isRerunIfLost: false }]);
    lab.apply({ kind: 'returned', attemptId: attemptId(1), message: 'The disk is full.' });
    expect(lab.task(1)).toMatchObject({ state: 'queued', retriesLeft: 0, reason: null });
    lab.schedule();
    expect(lab.attempt(1, 2).workerId).toBe(onWorker(2));
    expect(attemptOutcome(lab.attempt(1), 'rig-1')).toBe('given back: rig-1 could not take it (The disk is full)');
  });

  test('that no worker can take is never parked for it, nor tried on after a person has cancelled it', () => {
    const lab = createLab();
    lab.submit([{}]);
    for (let number = 1; number <= 12; number += 1) {
      lab.apply({ kind: 'returned', attemptId: attemptId(1, number), message: 'The disk is full.' });
      expect(lab.task(1).state).toBe('queued');
      lab.schedule();
    }
    lab.apply({ kind: 'worker-lost', workerId: lab.attempt(1, 13).workerId });
    expect(lab.task(1).state).toBe('queued');
    lab.schedule();
    lab.cancel(1);
    lab.apply({ kind: 'returned', attemptId: attemptId(1, 14), message: 'The disk is full.' });
    expect(lab.task(1).state).toBe('cancelled');
  });
});

describe('reports', () => {
  test('of an attempt that its worker gave back, and has all the same, end it there', () => {
    const lab = createLab();
    lab.submit([{}]);
    lab.apply({ kind: 'returned', attemptId: attemptId(1), message: 'The disk is full.' });
    expect(told(lab.report(1, { state: 'running' }).effects)).toEqual(['cancel 1.1 w-1']);
    lab.schedule();
    expect(told(lab.end(1, { how: 'cancelled' }).effects)).toEqual(['collect 1.1 w-1']);
    expect(lab.task(1).state).toBe('placed');
  });

  test('that go backwards, come twice, or come from another worker change nothing', () => {
    const lab = createLab();
    lab.submit([{}]);
    lab.begin(1);
    for (const change of [
      lab.report(1, { state: 'accepted' }),
      lab.report(1, { state: 'running', startedAtMs: 7 }),
      lab.report(1, { state: 'ended' }, 1, onWorker(2)),
      lab.report(1, { state: 'ended', end: null }),
    ]) {
      expect(change).toEqual({ changed: NO_RECORDS, effects: [] });
    }
    lab.end(1);
    expect(lab.end(1, { exitCode: 1 })).toEqual({ changed: NO_RECORDS, effects: [] });
    expect(lab.begin(1)).toEqual({ changed: NO_RECORDS, effects: [] });
    expect(lab.task(1).state).toBe('succeeded');
  });

  test('of attempts that nobody knows end them and let them be forgotten', () => {
    const lab = createLab();
    expect(told(lab.report(9, { state: 'running' }).effects)).toEqual(['cancel 9.1 w-1']);
    expect(told(lab.report(9, { state: 'ended' }).effects)).toEqual(['collect 9.1 w-1']);
  });

  test('an end is collected once on each link until the worker was told to forget it', () => {
    const lab = createLab();
    lab.submit([{}]);
    expect(told(lab.end(1).effects)).toEqual(['collect 1.1 w-1']);
    expect(told(lab.end(1).effects)).toEqual([]);
    lab.held(1, attemptId(1));
    expect(told(lab.end(1).effects)).toEqual(['collect 1.1 w-1']);
    lab.book.collected(attemptId(1));
    expect(told(lab.end(1).effects)).toEqual([]);
  });
});

describe('a new link', () => {
  test('brings the order again to a worker that never got it', () => {
    const lab = createLab();
    lab.submit([{}, {}]);
    lab.report(2, { state: 'accepted' });
    expect(told(lab.held(1, attemptId(2)).effects)).toEqual(['start 1.1 w-1']);
    expect(lab.states(1, 2)).toEqual(['placed', 'placed']);
  });

  test('without an attempt that had begun there means that it is lost', () => {
    const lab = createLab();
    lab.submit([{}, { isRerunIfLost: false }]);
    lab.report(1, { state: 'accepted' });
    lab.begin(2);
    lab.held(1);
    expect(lab.attempt(1).state).toBe('lost');
    expect(lab.task(1)).toMatchObject({ state: 'queued', retriesLeft: 0 });
    expect(lab.task(2)).toMatchObject({ state: 'failed', reason: 'lost', message: 'rig-1 came back without it.' });
  });
});

describe('a worker that is lost', () => {
  test('has its tasks run elsewhere at no cost, or failed where the plan says so', () => {
    const lab = createLab();
    lab.submit([{}, { isRerunIfLost: false }]);
    lab.begin(1);
    lab.begin(2);
    lab.lose(1);
    expect(lab.states(1, 2)).toEqual(['queued', 'failed']);
    expect(lab.task(2)).toMatchObject({ reason: 'lost', message: 'rig-1 has not come back.' });
    lab.setWorkers([aCandidate(1, { isReachable: false }), aCandidate(2)]);
    expect(told(lab.schedule().effects)).toEqual(['start 1.2 w-2']);
  });

  test('and comes back before its task went elsewhere goes on with it: nothing is repeated', () => {
    const lab = createLab([aCandidate(1)]);
    lab.submit([{}, {}]);
    lab.begin(1);
    lab.begin(2);
    lab.lose(1);
    expect(lab.states(1, 2)).toEqual(['queued', 'queued']);
    lab.held(1, attemptId(1), attemptId(2));
    lab.report(1, { state: 'running' });
    lab.end(2);
    expect(lab.states(1, 2)).toEqual(['running', 'succeeded']);
    expect(lab.attempt(1)).toMatchObject({ state: 'running', endedAtMs: null });
    expect(told(lab.schedule().effects)).toEqual([]);
    lab.end(1);
    expect(lab.states(1)).toEqual(['succeeded']);
    expect(lab.book.attemptsOf(taskIdOf(1))).toHaveLength(1);
  });

  test('and comes back late is told to end its attempt; the late result is kept and changes nothing', () => {
    const lab = createLab();
    lab.submit([{}]);
    lab.begin(1);
    lab.lose(1);
    lab.setWorkers([aCandidate(1, { isReachable: false }), aCandidate(2)]);
    lab.schedule();
    lab.begin(1, 2);
    lab.held(1, attemptId(1));
    expect(told(lab.report(1, { state: 'running' }).effects)).toEqual(['cancel 1.1 w-1']);
    expect(lab.attempt(1)).toMatchObject({ state: 'lost', isCancelRequested: true });
    const late = lab.report(1, { state: 'ended', usage: aUsage({ cpuSeconds: 9 }) });
    expect(told(late.effects)).toEqual(['collect 1.1 w-1']);
    expect(lab.attempt(1)).toMatchObject({ state: 'lost', end: { exitCode: 0 }, usage: { cpuSeconds: 9 } });
    expect(lab.task(1).state).toBe('running');
    lab.end(1, { exitCode: 2 }, 2);
    expect(lab.task(1)).toMatchObject({ state: 'failed', reason: 'exit' });
  });

  test('and comes back when a newer attempt has failed is late, too', () => {
    const lab = createLab();
    lab.submit([{ retries: 1 }]);
    lab.begin(1);
    lab.lose(1);
    lab.setWorkers([aCandidate(2)]);
    lab.schedule();
    lab.end(1, { exitCode: 1 }, 2);
    expect(lab.states(1)).toEqual(['queued']);
    lab.held(1, attemptId(1));
    expect(told(lab.report(1, { state: 'running' }).effects)).toEqual(['cancel 1.1 w-1']);
    expect(lab.states(1)).toEqual(['queued']);
  });

  test('keeps its room taken by late attempts that it still runs, until they end', () => {
    const lab = createLab([aCandidate(1), aCandidate(2)]);
    lab.submit([{ needs: { ...aTask(1).spec.needs, cores: 4 } }]);
    lab.begin(1);
    lab.lose(1);
    lab.setWorkers([aCandidate(2)]);
    lab.schedule();
    lab.held(1, attemptId(1));
    lab.report(1, { state: 'running' });
    lab.setWorkers([aCandidate(1)]);
    lab.submit([{}], { runId: OTHER_RUN }, 2);
    expect(lab.book.waitsFor(taskIdOf(2))).toContain('rig-1 is busy');
    expect(lab.book.openAttemptsOn(onWorker(1))).toEqual([]);
    lab.end(1, { how: 'cancelled' });
    expect(told(lab.schedule().effects)).toEqual(['start 2.1 w-1']);
  });

  test('a task whose supervisor vanished is lost as well', () => {
    const lab = createLab();
    lab.submit([{}]);
    lab.begin(1);
    expect(told(lab.end(1, { how: 'vanished', exitCode: null }).effects)).toEqual(['collect 1.1 w-1']);
    expect([lab.task(1).state, lab.attempt(1).state]).toEqual(['queued', 'lost']);
    lab.schedule();
    expect(lab.attempt(1, 2).workerId).toBe(onWorker(2));
  });

  test('a lost attempt that turns out to have vanished is not lost a second time', () => {
    const lab = createLab([aCandidate(1)]);
    lab.submit([{}]);
    lab.begin(1);
    lab.lose(1);
    lab.held(1, attemptId(1));
    lab.end(1, { how: 'vanished', exitCode: null });
    expect(lab.task(1).state).toBe('queued');
    expect(lab.attempt(1)).toMatchObject({ state: 'lost', end: { how: 'vanished' } });
  });

  test('three of them park a task with its story; a person lets it go on', () => {
    const lab = createLab([1, 2, 3, 4].map((number) => aCandidate(number)));
    lab.submit([{}, { after: ['task-1'] }]);
    for (const worker of [1, 2, 3]) {
      lab.begin(1, worker);
      lab.lose(worker);
      lab.schedule();
    }
    expect(lab.task(1)).toMatchObject({
      state: 'parked',
      message: '3 attempts were lost, on rig-1, rig-2 and rig-3. See why before you unpark it.',
    });
    expect(lab.book.runView(RUN_ID)).toMatchObject({ state: 'waiting', endedAtMs: null });
    lab.apply({ kind: 'unpark', taskId: taskIdOf(1) });
    expect(lab.task(1)).toMatchObject({ state: 'queued', message: null });
    lab.schedule();
    expect(lab.attempt(1, 4).workerId).toBe(onWorker(4));
    lab.end(1, {}, 4);
    expect(lab.states(1, 2)).toEqual(['succeeded', 'queued']);
  });

  test('a task that the only worker loses again and again is parked as well', () => {
    const lab = createLab([aCandidate(1)]);
    lab.submit([{}]);
    for (const number of [1, 2, 3, 4, 5]) {
      expect(lab.task(1).state).toBe('placed');
      lab.end(1, { how: 'vanished' }, number);
      lab.schedule();
    }
    expect(lab.task(1)).toMatchObject({
      state: 'parked',
      message: '5 attempts were lost, on rig-1. See why before you unpark it.',
    });
  });

  test('and is removed loses its attempts, too', () => {
    const lab = createLab([aCandidate(1)]);
    lab.submit([{ isRerunIfLost: false }]);
    lab.begin(1);
    lab.apply({ kind: 'worker-removed', workerId: onWorker(1) });
    expect(lab.task(1)).toMatchObject({ reason: 'lost', message: 'rig-1 was removed.' });
  });
});

describe('tasks that come after others', () => {
  test('wait for all of them', () => {
    const lab = createLab();
    lab.submit([{}, {}, { after: ['task-1', 'task-2'] }]);
    expect(lab.states(3)).toEqual(['blocked']);
    expect(lab.book.waitsFor(taskIdOf(3))).toBe('Waits for “task-1” and 1 more.');
    lab.end(1);
    expect(lab.book.waitsFor(taskIdOf(3))).toBe('Waits for “task-2”.');
    lab.end(2);
    expect(lab.states(3)).toEqual(['queued']);
  });

  test('fail without running, all the way down, where one of those fails', () => {
    const lab = createLab();
    lab.submit([{}, { after: ['task-1'] }, { after: ['task-2'] }, { after: ['task-4b'] }, { name: 'task-4b' }]);
    lab.end(1, { exitCode: 1 });
    expect(lab.states(2, 3, 4)).toEqual(['failed', 'failed', 'blocked']);
    expect(lab.task(2)).toMatchObject({
      reason: 'dependency',
      message: '“task-1” failed, and this task comes after it.',
    });
    expect(lab.task(3).message).toBe('“task-2” failed, and this task comes after it.');
    expect(lab.book.attemptsOf(taskIdOf(2))).toEqual([]);
  });

  test('wait again when the one that failed is retried, unless another one failed them, too', () => {
    const lab = createLab();
    lab.submit([{}, {}, { after: ['task-1'] }, { after: ['task-3'] }, { after: ['task-1', 'task-2'] }]);
    lab.end(1, { exitCode: 1 });
    lab.end(2, { exitCode: 1 });
    expect(lab.states(3, 4, 5)).toEqual(['failed', 'failed', 'failed']);
    lab.retry(1);
    expect(lab.states(1, 3, 4, 5)).toEqual(['queued', 'blocked', 'blocked', 'failed']);
    expect(lab.book.objectionTo('retry', taskIdOf(5))).toBe(
      '“task-5” comes after “task-2”, which failed. Retry that one first.',
    );
    lab.retry(5);
    expect(lab.states(5)).toEqual(['failed']);
    lab.retry(2);
    expect(lab.states(5)).toEqual(['blocked']);
    lab.schedule();
    lab.end(1, {}, 2);
    lab.end(2, {}, 2);
    expect(lab.states(3, 4, 5)).toEqual(['queued', 'blocked', 'queued']);
  });
});

describe('a cancel', () => {
  test('ends at once what no worker has, and what comes after it', () => {
    const lab = createLab([]);
    lab.submit([{}, { after: ['task-1'] }]);
    lab.cancel(1);
    expect(lab.states(1, 2)).toEqual(['cancelled', 'failed']);
    expect(lab.task(2).message).toBe('“task-1” was cancelled, and this task comes after it.');
    expect(lab.schedule().changed.attempts).toEqual([]);
  });

  test('of a running task is a request; what the worker says of the end decides', () => {
    const lab = createLab();
    lab.submit([{ retries: 3 }, { retries: 3 }, { retries: 3 }]);
    for (const task of [1, 2, 3]) {
      lab.begin(task);
      expect(told(lab.cancel(task).effects)).toEqual([`cancel ${task}.1 w-1`]);
      expect(lab.attempt(task)).toMatchObject({ state: 'running', isCancelRequested: true });
      expect(lab.states(task)).toEqual(['running']);
    }
    lab.end(1, { how: 'cancelled', exitCode: null });
    lab.end(2);
    lab.end(3, { exitCode: 1 });
    expect(lab.states(1, 2, 3)).toEqual(['cancelled', 'succeeded', 'failed']);
  });

  test('is asked again of a worker that may not have heard it, and not undone by its loss', () => {
    const lab = createLab();
    lab.submit([{}]);
    lab.begin(1);
    lab.cancel(1);
    lab.held(1, attemptId(1));
    expect(told(lab.report(1, { state: 'running' }).effects)).toEqual(['cancel 1.1 w-1']);
    lab.lose(1);
    expect(lab.task(1)).toMatchObject({ state: 'cancelled', reason: null });
  });

  test('of a placed task waits for a worker in reach, and for nothing where it is out of reach', () => {
    const lab = createLab();
    lab.submit([{}, {}]);
    expect(told(lab.cancel(1).effects)).toEqual(['cancel 1.1 w-1']);
    expect(lab.states(1)).toEqual(['placed']);
    lab.setWorkers([aCandidate(1, { isReachable: false })]);
    lab.schedule();
    lab.cancel(2);
    expect(lab.states(1, 2)).toEqual(['placed', 'cancelled']);
    expect(told(lab.held(1, attemptId(2)).effects)).toEqual([]);
    expect(lab.states(1)).toEqual(['cancelled']);
    expect(told(lab.report(2, { state: 'running' }).effects)).toEqual(['cancel 2.1 w-1']);
    expect(told(lab.end(2, { how: 'cancelled' }).effects)).toEqual(['collect 2.1 w-1']);
    expect(lab.attempt(2)).toMatchObject({ state: 'cancelled', end: { how: 'cancelled' } });
  });

  test('of a run ends everything in it', () => {
    const lab = createLab([aCandidate(1, { maxParallel: 1 })]);
    lab.submit([{}, {}, { after: ['task-1'] }, { after: ['task-3'] }]);
    lab.begin(1);
    lab.apply({ kind: 'cancel-run', runId: RUN_ID });
    expect(lab.states(1, 2, 3, 4)).toEqual(['running', 'cancelled', 'cancelled', 'cancelled']);
    lab.end(1, { how: 'cancelled' });
    expect(lab.book.runView(RUN_ID)).toMatchObject({ state: 'cancelled', endedAtMs: SUBMITTED_MS + 2_000 });
  });
});

describe('a person', () => {
  test('can retry whatever is over: one more attempt, also where no retry is left', () => {
    const lab = createLab();
    lab.submit([{}]);
    expect(lab.book.objectionTo('retry', taskIdOf(1))).toBe(
      '“task-1” is not over; only a task that is can be tried again.',
    );
    expect(lab.retry(1).changed.tasks).toEqual([]);
    lab.end(1, { exitCode: 1 });
    lab.retry(1);
    expect(lab.task(1)).toMatchObject({ state: 'queued', reason: null, message: null, endedAtMs: null });
    lab.schedule();
    lab.end(1, { exitCode: 1 }, 2);
    expect(lab.task(1)).toMatchObject({ state: 'failed', retriesLeft: 0 });
    expect(lab.book.objectionTo('cancel', taskIdOf(1))).toBe('“task-1” is over already: it failed.');
    expect(lab.book.objectionTo('unpark', taskIdOf(1))).toBe('“task-1” is not parked.');
  });

  test('can retry a run that was over and let go of, once it is loaded again', () => {
    const lab = createLab();
    lab.submit([{}, { after: ['task-1'] }]);
    lab.end(1, { exitCode: 1 });
    expect(lab.book.evict()).toEqual([]);
    const stored = {
      runs: [aRun()],
      tasks: [lab.task(1), lab.task(2)],
      attempts: [...lab.book.attemptsOf(taskIdOf(1))],
    };
    lab.book.collected(attemptId(1));
    expect(lab.book.evict()).toEqual([RUN_ID]);
    expect(lab.book.task(taskIdOf(1))).toBeUndefined();
    expect(lab.retry(1)).toEqual({ changed: NO_RECORDS, effects: [] });
    lab.book.add(stored);
    lab.retry(1);
    expect(told(lab.schedule().effects)).toEqual(['start 1.2 w-2']);
    expect(lab.states(1, 2)).toEqual(['placed', 'blocked']);
    expect(lab.book.counts()).toMatchObject({ placed: 1, blocked: 1, failed: 0 });
  });
});

describe('limits', () => {
  test('a run has no more under way than its plan allows', () => {
    const lab = createLab();
    const placed = lab.submit([{}, {}, {}], { maxParallel: 2 });
    expect(told(placed.effects)).toEqual(['start 1.1 w-1', 'start 2.1 w-1']);
    expect(lab.book.waitsFor(taskIdOf(3))).toBe('The run has 2 under way, and may have 2 at once.');
    lab.end(2);
    expect(told(lab.schedule().effects)).toEqual(['start 3.1 w-1']);
  });

  test('a group has no more under way than the smallest limit of its open tasks, over all runs', () => {
    const lab = createLab();
    lab.submit([{ group: 'db', groupLimit: 2 }, { group: 'db' }, { group: 'db' }, {}]);
    expect(lab.states(1, 2, 3, 4)).toEqual(['placed', 'placed', 'queued', 'placed']);
    lab.submit([{ group: 'db', groupLimit: 1, priority: 0 }], { runId: OTHER_RUN }, 5);
    lab.end(2);
    lab.schedule();
    expect(lab.states(3, 5)).toEqual(['queued', 'queued']);
    expect(lab.book.waitsFor(taskIdOf(3))).toBe('The group “db” has 1 under way, and may have 1 at once.');
    lab.cancel(5);
    lab.schedule();
    expect(lab.states(3)).toEqual(['placed']);
  });

  test('a run that stops at a failure cancels what has not begun', () => {
    const lab = createLab([aCandidate(1, { maxParallel: 3 })]);
    lab.submit([{}, {}, {}, {}, { after: ['task-1'] }, { after: ['task-4'] }], { onFailure: 'stop' });
    lab.begin(1);
    lab.begin(2);
    const failed = lab.end(1, { exitCode: 1 });
    expect(lab.states(1, 2, 3, 4, 5, 6)).toEqual(['failed', 'running', 'placed', 'cancelled', 'failed', 'cancelled']);
    expect(told(failed.effects)).toEqual(['cancel 3.1 w-1', 'collect 1.1 w-1']);
    lab.end(2);
    lab.end(3, { how: 'cancelled' });
    expect(lab.book.runView(RUN_ID)?.state).toBe('failed');
  });
});

describe('the queue', () => {
  test('goes by priority, then by submission', () => {
    const lab = createLab([aCandidate(1, { maxParallel: 1 })]);
    lab.submit([{}, { priority: 10 }, { priority: 90 }, {}, { priority: 90 }]);
    const order = [3];
    for (let running = 3; order.length < 5; ) {
      lab.end(running);
      const [effect] = lab.schedule().effects;
      running = Number(effect?.attemptId.slice(1).split('.')[0]);
      order.push(running);
    }
    expect(order).toEqual([3, 5, 1, 4, 2]);
  });

  test('asks once a round for tasks that need the same, however many wait', () => {
    const lab = createLab();
    const count = 10_000;
    lab.submit(Array.from({ length: count }, () => ({})));
    let calls = 0;
    const scheduleAt = (nowMs: number) =>
      lab.book.schedule(
        (...asked) => {
          calls += 1;
          return firstFit(...asked);
        },
        [aCandidate(1), aCandidate(2)],
        nowMs,
      );
    scheduleAt(SUBMITTED_MS);
    calls = 0;
    scheduleAt(SUBMITTED_MS + 1_000);
    expect(calls).toBe(1);
    expect(lab.book.counts()).toMatchObject({ placed: 8, queued: count - 8 });
    expect(lab.book.waitsFor(taskIdOf(count))).toBe('2 workers are busy: 1 core is asked for, at most 0 are free.');
  });

  test('gets on with each call, however little time there is', () => {
    const lab = createLab([aCandidate(1)], NO_RECORDS);
    const needs = [1, 1.1, 1.2].map((cores) => someNeeds({ cores }));
    lab.apply({ kind: 'submitted', run: aRun(), tasks: needs.map((one, index) => aTask(index + 1, { needs: one })) });
    let calls = 0;
    do {
      lab.book.schedule(firstFit, [aCandidate(1)], SUBMITTED_MS, () => false);
      calls += 1;
    } while (!lab.book.isRoundOver() && calls < 10);
    expect(calls).toBe(needs.length);
    expect(lab.book.counts()).toMatchObject({ placed: needs.length, queued: 0 });
  });

  test('stops between two tasks when it is told to, goes on from there, and asks nothing twice in one round', () => {
    const kinds = 40;
    const lab = createLab([aCandidate(1, { capacity: { cores: 10, memoryBytes: 8 * GIB, gpus: [] } })], NO_RECORDS);
    const tasks = Array.from({ length: kinds }, (_, index) =>
      aTask(index + 1, { needs: someNeeds({ cores: 1 + index / 100 }) }),
    );
    lab.apply({ kind: 'submitted', run: aRun(), tasks });
    const asked: string[] = [];
    const place: Place = (task, ...rest) => {
      asked.push(task.taskId);
      return firstFit(task, ...rest);
    };
    const offers = [aCandidate(1, { capacity: { cores: 10, memoryBytes: 8 * GIB, gpus: [] } })];
    let slices = 0;
    do {
      // The first of each slice is not asked about.
      let left = 6;
      lab.book.schedule(place, offers, SUBMITTED_MS, () => {
        left -= 1;
        return left >= 0;
      });
      slices += 1;
    } while (!lab.book.isRoundOver());
    expect(slices).toBe(Math.floor(kinds / 7) + 1);
    expect(asked).toEqual(tasks.map(({ taskId }) => taskId));
    expect(lab.book.counts()).toMatchObject({ placed: 9, queued: kinds - 9 });
  });

  test('lets a task pass that fits where an earlier one does not', () => {
    const lab = createLab();
    lab.submit([{ needs: { ...aTask(1).spec.needs, cores: 5 } }, {}]);
    expect(lab.states(1, 2)).toEqual(['queued', 'placed']);
    expect(lab.book.waitsFor(taskIdOf(1))).toBe(
      'No worker is large enough: 5 cores are asked for, at most 4 are there.',
    );
  });
});

describe('a book', () => {
  test('that is opened again goes on where it was', () => {
    const lab = createLab([aCandidate(1, { maxParallel: 2 })]);
    lab.submit([{}, {}, {}, { after: ['task-1'] }]);
    lab.begin(1);
    const tasks = [1, 2, 3, 4].map((number) => lab.task(number));
    const attempts = tasks.flatMap(({ taskId }) => lab.book.attemptsOf(taskId));
    const again = createLab([aCandidate(1, { maxParallel: 2 })], { runs: [aRun()], tasks, attempts });
    expect(told(again.schedule().effects)).toEqual([]);
    expect(again.book.waitsFor(taskIdOf(3))).toBe('rig-1 is busy: it runs 2 tasks, its limit.');
    again.end(1);
    expect(again.states(1, 4)).toEqual(['succeeded', 'queued']);
    expect(told(again.schedule().effects)).toEqual(['start 3.1 w-1']);
    expect(again.book.openTaskIds()).toEqual([2, 3, 4].map(taskIdOf));
    expect(again.book.openAttemptsOn(onWorker(1)).map(({ taskId }) => taskId)).toEqual([2, 3].map(taskIdOf));
  });

  test('shows a task with what its newest attempt used and wrote', () => {
    const lab = createLab();
    lab.submit([{ retries: 1, type: 'pytest' }]);
    lab.end(1, { exitCode: 1, outputBytes: 5 });
    lab.schedule();
    lab.report(1, { end: anEnd({ outputBytes: 7 }), usage: aUsage({ cpuSeconds: 3 }) }, 2);
    expect(lab.book.taskView(taskIdOf(1))).toMatchObject({
      name: 'task-1',
      runName: 'nightly',
      type: 'pytest',
      workerId: onWorker(2),
      attemptCount: 2,
      waitsFor: null,
      usage: { cpuSeconds: 3 },
      outputBytes: 7,
    });
  });

  test('counts what is open and what ended since its start, also of runs that it let go', () => {
    const ended = aTask(8, {}, { state: 'failed', reason: 'exit', endedAtMs: SUBMITTED_MS - 1 });
    const lab = createLab([aCandidate(1)], { runs: [aRun()], tasks: [ended, aTask(9)], attempts: [] });
    expect(lab.book.counts()).toMatchObject({ failed: 0, queued: 1 });
    lab.submit([{}], { runId: OTHER_RUN });
    lab.end(1);
    lab.book.collected(attemptId(1));
    expect(lab.book.evict()).toEqual([OTHER_RUN]);
    expect(lab.book.counts()).toMatchObject({ succeeded: 1, placed: 1, queued: 0 });
  });

  test('throws for what only a bug can bring', () => {
    const lab = createLab();
    lab.submit([{}]);
    expect(() => lab.submit([{}])).toThrow('submitted twice');
    expect(() => lab.submit([{ after: ['nobody'] }], { runId: OTHER_RUN }, 5)).toThrow('nobody');
    const elsewhere = () => ({
      kind: 'placed' as const,
      workerId: onWorker(9),
      promised: { cores: 1, memoryBytes: 0, gpus: [], gpuMemoryBytes: 0 },
      reason: '',
      explanation: anExplanation(),
    });
    const fresh = createLab([]);
    fresh.submit([{}]);
    expect(() => fresh.book.schedule(elsewhere, [aCandidate(1)], 0)).toThrow('was not offered');
  });
});
