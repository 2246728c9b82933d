/** A worker whose disk refuses orders: its tasks go elsewhere or wait, none of them fails for it. */
import { expect, test } from 'vitest';
import type { FailureCode } from '../../../src/core/result.ts';
import { task, taskDesk, unwrap } from './task-desk.ts';

const FULL = { code: 'disk-full', message: 'The disk is full. Free some space.' } as const;

test.for(['disk-full', 'storage', 'read-only'] satisfies readonly FailureCode[])(
  'tasks that a worker cannot take (%s) run on another one, and cost no retry',
  async (code) => {
    const desk = await taskDesk({ bad: 16, good: 4 });
    desk.link('bad');
    desk.link('good');
    desk.agent('bad').refuse('start-attempts', { code, message: 'It cannot be kept.' });
    const { runId } = await desk.submit(['a', 'b', 'c'].map((name) => task(name)));
    await desk.until(() => {
      desk.agent('good').step();
      return desk.service().summary().counts.succeeded === 3;
    });
    const { tasks } = unwrap(await desk.service().find({ runId, limit: 3 }));
    expect(tasks.map(({ workerId, attemptCount }) => [workerId, attemptCount])).toEqual(tasks.map(() => ['good', 2]));
    expect(desk.agent('bad').begun).toEqual([]);
    expect(desk.troubles).toEqual([
      expect.stringMatching(/^bad: A task was given back: It cannot be kept\. Nothing new goes there for 1.min\.$/),
    ]);
    const [first] = unwrap(await desk.service().show(tasks[0]!.taskId)).attempts;
    expect(first).toMatchObject({ state: 'lost', end: { how: 'not-started', message: 'It cannot be kept.' } });
  },
);

test('without another worker they wait, say why, and are tried again after a minute, then two, until it takes them', async () => {
  const desk = await taskDesk();
  desk.link();
  desk.agent().refuse('start-attempts', FULL);
  const { runId } = await desk.submit([task('unit')]);
  const asked = () => desk.agent().heard.filter(({ method }) => method === 'start-attempts').length;
  const found = async () => unwrap(await desk.service().find({ runId, limit: 1 })).tasks[0]!;
  await desk.until(async () => (await found()).state === 'queued' && asked() === 1);
  expect((await found()).waitsFor).toBe(
    'rig could take it and is left alone for a while, for it answered “The disk is full. Free some space”.',
  );
  for (const [minutes, times] of [
    [1, 2],
    [2, 3],
    [4, 4],
    [8, 5],
    [16, 6],
  ] as const) {
    desk.advance(minutes * 60_000 - 2_000);
    await desk.settle();
    expect(asked()).toBe(times - 1);
    desk.advance(2_000);
    await desk.until(async () => asked() === times && (await found()).state === 'queued');
  }
  desk.agent().refuse('start-attempts', null);
  desk.advance(16 * 60_000);
  await desk.until(() => {
    desk.agent().step();
    return desk.service().summary().counts.succeeded === 1;
  });
  expect((await found()).attemptCount).toBe(7);
});

test('a file that was damaged on its way is brought again from its beginning', async () => {
  const desk = await taskDesk();
  desk.files.beside.set('a', Buffer.from('data'));
  desk.link();
  desk.agent().refuse('bring-file', { code: 'invalid-argument', message: 'The file did not arrive as it was sent.' });
  await desk.submit([task('unit', { bring: [{ from: 'a', to: 'a' }] })]);
  const asked = () => desk.agent().heard.filter(({ method }) => method === 'bring-file').length;
  await desk.until(() => asked() === 1);
  desk.agent().refuse('bring-file', null);
  await desk.until(() => desk.agent().held().length === 1);
  expect(asked()).toBe(2);
  expect(desk.service().summary().counts.failed).toBe(0);
});

test('an attempt that a worker gave back and runs all the same is ended there', async () => {
  const desk = await taskDesk();
  desk.link();
  desk.agent().refuse('start-attempts', FULL);
  await desk.submit([task('unit')]);
  await desk.until(() => desk.troubles.length === 1 && desk.service().summary().counts.queued === 1);
  const heard = desk.agent().heard.find(({ method }) => method === 'start-attempts')?.params;
  const { attemptId } = (heard as { orders: readonly [{ attemptId: never }] }).orders[0];
  desk
    .agent()
    .tell([
      { ...{ attemptId, version: 1, state: 'running', startedAtMs: 1, endedAtMs: null, end: null, usage: null } },
    ]);
  await desk.until(() => desk.agent().heard.some(({ method }) => method === 'cancel-attempt'));
  await desk.until(() => desk.agent().held().length === 0);
  expect(desk.service().summary().counts).toMatchObject({ queued: 1, cancelled: 0 });
});
