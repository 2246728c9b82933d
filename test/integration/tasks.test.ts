/** Tasks from end to end: `labwatch headless`, agents that run tasks, real commands. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { projectFolder } from '../support/source.ts';
import { isLive, workerWhen } from './lab.ts';
import { openProxy } from './proxy.ts';
import { expectLedgerAndRecordsAgree, openTaskLab } from './task-lab.ts';

const remote = { labels: { rack: 'b' } };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('tasks on another machine', () => {
  it('run in their order, with their environment, input and files, and bring back results', async () => {
    const lab = await openTaskLab();
    await lab.worker('rig-a');
    await lab.call('workers.label', { worker: 'rig-a', changes: [{ key: 'rack', value: 'b' }] });
    const folder = join(lab.folder, 'plan');
    mkdirSync(folder);
    writeFileSync(join(folder, 'data.bin'), Buffer.from([0, 255, 10, 13]));
    const run = await lab.submit(
      {
        name: 'nightly',
        tasks: [
          {
            name: 'copy',
            command: ['sh', '-c', 'cat; echo "$GREETING"; cp in/data.bin out.bin; printf "\\377\\n" >&2'],
            env: { GREETING: 'good morning' },
            stdin: 'from stdin\n',
            bring: [{ from: './data.bin', to: 'in/data.bin' }],
            fetch: ['*.bin'],
            needs: remote,
          },
          { name: 'fails', command: ['sh', '-c', 'exit 7'], retries: 1, needs: remote },
          { name: 'never', command: ['true'], after: ['fails'], needs: remote },
          { name: 'slow', command: ['sleep', '60'], timeoutSeconds: 1, needs: remote },
        ],
      },
      folder,
    );
    const ended = await lab.finished(run.runId);
    expect(ended).toMatchObject({ state: 'failed', counts: { succeeded: 1, failed: 3 } });

    const [copy, fails, never, slow] = await lab.details(run.runId);
    expect(copy?.view).toMatchObject({ state: 'succeeded', attemptCount: 1 });
    expect(copy?.attempts[0]?.end).toMatchObject({ how: 'exited', exitCode: 0, orphansEnded: 0 });
    const output = await lab.call('task.output', { task: copy!.view.taskId, attempt: null, offset: 0 });
    expect(Buffer.from(output.data, 'base64').toString('latin1')).toBe('from stdin\ngood morning\n\xff\n');
    expect(output.isComplete).toBe(true);
    const fetched = join(lab.dataDir, 'tasks', 'fetched', copy!.attempts[0]!.attemptId, 'out.bin');
    expect([...readFileSync(fetched)]).toEqual([0, 255, 10, 13]);

    expect(fails?.view).toMatchObject({ state: 'failed', reason: 'exit', attemptCount: 2 });
    expect(fails?.attempts.map(({ state, end }) => [state, end?.exitCode])).toEqual([
      ['failed', 7],
      ['failed', 7],
    ]);
    expect(never?.view).toMatchObject({ state: 'failed', reason: 'dependency', attemptCount: 0 });
    expect(slow?.view).toMatchObject({ state: 'failed', reason: 'timeout' });
    expect(slow?.attempts[0]).toMatchObject({ state: 'timed-out' });
  });

  it('are measured: what a busy second cost stands in the record', async () => {
    const lab = await openTaskLab();
    await lab.worker('rig-a');
    // By its own CPU time, however busy this machine is.
    const burn = ['perl', '-e', '1 while (times)[0] + (times)[1] < 1.2'];
    const run = await lab.submit({
      name: 'burn',
      tasks: [
        { name: 'burns', command: burn },
        { name: 'rests', command: ['sleep', '1.5'] },
      ],
    });
    await lab.finished(run.runId);
    const [burns, rests] = await lab.details(run.runId);
    expect(burns?.view.usage?.cpuSeconds).toBeGreaterThan(1.15);
    expect(burns?.view.usage?.cpuSeconds).toBeLessThan(1.4);
    expect(burns?.view.usage?.memoryPeakBytes).toBeGreaterThan(100_000);
    expect(burns?.view.usage?.wallMs).toBeGreaterThan(1_150);
    expect(rests?.view.usage?.cpuSeconds).toBeLessThan(0.2);
    expect(rests?.view.usage?.energyJoules).toBeNull();
  });

  it('are only given to workers whose owner allows it, and cancelled when somebody says so', async () => {
    const lab = await openTaskLab();
    lab.agent('watched', 'join', await lab.invite(), '--name', 'watched');
    await workerWhen(lab, isLive);
    await lab.call('workers.label', { worker: 'watched', changes: [{ key: 'rack', value: 'b' }] });
    const run = await lab.submit({ name: 'waits', tasks: [{ name: 'here', command: ['sleep', '60'], needs: remote }] });
    const [waiting] = await lab.details(run.runId);
    expect(waiting?.view.state).toBe('queued');
    await expect.poll(async () => (await lab.details(run.runId))[0]?.view.waitsFor).toMatch(/./);

    await lab.worker('rig-a');
    await lab.call('workers.label', { worker: 'rig-a', changes: [{ key: 'rack', value: 'b' }] });
    await expect.poll(async () => (await lab.details(run.runId))[0]?.view.state).toBe('running');
    await lab.call('task.cancel', { task: waiting!.view.taskId });
    expect(await lab.finished(run.runId)).toMatchObject({ state: 'cancelled' });
    const [cancelled] = await lab.details(run.runId);
    expect(cancelled?.attempts[0]).toMatchObject({ state: 'cancelled' });
  });

  it('stay away from a worker that is paused, and come when it goes on', async () => {
    const lab = await openTaskLab();
    await lab.worker('rig-a');
    await lab.call('workers.label', { worker: 'rig-a', changes: [{ key: 'rack', value: 'b' }] });
    await lab.call('workers.admission', { worker: 'rig-a', admission: 'paused' });
    const run = await lab.submit({ name: 'later', tasks: [{ name: 'later', command: ['true'], needs: remote }] });
    await expect.poll(async () => (await lab.details(run.runId))[0]?.view.waitsFor).toMatch(/paused/);
    await lab.call('workers.admission', { worker: 'rig-a', admission: 'open' });
    expect(await lab.finished(run.runId)).toMatchObject({ state: 'succeeded' });
  });

  it('outlive a cable that is out for one second and for ten, and are run once', async () => {
    const lab = await openTaskLab();
    const { port } = await lab.call('listener', {});
    const proxy = await openProxy(port === 0 ? Number.NaN : port);
    lab.agent('rig-a', 'join', await lab.invite(proxy.port), '--name', 'rig-a', '--run-tasks');
    await workerWhen(lab, (one) => isLive(one) && one.capabilities.length > 0);
    await lab.call('workers.label', { worker: 'rig-a', changes: [{ key: 'rack', value: 'b' }] });
    const task = (name: string, seconds: number) => ({
      name,
      command: lab.noted(`echo ${name}; sleep ${seconds}`),
      shell: true,
      needs: { ...remote, cores: 0.1 },
    });
    const run = await lab.submit({ name: 'cut', tasks: [task('short', 0.5), task('long', 5)] });
    await expect.poll(() => lab.ledger().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    proxy.set('cut');
    await pause(1_000);
    proxy.set('through');
    await pause(500);
    proxy.set('cut');
    await pause(10_000);
    proxy.set('through');
    expect(await lab.finished(run.runId)).toMatchObject({ state: 'succeeded', counts: { succeeded: 2 } });
    const details = await lab.details(run.runId);
    expect(details.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
    expect(await lab.output(details[1]!.view.taskId)).toBe('long\n');
    expectLedgerAndRecordsAgree(lab, details);
  });

  it('are run elsewhere once their worker is lost, and both attempts are shown', async () => {
    const lab = await openTaskLab();
    await lab.call('settings.set', { key: 'workers.lostAfterSeconds', value: 10 });
    const first = await lab.worker('rig-a');
    await lab.worker('rig-b');
    await lab.call('workers.label', { worker: 'rig-a', changes: [{ key: 'rack', value: 'b' }] });
    const work = { name: 'moves', command: lab.noted('sleep 8'), shell: true, needs: remote };
    const run = await lab.submit({ name: 'lost', tasks: [work] });
    await expect.poll(() => lab.ledger().length, { timeout: 20_000 }).toBe(1);
    first.child.kill('SIGKILL');
    await first.exited;
    await lab.call('workers.label', { worker: 'rig-b', changes: [{ key: 'rack', value: 'b' }] });
    expect(await lab.finished(run.runId, 90_000)).toMatchObject({ state: 'succeeded' });
    const [moved] = await lab.details(run.runId);
    expect(moved?.attempts.map(({ state }) => state)).toEqual(['lost', 'succeeded']);
    expectLedgerAndRecordsAgree(lab, [moved!]);
  });
});

describe('tasks on this machine itself', () => {
  it('run at once with no other worker, under the name of the local one', async () => {
    const lab = await openTaskLab();
    const run = await lab.submit({
      name: 'here',
      tasks: [{ name: 'here', command: ['sh', '-c', 'echo $LABWATCH_TASK'] }],
    });
    expect(await lab.finished(run.runId)).toMatchObject({ state: 'succeeded' });
    const [here] = await lab.details(run.runId);
    const local = (await lab.call('status', {})).workers.find(({ isLocal }) => isLocal);
    expect(here?.view.workerId).toBe(local?.workerId);
    expect(await lab.output(here!.view.taskId)).toBe(`${here!.view.taskId}\n`);
  });

  it('go on when Labwatch is killed, and their results are there when it is back', async () => {
    const lab = await openTaskLab();
    const work = { name: 'outlives', command: lab.noted('sleep 4; echo done'), shell: true };
    const run = await lab.submit({ name: 'outlive', tasks: [work, { ...work, name: 'after', after: ['outlives'] }] });
    await expect.poll(() => lab.ledger().length, { timeout: 20_000 }).toBe(1);
    lab.headless().child.kill('SIGKILL');
    await lab.headless().exited;
    await pause(5_000);
    await lab.start();
    expect(await lab.finished(run.runId)).toMatchObject({ state: 'succeeded', counts: { succeeded: 2 } });
    const details = await lab.details(run.runId);
    expect(details.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
    expectLedgerAndRecordsAgree(lab, details);
  });
});
