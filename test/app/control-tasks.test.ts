/** Tasks over the control socket: a real socket, the real task service, workers that a test drives. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { WorkerId } from '../../src/core/fleet/worker.ts';
import { attemptIdOf, type RunId, type TaskId } from '../../src/core/tasks/task.ts';
import type { RunView } from '../../src/core/tasks/view.ts';
import type { ControlClient } from '../../src/node/control-socket-client.ts';
import { planOf, task, unwrap } from '../engine/tasks/task-desk.ts';
import { type TaskInstance, taskInstance } from './task-instance.ts';

let instance: TaskInstance;
let client: ControlClient;

beforeEach(async () => {
  instance = await taskInstance();
  client = await instance.connect();
});

async function submit(tasks: readonly object[]): Promise<RunView> {
  return unwrap(await client.call('tasks.submit', { plan: planOf(tasks), folder: null }));
}

async function taskIdsOf(runId: RunId): Promise<readonly TaskId[]> {
  const { tasks } = unwrap(await client.call('tasks.find', { query: { runId, limit: 100 } }));
  return tasks.map(({ taskId }) => taskId);
}

describe('tasks over the control socket', () => {
  it('come in as a plan, also as one that is longer than any other request', async () => {
    const tasks = Array.from({ length: 3_000 }, (_, index) => task(`task ${index}`));
    const run = await submit(tasks);
    expect(run).toMatchObject({ name: 'nightly', counts: { queued: 3_000 } });
    expect(unwrap(await client.call('tasks.runs', { limit: 10 }))).toEqual([run]);
  });

  it('say of a wrong plan what is wrong', async () => {
    const plan = planOf([{ name: 'unit', command: 'ls' }]);
    expect(await client.call('tasks.submit', { plan, folder: null })).toMatchObject({
      error: {
        code: 'invalid-argument',
        message: expect.stringMatching(/^tasks\[0\]\.command: found "ls", expected /),
      },
    });
  });

  it('are found by the beginning of the run’s id and by a worker’s name', async () => {
    const { runId } = await submit([task('unit'), task('bench')]);
    const find = (query: object) => client.call('tasks.find', { query: { limit: 10, ...query } });
    const ofRun = unwrap(await find({ runId: runId.slice(0, 6) }));
    expect(ofRun.tasks.map(({ name }) => name)).toEqual(['bench', 'unit']);
    expect(unwrap(await find({ workerId: 'bench-desk' as WorkerId }))).toEqual({ tasks: [], nextBefore: null });
    expect(await find({ runId: 'zzzzzz' })).toMatchObject({ error: { code: 'not-found' } });
    expect(await find({ workerId: 'rig-99' })).toMatchObject({ error: { code: 'not-found' } });
    expect(await find({ states: ['asleep'] })).toMatchObject({ error: { code: 'invalid-argument' } });
  });

  it('are shown, cancelled and tried once more by the beginning of an id', async () => {
    const { runId } = await submit([task('unit')]);
    const [taskId = ''] = await taskIdsOf(runId);
    const beginning = { task: taskId.slice(0, 7).toUpperCase() };
    expect(unwrap(await client.call('task.show', beginning))).toMatchObject({ task: { taskId }, attempts: [] });
    expect(unwrap(await client.call('task.cancel', beginning))).toMatchObject({ taskId, state: 'cancelled' });
    expect(unwrap(await client.call('task.retry', beginning))).toMatchObject({ taskId, state: 'queued' });
    expect(await client.call('task.unpark', beginning)).toMatchObject({ ok: false });
    expect(unwrap(await client.call('run.cancel', { run: runId.slice(0, 5) }))).toMatchObject({ state: 'cancelled' });
    expect(unwrap(await client.call('run.show', { run: runId }))).toMatchObject({ runId, counts: { cancelled: 1 } });
    expect(await client.call('task.show', { task: 'zzzzzz' })).toMatchObject({ error: { code: 'not-found' } });
  });

  it('give out what the newest attempt wrote, or the one that is asked for', async () => {
    const { runId } = await submit([task('unit')]);
    const [taskId = '' as TaskId] = await taskIdsOf(runId);
    const read = (attempt: number | null) => client.call('task.output', { task: taskId, attempt, offset: 0 });
    expect(await read(null)).toMatchObject({
      error: { code: 'not-found', message: expect.stringContaining('not begun') },
    });
    instance.desk.link();
    await instance.runUntil(async () => unwrap(await client.call('run.show', { run: runId })).state === 'succeeded');
    const newest = unwrap(await read(null));
    expect(newest).toMatchObject({ attemptId: attemptIdOf(taskId, 1), fromOffset: 0 });
    expect(Buffer.from(newest.data, 'base64').toString()).toMatch(/^output of /);
    expect(unwrap(await read(1))).toMatchObject({ attemptId: newest.attemptId, fromOffset: 0 });
    expect(await read(2)).toMatchObject({ error: { message: '“unit” has no attempt 2: its newest is 1.' } });
  });

  it('are followed from now on to the end of their run, and of no other', async () => {
    const other = await submit([task('other')]);
    const { runId } = await submit([task('unit')]);
    const seen: { readonly run: RunView; readonly names: readonly string[] }[] = [];
    const watching = await instance.connect();
    const ended = watching.stream('run.watch', { run: runId }, ({ run, tasks }) => {
      seen.push({ run, names: tasks.map(({ name }) => name) });
    });
    await instance.desk.until(() => seen.length === 1);
    expect(seen).toMatchObject([{ run: { runId, state: 'running' }, names: [] }]);
    instance.desk.link();
    await instance.runUntil(() => seen.at(-1)?.run.state === 'succeeded');
    expect(seen.every(({ run }) => run.runId === runId && run.runId !== other.runId)).toBe(true);
    expect(new Set(seen.flatMap(({ names }) => names))).toEqual(new Set(['unit']));
    watching.dispose();
    expect(await ended).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(await client.call('run.watch', { run: 'zzzzzz' })).toMatchObject({ error: { code: 'not-found' } });
  });
});
