/** The task service from a plan to its results: what is on disk when, what workers hear, and what becomes of it. */
import { describe, expect, test } from 'vitest';
import { attemptIdOf, type RunId, type TaskId } from '../../../src/core/tasks/task.ts';
import { planOf, type TaskDesk, task, taskDesk, unwrap } from './task-desk.ts';

/** The ids of a run's tasks by their names. */
async function idsOf(desk: TaskDesk, runId: RunId): Promise<Readonly<Record<string, TaskId>>> {
  const { tasks } = unwrap(await desk.service().find({ runId, limit: 100 }));
  return Object.fromEntries(tasks.map(({ name, taskId }) => [name, taskId]));
}

async function submitOne(desk: TaskDesk, more: object = {}) {
  const { runId } = await desk.submit([task('unit', more)]);
  const taskId = (await idsOf(desk, runId)).unit!;
  return { runId, taskId, attemptId: attemptIdOf(taskId, 1) };
}

const stateOf = async (desk: TaskDesk, taskId: TaskId) => unwrap(await desk.service().show(taskId)).task.state;
const showOf = async (desk: TaskDesk, taskId: TaskId) => unwrap(await desk.service().show(taskId));

describe('a submission', () => {
  test('is on disk when it is acknowledged, whole, and waits for a worker', async () => {
    const desk = await taskDesk();
    const run = await desk.submit([task('unit'), task('bench', { after: ['unit'] })]);
    expect(run).toMatchObject({ name: 'nightly', state: 'running', counts: { queued: 1, blocked: 1 } });
    const kept = unwrap(await desk.store.openTasks());
    expect(kept.tasks.map(({ state, spec, sequence }) => [spec.name, state, sequence])).toEqual([
      ['unit', 'queued', 1],
      ['bench', 'blocked', 2],
    ]);
    expect(run.runId).toMatch(/^[0-9a-hjkmnp-tv-z]{10}$/);
  });

  test('that the disk refuses was never made', async () => {
    const desk = await taskDesk();
    desk.link();
    desk.refuseWrites('disk-full');
    expect(await desk.service().submit(planOf([task('unit')]), null)).toMatchObject({ error: { code: 'disk-full' } });
    desk.refuseWrites(null);
    expect(desk.service().summary().counts.queued).toBe(0);
    const { taskId } = await submitOne(desk);
    await desk.until(() => desk.agent().held().length > 0);
    expect(
      desk
        .agent()
        .held()
        .map(({ attemptId }) => attemptId),
    ).toEqual([attemptIdOf(taskId, 1)]);
  });

  test('of a wrong plan, or of one whose files are not there, says what is wrong and leaves nothing', async () => {
    const desk = await taskDesk();
    expect(await desk.service().submit('{"name":"x"}', null)).toMatchObject({ error: { code: 'invalid-argument' } });
    const bring = [{ from: 'data.bin', to: 'data.bin' }];
    expect(await desk.service().submit(planOf([task('unit', { bring })]), null)).toEqual({
      ok: false,
      error: {
        code: 'invalid-argument',
        message: 'Task “unit” brings files: submit its plan as a file beside them.',
      },
    });
    expect(await desk.service().submit(planOf([task('unit', { bring })]), '/plans')).toEqual({
      ok: false,
      error: { code: 'not-found', message: 'Task “unit”: data.bin is not there.' },
    });
    expect(unwrap(await desk.store.openTasks()).runs).toEqual([]);
  });
});

describe('a task', () => {
  test('goes to a worker, runs, and ends with everything that it wrote and made kept here', async () => {
    const desk = await taskDesk();
    desk.link();
    const { taskId, attemptId, runId } = await submitOne(desk, { fetch: ['out/*.txt', 'empty'] });
    const agent = desk.agent();
    await desk.until(() => agent.held().length === 1);
    await desk.until(async () => unwrap(await desk.service().show(taskId)).attempts[0]?.state === 'starting');
    agent.begin(attemptId);
    await desk.until(async () => (await stateOf(desk, taskId)) === 'running');
    agent.write(attemptId, 'sixteen bytes.\n\n');
    agent.end(attemptId, {}, { 'out/a.txt': 'a longer text', empty: '' });
    await desk.until(() => agent.held().length === 0);
    expect(await showOf(desk, taskId)).toMatchObject({
      view: { state: 'succeeded', attemptCount: 1, workerId: 'rig', outputBytes: 16 },
      attempts: [{ state: 'succeeded', end: { exitCode: 0 } }],
    });
    expect(desk.files.outputOf(attemptId)).toBe('sixteen bytes.\n\n');
    expect(desk.files.fetchedOf(attemptId)).toEqual({ 'out/a.txt': 'a longer text', empty: '' });
    expect(unwrap(desk.service().fetchedFolder(attemptId))).toBe(`/data/${attemptId}`);
    expect(unwrap(await desk.service().run(runId)).state).toBe('succeeded');
    expect(agent.wronged).toEqual([]);
  });

  test('is heard of by its worker only when its placement is on disk', async () => {
    const desk = await taskDesk();
    const { taskId } = await submitOne(desk);
    desk.refuseWrites('disk-full');
    desk.link();
    await desk.settle();
    expect(desk.agent().heard).toEqual([]);
    expect(desk.logged).toContain('Tasks cannot be stored; nothing starts until they can.');
    desk.refuseWrites(null);
    await desk.until(() => desk.agent().held().length === 1);
    expect(unwrap(await desk.store.openTasks()).attempts).toMatchObject([{ taskId, state: expect.any(String) }]);
    expect(desk.logged).toContain('Tasks are stored again.');
  });

  test('that ended is acknowledged and forgotten only when that is on disk, however long the disk refuses', async () => {
    const desk = await taskDesk();
    desk.link();
    const { taskId, attemptId } = await submitOne(desk);
    await desk.until(async () => (await stateOf(desk, taskId)) === 'placed' && desk.agent().held().length === 1);
    desk.agent().begin(attemptId);
    await desk.until(async () => unwrap(await desk.store.openTasks()).tasks[0]?.state === 'running');
    desk.refuseWrites('disk-full');
    desk.agent().end(attemptId);
    for (let minute = 0; minute < 3; minute += 1) {
      desk.advance(60_000);
      await desk.settle();
    }
    expect(desk.agent().heard.filter(({ method }) => method === 'forget-attempts')).toEqual([]);
    expect(unwrap(await desk.store.openTasks()).tasks).toMatchObject([{ state: 'running' }]);
    await desk.crash();
    desk.refuseWrites(null);
    desk.link();
    await desk.until(() => desk.agent().held().length === 0);
    expect(await stateOf(desk, taskId)).toBe('succeeded');
    expect(desk.agent().begun).toEqual([attemptId]);
  });

  test('begins when those it comes after have succeeded, at the earliest', async () => {
    const desk = await taskDesk();
    desk.link();
    const { runId } = await desk.submit([task('bench', { after: ['unit'] }), task('unit')]);
    const ids = await idsOf(desk, runId);
    await desk.until(async () => {
      desk.agent().step();
      return unwrap(await desk.service().run(runId)).state === 'succeeded';
    });
    expect(desk.agent().begun).toEqual([attemptIdOf(ids.unit!, 1), attemptIdOf(ids.bench!, 1)]);
  });

  test('that fails is tried again as often as its plan says, and keeps every attempt', async () => {
    const desk = await taskDesk();
    desk.link();
    const { taskId } = await submitOne(desk, { command: ['exit', '3', 'no'], retries: 1 });
    await desk.until(async () => {
      desk.agent().step();
      return (await stateOf(desk, taskId)) === 'failed';
    });
    const { task: ended, attempts } = await showOf(desk, taskId);
    expect(ended).toMatchObject({ reason: 'exit', retriesLeft: 0 });
    expect(attempts.map(({ state, end }) => [state, end?.exitCode])).toEqual([
      ['failed', 3],
      ['failed', 3],
    ]);
  });
});

describe('a link that breaks', () => {
  test('before the order arrived costs nothing: it is told with the next one', async () => {
    const desk = await taskDesk();
    desk.link();
    const { taskId, attemptId } = await submitOne(desk);
    await desk.until(async () => (await stateOf(desk, taskId)) === 'placed');
    desk.agent().cut();
    expect(desk.agent().held()).toEqual([]);
    desk.link();
    await desk.until(() => desk.agent().held().length === 1);
    expect((await showOf(desk, taskId)).attempts.map((one) => one.attemptId)).toEqual([attemptId]);
  });

  test('while a task runs leaves it running, and its end comes with the next one', async () => {
    const desk = await taskDesk();
    desk.link();
    const { taskId, attemptId } = await submitOne(desk);
    await desk.until(() => desk.agent().held().length === 1);
    desk.agent().begin(attemptId);
    await desk.until(async () => (await stateOf(desk, taskId)) === 'running');
    desk.agent().cut();
    desk.agent().write(attemptId, 'written while nobody heard');
    desk.agent().end(attemptId);
    await desk.settle();
    expect(await stateOf(desk, taskId)).toBe('running');
    desk.link();
    await desk.until(() => desk.agent().held().length === 0);
    expect(await stateOf(desk, taskId)).toBe('succeeded');
    expect(desk.files.outputOf(attemptId)).toBe('written while nobody heard');
  });

  test('in the middle of what is fetched goes on from there', async () => {
    const desk = await taskDesk();
    desk.link();
    const { attemptId } = await submitOne(desk, { fetch: ['made'] });
    await desk.until(() => desk.agent().held().length === 1);
    desk.agent().begin(attemptId);
    desk.agent().write(attemptId, 'x'.repeat(200));
    desk.agent().end(attemptId, {}, { made: 'y'.repeat(200) });
    for (let cuts = 1; cuts <= 5; cuts += 1) {
      await desk.until(
        () => desk.files.outputOf(attemptId).length + (desk.files.fetchedOf(attemptId).made ?? '').length >= cuts * 60,
      );
      desk.agent().cut();
      desk.link();
    }
    await desk.until(() => desk.agent().held().length === 0);
    expect(desk.files.outputOf(attemptId)).toBe('x'.repeat(200));
    expect(desk.files.fetchedOf(attemptId)).toEqual({ made: 'y'.repeat(200) });
    const offsets = desk
      .agent()
      .heard.flatMap(({ method, params }) => (method === 'read-output' ? [(params as { offset: number }).offset] : []));
    expect(offsets.length).toBeLessThanOrEqual(20 + 5);
    expect(desk.agent().wronged).toEqual([]);
  });

  test('nothing is forgotten on the worker while the disk here refuses what is fetched', async () => {
    const desk = await taskDesk();
    desk.link();
    const { taskId, attemptId } = await submitOne(desk);
    desk.files.refuseWrites({ ok: false, error: { code: 'disk-full', message: 'The disk is full.' } });
    await desk.until(async () => {
      desk.agent().step();
      return (await stateOf(desk, taskId)) === 'succeeded';
    });
    for (let retries = 0; retries < 4; retries += 1) {
      desk.advance(30_000);
      await desk.settle();
    }
    expect(desk.agent().held()).toHaveLength(1);
    desk.files.refuseWrites(null);
    await desk.until(() => desk.agent().held().length === 0);
    expect(desk.files.outputOf(attemptId)).toBe('output of unit');
  });
});

describe('a worker that is lost', () => {
  async function lostWhileRunning() {
    const desk = await taskDesk({ first: 1, second: 1 });
    desk.link('first');
    const submitted = await submitOne(desk);
    await desk.until(() => desk.agent('first').held().length === 1);
    desk.agent('first').begin(submitted.attemptId);
    await desk.until(async () => (await stateOf(desk, submitted.taskId)) === 'running');
    desk.agent('first').cut();
    desk.service().door.lost(desk.agent('first').workerId);
    await desk.until(async () => (await stateOf(desk, submitted.taskId)) === 'queued');
    return { desk, ...submitted };
  }

  test('has its task run elsewhere, and what it tells later is kept and changes nothing', async () => {
    const { desk, taskId, attemptId } = await lostWhileRunning();
    desk.link('second');
    await desk.until(async () => {
      desk.agent('second').step();
      return (await stateOf(desk, taskId)) === 'succeeded';
    });
    desk.link('first');
    await desk.until(() => desk.agent('first').held().length === 0);
    const { attempts, task: ended } = await showOf(desk, taskId);
    expect(ended.state).toBe('succeeded');
    expect(attempts.map(({ workerId, state, end }) => [workerId, state, end?.how])).toEqual([
      ['first', 'lost', 'cancelled'],
      ['second', 'succeeded', 'exited'],
    ]);
    expect(desk.agent('first').begun).toEqual([attemptId]);
  });

  test('and comes back before anybody else took over goes on, and nothing is run twice', async () => {
    const { desk, taskId, attemptId } = await lostWhileRunning();
    desk.link('first');
    await desk.until(async () => (await stateOf(desk, taskId)) === 'running');
    desk.agent('first').end(attemptId);
    await desk.until(() => desk.agent('first').held().length === 0);
    expect((await showOf(desk, taskId)).attempts).toMatchObject([{ attemptId, state: 'succeeded' }]);
  });

  test('or removed is told to the book at the next start, where this one ended before it was', async () => {
    const desk = await taskDesk({ first: 1, second: 1 });
    desk.link('first');
    const { taskId } = await submitOne(desk);
    await desk.until(() => desk.agent('first').held().length === 1);
    desk.enrolled.delete('first');
    await desk.crash();
    desk.link('second');
    await desk.until(() => desk.agent('second').held().length === 1);
    expect((await showOf(desk, taskId)).attempts.map(({ state }) => state)[0]).toBe('lost');
  });
});

describe('what nobody here knows of', () => {
  test('is ended on its worker and forgotten', async () => {
    const other = await taskDesk();
    other.link();
    const { attemptId } = await submitOne(other);
    await other.until(() => other.agent().held().length === 1);
    other.agent().begin(attemptId);
    const desk = await taskDesk();
    other.agent().link(desk.service().door);
    await desk.until(() => other.agent().held().length === 0);
    expect(other.agent().heard.map(({ method }) => method)).toContain('cancel-attempt');
  });

  test('is asked of the store first: an old task whose result comes late keeps it', async () => {
    const desk = await taskDesk({ first: 1, second: 1 });
    desk.link('first');
    const { taskId, attemptId } = await submitOne(desk);
    await desk.until(() => desk.agent('first').held().length === 1);
    desk.agent('first').cut();
    desk.service().door.lost(desk.agent('first').workerId);
    desk.link('second');
    await desk.until(async () => {
      desk.agent('second').step();
      return (await stateOf(desk, taskId)) === 'succeeded' && desk.agent('second').held().length === 0;
    });
    await desk.crash();
    desk.agent('first').begin(attemptId);
    desk.agent('first').end(attemptId, { exitCode: 7 });
    desk.link('first');
    await desk.until(() => desk.agent('first').held().length === 0);
    expect((await showOf(desk, taskId)).attempts[0]).toMatchObject({ state: 'lost', end: { exitCode: 7 } });
  });

  test('of another worker’s attempt does not count', async () => {
    const desk = await taskDesk({ first: 1, second: 1 });
    desk.link('first');
    const { taskId, attemptId } = await submitOne(desk);
    await desk.until(() => desk.agent('first').held().length === 1);
    const report = desk.agent('first').held()[0]!;
    desk.link('second');
    const lie = { ...report, state: 'ended', version: 9, end: null } as const;
    desk.service().door.reports(desk.agent('second').workerId, { kind: 'attempts', isAll: false, reports: [lie] });
    await desk.settle();
    expect((await showOf(desk, taskId)).attempts).toMatchObject([{ attemptId, workerId: 'first', endedAtMs: null }]);
  });
});

describe('a person', () => {
  test('cancels what waits, what is placed and what runs; each ends once', async () => {
    const desk = await taskDesk({ rig: 1 });
    desk.link();
    const { runId } = await desk.submit([task('a'), task('b')]);
    const { a, b } = (await idsOf(desk, runId)) as { a: TaskId; b: TaskId };
    await desk.until(() => desk.agent().held().length === 1);
    desk.agent().begin(attemptIdOf(a, 1));
    await desk.until(async () => (await stateOf(desk, a)) === 'running');
    expect(unwrap(await desk.service().cancel(b)).state).toBe('cancelled');
    unwrap(await desk.service().cancel(a));
    await desk.until(async () => (await stateOf(desk, a)) === 'cancelled');
    expect(await desk.service().cancel(a)).toMatchObject({ error: { code: 'invalid-argument' } });
    expect(desk.agent().begun).toEqual([attemptIdOf(a, 1)]);
    expect(unwrap(await desk.service().run(runId)).state).toBe('cancelled');
  });

  test('cancels a whole run, also one whose worker is out of reach', async () => {
    const desk = await taskDesk({ rig: 2 });
    desk.link();
    const { runId } = await desk.submit([task('a'), task('b'), task('c')]);
    await desk.until(() => desk.agent().held().length === 2);
    for (const { attemptId } of desk.agent().held()) desk.agent().begin(attemptId);
    await desk.until(async () => unwrap(await desk.service().run(runId)).counts.running === 2);
    desk.agent().cut();
    expect(unwrap(await desk.service().cancelRun(runId)).counts).toMatchObject({ cancelled: 1, running: 2 });
    await desk.crash();
    desk.link();
    await desk.until(async () => unwrap(await desk.service().run(runId)).state === 'cancelled');
    expect(unwrap(await desk.service().run(runId)).counts.cancelled).toBe(3);
  });

  test('tries a task again that is long over', async () => {
    const desk = await taskDesk();
    desk.link();
    const { taskId } = await submitOne(desk, { command: ['exit', '1'] });
    await desk.until(async () => {
      desk.agent().step();
      return (await stateOf(desk, taskId)) === 'failed' && desk.agent().held().length === 0;
    });
    await desk.crash();
    desk.link();
    unwrap(await desk.service().retry(taskId));
    await desk.until(() => desk.agent().held().length === 1);
    expect((await showOf(desk, taskId)).attempts.map(({ number }) => number)).toEqual([1, 2]);
    expect(await desk.service().retry(taskId)).toMatchObject({ error: { code: 'invalid-argument' } });
  });

  test('names a task by the beginning of its id', async () => {
    const desk = await taskDesk();
    const { taskId, runId } = await submitOne(desk);
    expect(await desk.service().resolveTask(` ${taskId.slice(0, 6).toUpperCase()}`)).toEqual({
      ok: true,
      value: taskId,
    });
    expect(await desk.service().resolveRun(runId)).toEqual({ ok: true, value: runId });
    expect(await desk.service().resolveTask('uuuuuu')).toMatchObject({ error: { code: 'not-found' } });
    expect(await desk.service().resolveTask('ab')).toMatchObject({ error: { code: 'invalid-argument' } });
    expect(await desk.service().resolveTask('%abc')).toMatchObject({ error: { code: 'invalid-argument' } });
    const nobody = 'uuuuuuuuuu' as TaskId;
    expect(await desk.service().show(nobody)).toMatchObject({ error: { code: 'not-found' } });
    expect(await desk.service().cancel(nobody)).toMatchObject({ error: { code: 'not-found' } });
  });
});

test('somebody is called for on a worker without a link that is to do something, now and at a start', async () => {
  const desk = await taskDesk();
  desk.link();
  const { taskId } = await submitOne(desk);
  await desk.until(async () => unwrap(await desk.store.openTasks()).attempts[0]?.state === 'starting');
  expect(desk.summoned).toEqual([]);
  await desk.crash();
  expect(desk.summoned).toEqual(['rig']);
  unwrap(await desk.service().cancel(taskId));
  expect(desk.summoned).toEqual(['rig', 'rig']);
  expect(desk.service().hasWork(desk.agent().workerId)).toBe(true);
});

test('a service that ends leaves no timer', async () => {
  const desk = await taskDesk();
  desk.link();
  const { attemptId } = await submitOne(desk);
  await desk.until(() => desk.agent().held().length === 1);
  desk.agent().begin(attemptId);
  desk.agent().pulse(attemptId);
  desk.agent().end(attemptId);
  await desk.settle();
  await desk.service().dispose();
  await desk.settle();
  expect(desk.pending()).toBe(0);
});

describe('what tasks are expected to take', () => {
  const outlookOf = async (desk: TaskDesk, taskId: TaskId) => (await showOf(desk, taskId)).view.outlook;

  test('is told of those that wait and run, with what it rests on, in what is shown and in patches', async () => {
    const desk = await taskDesk();
    desk.link();
    const { taskId } = await submitOne(desk);
    await desk.until(async () => {
      desk.agent().step();
      return (await stateOf(desk, taskId)) === 'succeeded';
    });
    expect(await outlookOf(desk, taskId)).toBeNull();
    await desk.submit([task('fills', { needs: { cores: 2 }, command: ['other'] })]);
    await desk.until(() => desk.agent().held().length > 0);
    const later = await submitOne(desk);
    const outlook = await outlookOf(desk, later.taskId);
    expect(outlook).toMatchObject({ place: 1, keptOn: 'rig', duration: { basis: 'command', samples: 1 } });
    await desk.until(() => desk.patches.some((patch) => patch.tasks.some((view) => view.outlook?.place === 1)));
  });

  test('is not forgotten at a restart: it is learnt again from the attempts that are stored', async () => {
    const desk = await taskDesk();
    desk.link();
    await submitOne(desk);
    await desk.until(async () => {
      desk.agent().step();
      return unwrap(await desk.store.tasks({ states: ['succeeded'], limit: 1 })).tasks.length === 1;
    });
    await desk.crash();
    const later = await submitOne(desk);
    expect((await outlookOf(desk, later.taskId))?.duration).toMatchObject({ basis: 'command', samples: 1 });
  });
});
