/** The commands about tasks as processes of their own, against a real socket and the real task service. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskId } from '../../src/core/tasks/task.ts';
import { onTerminal } from '../app/pseudo-terminal.ts';
import { type TaskInstance, taskInstance } from '../app/task-instance.ts';
import { planOf, task, unwrap } from '../engine/tasks/task-desk.ts';
import { type Exit, labwatchCommand, startLabwatch } from './process.ts';

let instance: TaskInstance;

beforeEach(async () => {
  instance = await taskInstance();
});

function start(...args: readonly string[]) {
  return startLabwatch([...args, '--data-dir', instance.dataDir]);
}

/** Runs a command to its end, while whatever is placed goes on. */
async function here(...args: readonly string[]): Promise<Exit> {
  const { exited } = start(...args);
  let exit: Exit | null = null;
  void exited.then((ended) => {
    exit = ended;
  });
  while (exit === null) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const agent of instance.desk.agents()) agent.step();
    instance.desk.advance(20);
  }
  return exit;
}

function planFile(tasks: readonly object[], run: object = {}): string {
  const path = join(dirname(instance.dataDir), 'plan.json');
  writeFileSync(path, planOf(tasks, run));
  return path;
}

async function submitted(...tasks: readonly object[]): Promise<readonly TaskId[]> {
  const { runId } = await instance.desk.submit(tasks);
  const { tasks: views } = unwrap(await instance.desk.service().find({ runId, limit: 100 }));
  return views.map(({ taskId }) => taskId).reverse();
}

const failing = (name: string) => task(name, { command: ['exit', '3', 'no'] });

describe('labwatch submit', () => {
  it('says which run it became and how to follow it', async () => {
    const { code, stdout } = await here('submit', planFile([task('unit'), task('bench')]));
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Run [0-9a-z]{10}, “nightly”: 2 tasks submitted\.\n`labwatch tasks --run [0-9a-z]{10}` .*\n$/,
    );
  });

  it('says which file that it brings is not beside the plan', async () => {
    const bring = [{ from: 'data.bin', to: 'data.bin' }];
    const { code, stderr } = await here('submit', planFile([task('unit', { bring })]));
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'labwatch: Task “unit”: data.bin is not there.\n' });
  });

  it('waits on demand, and exits with 0 when everything succeeded', async () => {
    instance.desk.link();
    const { code, stdout, stderr } = await here('submit', planFile([task('unit'), task('bench')]), '--wait');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/“nightly” succeeded after [^:]+: 2 succeeded\.\n$/);
  });

  it('exits with 1 when something failed, and says what', async () => {
    instance.desk.link();
    const { code, stdout } = await here('submit', planFile([task('unit'), failing('bench')]), '--wait');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /\n■ [0-9a-z]{10} {2}bench: Exit 3.*\n“nightly” failed after [^:]+: 1 succeeded, 1 failed\.\n$/,
    );
  });

  it('prints the run as JSON and nothing else, at once or when it is over', async () => {
    const plan = planFile([task('unit')]);
    expect(JSON.parse((await here('submit', plan, '--json')).stdout)).toMatchObject({ state: 'running' });
    instance.desk.link();
    const { stdout } = await here('submit', plan, '--wait', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ name: 'nightly', state: 'succeeded', counts: { succeeded: 1 } });
  });

  it('leaves the run going when it is left, and says so', async () => {
    const running = start('submit', planFile([task('unit')]), '--wait');
    await running.saw(/submitted\.\n/);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.exited;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^labwatch: The run goes on\. `labwatch runs cancel [0-9a-z]{10}` would end it\.\n$/);
    expect(instance.desk.service().summary().counts.queued).toBe(1);
  });

  it('draws a bar on a terminal, and gives the cursor back', async () => {
    const command = ['submit', planFile([task('unit')]), '--wait', '--data-dir', instance.dataDir];
    const terminal = onTerminal(labwatchCommand(command), { columns: 100, rows: 30 });
    await terminal.saw(/0 of 1 {2}1 queued/);
    instance.desk.link();
    await instance.runUntil(() => /succeeded after/.test(terminal.output()));
    expect((await terminal.ended).code).toBe(0);
    expect(terminal.output()).toContain('\u001b[?25h');
  });
});

describe('labwatch runs and tasks', () => {
  it('show what there is, and only what is asked for', async () => {
    const [unit] = await submitted(task('unit'), task('bench', { after: ['unit'] }));
    expect((await here('runs')).stdout).toMatch(/^ID .*\n[0-9a-z]{10} {2}running {2}nightly .* 1 blocked, 1 queued\n$/);
    expect((await here('tasks')).stdout).toMatch(/blocked +bench +nightly .*Waits for “unit”\.\n.*queued +unit /);
    const queued = JSON.parse((await here('tasks', '--state', 'queued', '--search', 'UNI', '--json')).stdout);
    expect(queued).toMatchObject({ tasks: [{ taskId: unit, name: 'unit' }], nextBefore: null });
    expect((await here('tasks', '--limit', '1')).stdout).toMatch(
      / bench .*\nThere are older ones: --limit 10 shows more\.\n$/,
    );
  });

  it('cancel a run', async () => {
    await submitted(task('unit'), task('bench'));
    const [run] = JSON.parse((await here('runs', '--json')).stdout);
    const cancelled = await here('runs', 'cancel', run.runId.slice(0, 6));
    expect(cancelled).toMatchObject({ code: 0, stdout: '“nightly” is cancelled: 2 cancelled.\n' });
  });
});

describe('labwatch task', () => {
  it('shows one, and says of another that it is not there', async () => {
    const [unit = ''] = await submitted(task('unit'));
    expect((await here('task', 'show', unit)).stdout).toMatch(/^Task +unit\nState +queued: .*\n/);
    expect(JSON.parse((await here('task', 'show', unit, '--json')).stdout)).toMatchObject({ task: { taskId: unit } });
    expect(await here('task', 'show', 'zzzzzz')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^labwatch: There is no task .*\n$/),
    });
  });

  it('cancels one and tries it once more', async () => {
    const [unit = ''] = await submitted(task('unit'));
    expect((await here('task', 'cancel', unit)).stdout).toBe('“unit” is cancelled.\n');
    expect((await here('task', 'retry', unit)).stdout).toBe('“unit” is tried once more.\n');
    expect(await here('task', 'unpark', unit)).toMatchObject({ code: expect.not.toSatisfy((code) => code === 0) });
  });

  it('prints what it wrote, bytes as they are', async () => {
    instance.desk.link();
    const [unit = ''] = await submitted(task('unit', { command: ['exit', '0', 'a\u001b[31mb\r\n\u0007'] }));
    await instance.runUntil(() => instance.desk.service().summary().counts.succeeded === 1);
    expect(await here('task', 'output', unit)).toMatchObject({ code: 0, stdout: 'a\u001b[31mb\r\n\u0007' });
  });

  it('follows what it writes from before it begins until it has ended', async () => {
    const [unit = ''] = await submitted(task('unit'));
    const running = start('task', 'output', unit, '-f');
    instance.desk.link();
    await instance.runUntil(() => instance.desk.service().summary().counts.succeeded === 1);
    expect(await running.exited).toMatchObject({ code: 0, stdout: 'output of unit', stderr: '' });
  });

  it('says of one that never began that it wrote nothing', async () => {
    const [unit = ''] = await submitted(task('unit'));
    expect(await here('task', 'output', unit)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has not begun'),
    });
    await here('task', 'cancel', unit);
    expect(await here('task', 'output', unit, '--follow')).toMatchObject({
      code: 1,
      stderr: 'labwatch: “unit” ended without beginning: it wrote nothing.\n',
    });
  });
});

describe('labwatch task explain', () => {
  it('shows every worker that was compared with its sub-scores, and says what kept out the rest', async () => {
    instance.desk.link();
    const [id] = await submitted(task('unit'));
    await instance.runUntil(() => instance.desk.service().summary().counts.succeeded === 1);
    const { code, stdout } = await here('task', 'explain', id!);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Attempt 1, placed \d{4}-.*\nrig is the only worker that could take it: 2 of 2 cores/);
    expect(stdout).toMatch(/^worker +score +headroom +fit +speed +reliability +affinity +cost +power$/m);
    expect(stdout).toMatch(/^weight \(balanced\) +3 +2 +3 +3 +2 +1 +1$/m);
    expect(stdout).toMatch(/^rig +\S+.%.* – /m);
    expect(stdout).toContain('Not counted, as nothing is known of it or it weighs nothing: speed,');
    const json = JSON.parse((await here('task', 'explain', id!, '--json')).stdout);
    expect(json).toMatchObject({ taskId: id, waitsFor: null, placements: [{ explanation: { profile: 'balanced' } }] });
  });

  it('says what a task waits for that was never placed', async () => {
    const [id] = await submitted(task('large', { needs: { cores: 64 } }));
    const { code, stdout } = await here('task', 'explain', id!);
    expect([code, stdout]).toEqual([
      0,
      '“large” waits. No worker is large enough: 64 cores are asked for, at most 2 are there.\n',
    ]);
  });
});
