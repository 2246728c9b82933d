/** What those who look are told: patches, pulses, what runs where, and what an attempt wrote. */
import { describe, expect, test } from 'vitest';
import type { AttemptPulse } from '../../../src/core/tasks/attempt.ts';
import { attemptIdOf, type RunId } from '../../../src/core/tasks/task.ts';
import { USAGE } from './fake-agent.ts';
import { type TaskDesk, task, taskDesk, unwrap } from './task-desk.ts';

async function attemptOf(desk: TaskDesk, runId: RunId) {
  const { tasks } = unwrap(await desk.service().find({ runId, limit: 1 }));
  return attemptIdOf(tasks[0]!.taskId, 1);
}

async function runningTask() {
  const desk = await taskDesk();
  desk.link();
  const { runId } = await desk.submit([task('unit')]);
  const attemptId = await attemptOf(desk, runId);
  await desk.until(() => desk.agent().held().length === 1);
  desk.agent().begin(attemptId);
  await desk.until(async () => unwrap(await desk.service().run(runId)).counts.running === 1);
  return { desk, runId, attemptId };
}

describe('patches', () => {
  test('come four times a second at most, each with the next revision, and end at what holds', async () => {
    const desk = await taskDesk({ rig: 4 });
    desk.link();
    const startedMs = desk.clock.monotonicMs();
    for (let count = 0; count < 30; count += 1) {
      await desk.submit([task(`task ${count}`)]);
      await desk.until(() => desk.agent().held().length > 0 || count === 0);
      desk.agent().step();
    }
    await desk.until(() => {
      desk.agent().step();
      return desk.service().summary().counts.succeeded === 30;
    });
    desk.advance(1_000);
    const elapsedMs = desk.clock.monotonicMs() - startedMs;
    expect(desk.patches.length).toBeLessThanOrEqual(elapsedMs / 250 + 1);
    expect(desk.patches.map(({ revision }) => revision)).toEqual(desk.patches.map((_, place) => place + 1));
    const newest = new Map(desk.patches.flatMap(({ tasks }) => tasks.map((one) => [one.taskId, one.state])));
    expect([...newest.values()]).toEqual(Array.from({ length: 30 }, () => 'succeeded'));
    expect(desk.patches.at(-1)).toMatchObject({
      revision: desk.service().summary().revision,
      counts: { succeeded: 30 },
    });
  });

  test('of very many tasks come one after the other', async () => {
    const desk = await taskDesk();
    await desk.submit(Array.from({ length: 2_500 }, (_, place) => task(`task ${place}`)));
    for (let passed = 0; passed < 5; passed += 1) desk.advance(250);
    expect(desk.patches.map(({ tasks }) => tasks.length)).toEqual([1_000, 1_000, 500]);
    expect(desk.patches[0]?.runs).toMatchObject([{ name: 'nightly', counts: { queued: 2_500 } }]);
  });

  test('tell every attempt that changed, also one that the next one followed at once', async () => {
    const desk = await taskDesk();
    desk.link();
    await desk.submit([task('unit', { command: ['exit', '1'], retries: 1 })]);
    const told = () => desk.patches.flatMap(({ attempts }) => attempts);
    await desk.until(() => {
      desk.agent().step();
      return told().some(({ number, state }) => number === 2 && state === 'failed');
    });
    const newest = new Map(told().map((one) => [one.number, one]));
    expect([...newest.keys()]).toEqual([1, 2]);
    const answer = unwrap(await desk.service().attemptsBetween({ fromMs: 0, toMs: 8e15, limit: 10 }));
    expect(answer.attempts.toReversed()).toEqual([...newest.values()]);
    expect(answer.attempts[0]).toMatchObject({ runName: 'nightly', name: 'unit', state: 'failed', workerId: 'rig' });
    // A word about what it waits for is no news of its attempts.
    const later = desk.patches.length;
    await desk.submit([task('huge', { needs: { cores: 64 } })]);
    desk.advance(5_000);
    expect(desk.patches.slice(later).flatMap(({ attempts }) => attempts)).toEqual([]);
  });

  test('say what a task that was just submitted waits for', async () => {
    const desk = await taskDesk();
    await desk.submit([task('unit', { needs: { cores: 64 } })]);
    await desk.settle();
    desk.advance(250);
    expect(desk.patches[0]?.tasks[0]?.waitsFor).toMatch(/core/);
  });
});

describe('what a waiting task waits for', () => {
  test('is told again when it changes, though nothing of the task itself does', async () => {
    const desk = await taskDesk({ rig: 1 });
    await desk.submit([task('a'), task('b')]);
    await desk.settle();
    desk.advance(3_000);
    const told = () => desk.patches.flatMap(({ tasks }) => tasks).filter(({ name }) => name === 'b');
    const before = told().at(-1)?.waitsFor;
    desk.link();
    await desk.until(() => desk.agent().held().length === 1);
    desk.advance(3_000);
    await desk.settle();
    expect(told().at(-1)?.waitsFor).toMatch(/core/);
    expect(told().at(-1)?.waitsFor).not.toBe(before);
    desk.advance(10_000);
    const patches = desk.patches.length;
    desk.service().lookAgain();
    await desk.settle();
    desk.advance(10_000);
    expect(desk.patches.length).toBe(patches);
  });
});

describe('a running task', () => {
  test('is named on its worker until it is over', async () => {
    const { desk, attemptId } = await runningTask();
    expect(desk.running.get(desk.agent().workerId)).toEqual(['unit']);
    desk.agent().end(attemptId);
    await desk.until(() => desk.agent().held().length === 0);
    expect(desk.running.get(desk.agent().workerId)).toEqual([]);
  });

  test('shows what it uses now, to who looks and once a second', async () => {
    const { desk, runId, attemptId } = await runningTask();
    const heard: (readonly AttemptPulse[])[] = [];
    desk.service().onPulses((pulses) => heard.push(pulses));
    desk.agent().write(attemptId, 'hello');
    for (let pulse = 0; pulse < 10; pulse += 1) {
      desk.agent().pulse(attemptId);
      desk.advance(200);
    }
    expect(heard.length).toBe(2);
    expect(heard[0]).toMatchObject([{ attemptId, outputBytes: 5, usage: USAGE }]);
    const { tasks } = unwrap(await desk.service().find({ runId, limit: 1 }));
    expect(tasks[0]).toMatchObject({ state: 'running', usage: { cpuSeconds: 0.5 }, outputBytes: 5 });
  });

  test('that nobody of this worker runs has no pulse', async () => {
    const { desk, attemptId } = await runningTask();
    const heard: unknown[] = [];
    desk.service().onPulses((pulses) => heard.push(...pulses));
    desk.agent().end(attemptId);
    await desk.until(() => desk.service().summary().counts.succeeded === 1);
    desk.agent().pulse(attemptId);
    desk.advance(2_000);
    expect(heard).toEqual([]);
  });

  test('has its output fetched each two seconds while it grows, so that little is lost with its worker', async () => {
    const { desk, attemptId } = await runningTask();
    for (let second = 1; second <= 9; second += 1) {
      desk.agent().write(attemptId, `line ${second}\n`);
      desk.agent().pulse(attemptId);
      desk.advance(1_000);
      await desk.settle();
    }
    await desk.until(() => desk.files.outputOf(attemptId).length > 0);
    const fetchedAtOnce = desk.agent().heard.filter(({ method }) => method === 'read-output').length;
    expect(desk.files.outputOf(attemptId)).toContain('line 7\n');
    expect(fetchedAtOnce).toBeLessThanOrEqual(10);
    desk.agent().pulse(attemptId);
    desk.advance(10_000);
    desk.agent().pulse(attemptId);
    await desk.settle();
    expect(desk.files.outputOf(attemptId)).toContain('line 9\n');
  });
});

describe('output', () => {
  const textOf = ({ data }: { readonly data: string }) => Buffer.from(data, 'base64').toString();

  test('is read where it is: what is kept from here, what is newer from the worker', async () => {
    const { desk, attemptId } = await runningTask();
    desk.agent().write(attemptId, 'abcdef');
    expect(unwrap(await desk.service().output(attemptId, 2))).toMatchObject({
      fromOffset: 2,
      totalBytes: 6,
      isComplete: false,
    });
    const tail = unwrap(await desk.service().output(attemptId, -2));
    expect([textOf(tail), tail.fromOffset]).toEqual(['ef', 4]);
    desk.agent().cut();
    desk.agent().write(attemptId, 'ghi');
    desk.agent().end(attemptId);
    desk.link();
    await desk.until(() => desk.agent().held().length === 0);
    const whole = unwrap(await desk.service().output(attemptId, 0));
    expect([textOf(whole), whole.totalBytes, whole.isComplete]).toEqual(['abcdefghi', 9, true]);
    const end = unwrap(await desk.service().output(attemptId, 9));
    expect([textOf(end), end.isComplete]).toEqual(['', true]);
    expect(textOf(unwrap(await desk.service().output(attemptId, -4)))).toBe('fghi');
  });

  test('of a worker out of reach may still come, and is not waited for once the worker is removed', async () => {
    const { desk, attemptId } = await runningTask();
    desk.agent().write(attemptId, 'never fetched');
    desk.agent().refuse('read-output', { code: 'timeout', message: 'The worker did not answer in time.' });
    desk.agent().end(attemptId);
    await desk.until(() => desk.service().summary().counts.succeeded === 1);
    desk.agent().cut();
    expect(unwrap(await desk.service().output(attemptId, 0))).toMatchObject({ totalBytes: 13, isComplete: false });
    desk.enrolled.delete('rig');
    desk.service().door.removed(desk.agent().workerId);
    expect(unwrap(await desk.service().output(attemptId, 0))).toMatchObject({ totalBytes: 0, isComplete: true });
    expect(desk.service().fetchedFolder(attemptId)).toMatchObject({ error: { code: 'not-found' } });
  });

  test('of an attempt that never was is not found', async () => {
    const { desk } = await runningTask();
    const nobody = attemptIdOf('uuuuuuuuuu' as never, 1);
    expect(await desk.service().output(nobody, 0)).toMatchObject({ error: { code: 'not-found' } });
  });
});
