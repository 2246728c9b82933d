/** What ended attempts taught, in the real service over a real fleet.db, also after it was started again. */
import { expect, test } from 'vitest';
import { task, taskDesk, unwrap } from './task-desk.ts';

/** The name of the worker that got the task, once it ended. */
async function placedOn(desk: Awaited<ReturnType<typeof taskDesk>>, more: object): Promise<string> {
  const { runId } = await desk.submit([task('unit', more)]);
  const view = async () => unwrap(await desk.service().find({ runId, limit: 1 })).tasks[0]!;
  await desk.until(async () => {
    for (const agent of desk.agents()) agent.step();
    return (await view()).endedAtMs !== null;
  });
  return (await view()).workerId ?? '';
}

test('a worker where a kind of task fails gets no more of it while another does as well, also after a restart', async () => {
  const desk = await taskDesk({ first: 8, second: 8 });
  desk.link('first');
  desk.link('second');
  const failing = { command: ['exit', '1', 'no'], type: 'gpu-test' };
  const failedOn = await placedOn(desk, failing);
  const other = failedOn === 'first' ? 'second' : 'first';
  const good = { command: ['exit', '0', 'yes'], type: 'gpu-test' };
  for (let round = 0; round < 3; round += 1) expect(await placedOn(desk, good)).toBe(other);
  await desk.crash();
  desk.link('first');
  desk.link('second');
  await desk.settle();
  for (let round = 0; round < 3; round += 1) expect(await placedOn(desk, good)).toBe(other);
});

test('a task goes where its data are warm, also after a restart, and its explanation is read back with it', async () => {
  const desk = await taskDesk({ first: 8, second: 8, third: 8 });
  const link = () => ['first', 'second', 'third'].forEach((name) => void desk.link(name));
  link();
  const warm = await placedOn(desk, { affinityKey: 'imagenet' });
  for (let round = 0; round < 3; round += 1) expect(await placedOn(desk, { affinityKey: 'imagenet' })).toBe(warm);
  await desk.crash();
  link();
  await desk.settle();
  const { runId } = await desk.submit([task('next', { affinityKey: 'imagenet', type: 'another' })]);
  await desk.until(() => desk.agents().some((agent) => agent.held().length > 0));
  const [view] = unwrap(await desk.service().find({ runId, limit: 1 })).tasks;
  expect(view?.workerId).toBe(warm);
  await desk.crash();
  const { attempts } = unwrap(await desk.service().show(view!.taskId));
  expect(attempts[0]?.explanation).toMatchObject({
    chosen: { workerId: warm, scores: { affinity: expect.closeTo(1, 1) } },
    fittingCount: 3,
    counted: ['headroom', 'fit', 'affinity'],
  });
  expect(attempts[0]?.placement).toMatch(/scored best of 3 workers .* mostly for affinity/);
});

test('what comes after a task goes where that has just ended, although its end is not on disk yet', async () => {
  const desk = await taskDesk({ first: 8, second: 8, third: 8 });
  for (const name of ['first', 'second', 'third']) desk.link(name);
  await desk.settle();
  const chain = ['load', 'train', 'test'].map((name, place, names) =>
    task(name, { type: name, affinityKey: 'imagenet', after: names.slice(0, place).slice(-1) }),
  );
  const { runId } = await desk.submit(chain);
  await desk.until(() => {
    for (const agent of desk.agents()) agent.step();
    return desk.service().summary().counts.succeeded === 3;
  });
  const { tasks } = unwrap(await desk.service().find({ runId, limit: 3 }));
  expect(new Set(tasks.map(({ workerId }) => workerId)).size).toBe(1);
});
