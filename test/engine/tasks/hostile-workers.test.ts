/** What a worker says that is wrong, whether it is broken or means harm: it costs that worker, and nobody else. */
import { describe, expect, test } from 'vitest';
import type { AttemptReport } from '../../../src/core/tasks/attempt.ts';
import type { AttemptId } from '../../../src/core/tasks/task.ts';
import { LIMITS } from '../../../src/shared/protocol/contract.ts';
import { anEnd } from '../../support/tasks.ts';
import { sumOf } from './memory-files.ts';
import { task, taskDesk, unwrap } from './task-desk.ts';

const fileOf = (path: string, text: string) => ({ path, bytes: text.length, sha256: sumOf(Buffer.from(text)) });

/** A desk whose one task runs, asks for `*.txt` and holds what the test gives it. */
async function runningTask(fetch: readonly string[] = ['*.txt']) {
  const desk = await taskDesk();
  desk.link();
  const { runId } = await desk.submit([task('unit', { fetch })]);
  await desk.until(() => desk.agent().held().length === 1);
  const [{ attemptId } = { attemptId: '' as AttemptId }] = desk.agent().held();
  desk.agent().begin(attemptId);
  const found = async () => unwrap(await desk.service().find({ runId, limit: 1 })).tasks[0]!;
  const shown = async () => unwrap(await desk.service().show((await found()).taskId));
  const endOf = async () => (await shown()).attempts[0]?.end;
  const collected = () => desk.until(() => desk.agent().held().length === 0);
  const asked = (method: string) => desk.agent().heard.filter((one) => one.method === method);
  return { desk, runId, attemptId, endOf, collected, asked };
}

describe('files that a worker offers', () => {
  test('and the plan did not ask for, or finds too large, are not asked for, and the attempt says so', async () => {
    const { desk, attemptId, endOf, collected } = await runningTask();
    const wanted = fileOf('a.txt', 'wanted');
    const files = [fileOf('b.bin', 'other'), { ...wanted, path: 'huge.txt', bytes: Number.MAX_SAFE_INTEGER }, wanted];
    desk.agent().end(attemptId, { files }, { 'a.txt': 'wanted', 'b.bin': 'other' });
    await collected();
    expect(desk.files.fetchedOf(attemptId)).toEqual({ 'a.txt': 'wanted' });
    expect(await endOf()).toMatchObject({
      files: [wanted],
      filesLeft: ['b.bin was not asked for.', expect.stringMatching(/^huge\.txt is too large/)],
    });
  });

  test('and does not send as it said are fetched once more, then left out, and it may forget the attempt', async () => {
    const { desk, attemptId, endOf, collected, asked } = await runningTask();
    const files = [fileOf('a.txt', 'right'), fileOf('b.txt', 'fine')];
    desk.agent().end(attemptId, { files }, { 'a.txt': 'wrong', 'b.txt': 'fine' });
    await collected();
    expect(asked('read-file')).toHaveLength(3);
    expect(desk.files.fetchedOf(attemptId)).toEqual({ 'b.txt': 'fine' });
    expect(await endOf()).toMatchObject({
      files: [files[1]],
      filesLeft: ['a.txt was left out. a.txt did not arrive as it was sent.'],
    });
    expect(desk.logged).toContain('Something of an attempt could not be fetched.');
  });

  test('and our own disk refuses for no reason that ends are left out after a few tries', async () => {
    const { desk, attemptId, collected, asked } = await runningTask();
    desk.agent().end(attemptId, {}, { 'a.txt': 'text' });
    desk.files.refuseWrites({ ok: false, error: { code: 'storage', message: 'The name is too long.' } });
    await desk.until(() => asked('read-file').length === 1);
    for (let tries = 2; tries <= 5; tries += 1) {
      await desk.settle();
      expect(asked('forget-attempts')).toEqual([]);
      desk.advance(30_000);
      await desk.until(() => asked('read-file').length === tries);
    }
    await collected();
  });
});

test('no more output is copied of an attempt than an order lets a worker keep, whatever it claims', async () => {
  const { desk, attemptId, collected, asked } = await runningTask();
  desk.agent().end(attemptId, { outputBytes: 10 ** 12 });
  await collected();
  const offsets = asked('read-output').map(({ params }) => (params as { offset: number }).offset);
  expect(offsets).toEqual([10 ** 12 - 64 * 2 ** 20]);
});

describe('attempts that a worker invents', () => {
  const invented = (number: number): AttemptReport => ({
    ...{ attemptId: `${String(number).padStart(10, '0')}.1` as AttemptId, version: 1, state: 'running' },
    ...{ startedAtMs: 1, endedAtMs: null, end: null, usage: null },
  });

  test('are ended and forgotten as long as there are no more of them than a worker may hold', async () => {
    const desk = await taskDesk();
    desk.link();
    await desk.settle();
    desk.agent().tell(Array.from({ length: 100 }, (_, number) => invented(number)));
    const asked = (method: string) => desk.agent().heard.filter((one) => one.method === method);
    await desk.until(() => asked('cancel-attempt').length === 100 && desk.agent().held().length === 0);
    expect(desk.agent().objections).toEqual([]);
  });

  test('end the link once there are more of them, with a sentence, and count again from nothing when forgotten', async () => {
    const desk = await taskDesk();
    desk.link();
    await desk.settle();
    const ended = (number: number): AttemptReport => ({ ...invented(number), state: 'ended', end: anEnd() });
    const most = LIMITS.attemptsPerMessage;
    const asked = () =>
      desk
        .agent()
        .heard.filter(({ method }) => method === 'forget-attempts')
        .flatMap(({ params }) => (params as { attemptIds: readonly AttemptId[] }).attemptIds);
    desk.agent().tell(Array.from({ length: most }, (_, number) => ended(number)));
    await desk.until(() => asked().length === most);
    await desk.settle();
    desk.agent().refuse('forget-attempts', { code: 'timeout', message: 'The worker did not answer in time.' });
    desk.agent().tell(Array.from({ length: most }, (_, number) => ended(most + number)));
    await desk.settle();
    expect(desk.agent().objections).toEqual([]);
    desk.agent().tell([ended(3 * most)]);
    await desk.until(() => !desk.agent().isLinked());
    expect(desk.agent().objections).toEqual(['The agent tells of more attempts than it may hold.']);
  });
});

test('reports that come faster than they can be kept end the link, not the memory', async () => {
  const { desk, attemptId, runId } = await runningTask();
  await desk.settle();
  desk.refuseWrites('disk-full');
  expect((await desk.service().cancelRun(runId)).ok).toBe(false);
  const report: AttemptReport = {
    ...{ attemptId, version: 9, state: 'running', startedAtMs: 1, endedAtMs: null, end: null, usage: null },
  };
  const many = Array.from({ length: LIMITS.attemptsPerMessage }, () => report);
  for (let told = 0; told < 7; told += 1) desk.agent().tell(many);
  await desk.settle();
  expect(desk.agent().isLinked()).toBe(true);
  for (let told = 0; told < 2; told += 1) desk.agent().tell(many);
  await desk.settle();
  expect(desk.agent().objections).toEqual(['The agent tells more of its attempts than can be kept.']);
  desk.refuseWrites(null);
});
