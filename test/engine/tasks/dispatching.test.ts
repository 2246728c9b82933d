/** What workers are told: orders together, files before them, and again where they may not have heard. */
import { describe, expect, test } from 'vitest';
import type { AttemptOrder } from '../../../src/core/tasks/attempt.ts';
import { LIMITS } from '../../../src/shared/protocol/contract.ts';
import type { FakeAgent } from './fake-agent.ts';
import { task, taskDesk, unwrap } from './task-desk.ts';

const askedOf = (agent: FakeAgent, method: string) => agent.heard.filter((one) => one.method === method);
const ordersOf = (agent: FakeAgent) =>
  askedOf(agent, 'start-attempts').map(({ params }) => (params as { orders: readonly AttemptOrder[] }).orders);

describe('orders', () => {
  test('of one moment go together, and no more of them than a request may hold', async () => {
    const desk = await taskDesk({ rig: 200 });
    desk.link();
    await desk.submit(Array.from({ length: 150 }, (_, place) => task(`task ${place}`)));
    await desk.until(() => desk.agent().held().length === 150);
    expect(ordersOf(desk.agent()).map(({ length }) => length)).toEqual([
      LIMITS.ordersPerRequest,
      LIMITS.ordersPerRequest,
      150 - 2 * LIMITS.ordersPerRequest,
    ]);
  });

  test('say what the plan says, and what follows from where the task was placed', async () => {
    const desk = await taskDesk();
    desk.link();
    const plan = {
      command: 'echo "$A" | wc',
      shell: true,
      env: { A: 'b' },
      stdin: 'in',
      timeoutSeconds: 9,
      fetch: ['*.txt'],
    };
    await desk.submit([task('unit', plan)]);
    await desk.until(() => desk.agent().held().length === 1);
    expect(ordersOf(desk.agent())[0]).toMatchObject([
      {
        name: 'unit',
        command: ['/bin/sh', '-c', 'echo "$A" | wc'],
        cwd: null,
        env: { A: 'b' },
        stdin: 'in',
        timeoutMs: 9_000,
        fetch: ['*.txt'],
        files: [],
        gpuIndexes: [],
      },
    ]);
  });

  test('that cannot be taken by the worker fail alone, with its reason', async () => {
    const desk = await taskDesk({ rig: 3 });
    desk.link();
    desk.agent().refuse('start-attempts', { code: 'not-permitted', message: 'Its owner does not let it run tasks.' });
    const { runId } = await desk.submit([task('a'), task('b')]);
    await desk.until(async () => unwrap(await desk.service().run(runId)).state === 'failed');
    expect(ordersOf(desk.agent()).map(({ length }) => length)).toEqual([2, 1, 1]);
    const { tasks } = unwrap(await desk.service().find({ runId, limit: 2 }));
    expect(tasks).toMatchObject([{ reason: 'not-started' }, { reason: 'not-started' }]);
    expect(tasks[0]?.message).toContain('Its owner does not let it run tasks.');
  });

  test('that were not heard in time are told again on the same link, after a while', async () => {
    const desk = await taskDesk();
    desk.link();
    desk.agent().refuse('start-attempts', { code: 'timeout', message: 'The worker did not answer in time.' });
    await desk.submit([task('unit')]);
    await desk.until(() => ordersOf(desk.agent()).length === 1);
    await desk.settle();
    desk.advance(4_000);
    await desk.settle();
    expect(ordersOf(desk.agent())).toHaveLength(1);
    desk.agent().refuse('start-attempts', null);
    await desk.until(() => desk.agent().held().length === 1);
    expect(ordersOf(desk.agent())).toHaveLength(2);
  });

  test('of tasks with much to say go in as many requests as it takes', async () => {
    const desk = await taskDesk({ rig: 8 });
    desk.link();
    const stdin = 'x'.repeat(50_000);
    await desk.submit(['a', 'b', 'c', 'd', 'e'].map((name) => task(name, { stdin })));
    await desk.until(() => desk.agent().held().length === 5);
    expect(ordersOf(desk.agent()).map(({ length }) => length)).toEqual([2, 2, 1]);
  });

  test('are not sent any more once a person has cancelled the task', async () => {
    const desk = await taskDesk();
    desk.files.beside.set('a', Buffer.from('data'));
    desk.link();
    desk.agent().refuse('missing-files', { code: 'timeout', message: 'The worker did not answer in time.' });
    const { runId } = await desk.submit([task('unit', { bring: [{ from: 'a', to: 'a' }] })]);
    await desk.until(() => askedOf(desk.agent(), 'missing-files').length === 1);
    unwrap(await desk.service().cancelRun(runId));
    desk.agent().refuse('missing-files', null);
    await desk.until(async () => unwrap(await desk.service().run(runId)).state === 'cancelled');
    desk.advance(60_000);
    await desk.settle();
    expect(ordersOf(desk.agent())).toEqual([]);
    expect(desk.agent().begun).toEqual([]);
  });
});

describe('an end that is asked for', () => {
  test('of very many goes out little by little, and none is left out', async () => {
    const desk = await taskDesk({ rig: 200 });
    desk.link();
    const { runId } = await desk.submit(Array.from({ length: 150 }, (_, place) => task(`task ${place}`)));
    await desk.until(() => desk.agent().held().length === 150);
    for (const { attemptId } of desk.agent().held()) desk.agent().begin(attemptId);
    unwrap(await desk.service().cancelRun(runId));
    await desk.until(async () => unwrap(await desk.service().run(runId)).state === 'cancelled');
    const asked = askedOf(desk.agent(), 'cancel-attempt').map(
      ({ params }) => (params as { attemptId: string }).attemptId,
    );
    expect(new Set(asked).size).toBe(150);
  });

  test('and was not heard is asked for again', async () => {
    const desk = await taskDesk();
    desk.link();
    const { runId } = await desk.submit([task('unit')]);
    await desk.until(() => desk.agent().held().length === 1);
    desk.agent().refuse('cancel-attempt', { code: 'timeout', message: 'The worker did not answer in time.' });
    unwrap(await desk.service().cancelRun(runId));
    await desk.until(() => askedOf(desk.agent(), 'cancel-attempt').length === 1);
    desk.agent().refuse('cancel-attempt', null);
    await desk.until(async () => unwrap(await desk.service().run(runId)).state === 'cancelled');
    expect(desk.agent().begun).toEqual([]);
  });
});

describe('files', () => {
  const bring = [{ from: 'data.bin', to: 'in/data.bin' }];
  const bytes = Buffer.alloc(LIMITS.pieceBytes + 1_000, 7);

  test('are there before the order, in pieces, once for all tasks that need them', async () => {
    const desk = await taskDesk({ rig: 4 });
    desk.files.beside.set('data.bin', bytes);
    desk.files.beside.set('empty', Buffer.alloc(0));
    desk.link();
    const more = { bring: [...bring, { from: 'empty', to: 'empty' }] };
    await desk.submit([task('a', more), task('b', more), task('c')]);
    await desk.until(() => desk.agent().held().length === 3);
    const pieces = askedOf(desk.agent(), 'bring-file').map(
      ({ params }) => params as { offset: number; totalBytes: number },
    );
    expect(pieces.map(({ offset, totalBytes }) => [offset, totalBytes])).toEqual([
      [0, bytes.length],
      [LIMITS.pieceBytes, bytes.length],
      [0, 0],
    ]);
    const files = [
      { to: 'in/data.bin', bytes: bytes.length },
      { to: 'empty', bytes: 0 },
    ];
    expect(
      ordersOf(desk.agent())
        .flat()
        .filter(({ name }) => name !== 'c'),
    ).toMatchObject([{ files }, { files }]);
  });

  test('are as they were when the plan was submitted, whatever becomes of them', async () => {
    const desk = await taskDesk();
    desk.files.beside.set('data.bin', bytes);
    await desk.submit([task('a', { bring })]);
    desk.files.beside.clear();
    await desk.crash();
    desk.link();
    await desk.until(() => desk.agent().held().length === 1);
  });

  test('that are gone here fail their task with a sentence that says what to do', async () => {
    const desk = await taskDesk();
    desk.files.beside.set('data.bin', bytes);
    const { runId } = await desk.submit([task('a', { bring })]);
    desk.files.taken.clear();
    desk.link();
    await desk.until(async () => unwrap(await desk.service().run(runId)).state === 'failed');
    const { tasks } = unwrap(await desk.service().find({ runId, limit: 1 }));
    expect(tasks[0]?.message).toBe('The file that becomes in/data.bin is no longer kept here; submit the plan again.');
  });

  test('whose way is cut are brought again with the next link', async () => {
    const desk = await taskDesk();
    desk.files.beside.set('data.bin', bytes);
    desk.link();
    await desk.submit([task('a', { bring })]);
    await desk.until(() => askedOf(desk.agent(), 'bring-file').length === 1);
    desk.agent().cut();
    desk.link();
    await desk.until(() => desk.agent().held().length === 1);
    expect(askedOf(desk.agent(), 'bring-file').length).toBeGreaterThanOrEqual(3);
  });
});
