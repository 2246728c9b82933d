/** Tasks: how many empty ones a second, and how soon one starts; beside Dask and beside nothing but spawning, in the same run. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Figure } from '../../scripts/benching/figure.ts';
import { median } from '../../scripts/benching/figure.ts';
import type { ControlClient } from '../../src/node/control-socket-client.ts';
import { projectFolder } from '../support/source.ts';
import { end, inFolder, invite, pass, startHeadless } from './headless-process.ts';

const WORKERS = 2;
const SLOTS = 2;
const TASKS = 1_000;
const SINGLE_TASKS = 200;

export async function bench(): Promise<readonly Figure[]> {
  const own = await inFolder(measureOurs);
  const ceiling = await spawnCeiling();
  const dask = measureDask();
  return [
    {
      name: `tasks: /bin/true on ${WORKERS} workers × ${SLOTS} slots, results stored`,
      value: own.tasksPerSecond,
      unit: 'tasks/s',
      isFloor: true,
      ...(dask === null
        ? {}
        : { bar: dask.tasksPerSecond, peers: { Dask: dask.tasksPerSecond, 'spawning alone': ceiling } }),
    },
    {
      name: 'tasks: the same, of the raw spawn ceiling',
      value: (100 * own.tasksPerSecond) / ceiling,
      unit: '%',
      bar: 60,
      isFloor: true,
    },
    {
      name: 'tasks: submit to started, p50',
      value: median(own.delaysMs),
      unit: 'ms',
      bar: 8,
      ...(dask === null ? {} : { peers: { 'Dask, to result': dask.p50Ms } }),
    },
    {
      name: 'tasks: submit to started, p99',
      value: own.delaysMs[Math.ceil(own.delaysMs.length * 0.99) - 1] ?? Number.NaN,
      unit: 'ms',
      bar: 25,
      ...(dask === null ? {} : { peers: { 'Dask, to result': dask.p99Ms } }),
    },
  ];
}

async function measureOurs(folder: string) {
  const { child, control } = await startHeadless(folder);
  // Both workers and the bench are this one machine.
  await control.call('settings.set', { key: 'scheduling.heedsOtherLoad', value: false });
  const agents: ChildProcess[] = [];
  try {
    for (let worker = 0; worker < WORKERS; worker += 1) agents.push(await startWorker(folder, control, worker));
    await runPlan(control, 40);
    const startedAtMs = performance.now();
    await runPlan(control, TASKS);
    const tasksPerSecond = TASKS / ((performance.now() - startedAtMs) / 1_000);
    return { tasksPerSecond, delaysMs: await delaysOfSingleTasks(control) };
  } finally {
    for (const agent of agents) await end(agent);
    control.dispose();
    await end(child);
  }
}

async function startWorker(folder: string, control: ControlClient, number: number): Promise<ChildProcess> {
  const agentFile = join(projectFolder, 'out', 'agent', 'labwatch-agent.mjs');
  const words = ['join', await invite(control), '--name', `w${number}`, '--run-tasks', '--max-parallel', String(SLOTS)];
  const agent = spawn(process.execPath, [agentFile, ...words, '--home', join(folder, `agent-${number}`)], {
    stdio: 'ignore',
  });
  for (;;) {
    const status = await control.call('status', {});
    if (
      status.ok &&
      status.value.workers.some(({ name, capabilities }) => name === `w${number}` && capabilities.length > 0)
    )
      return agent;
    await pass(50);
  }
}

/** Bound to the remote workers, so that the machine of the coordinator itself takes none. */
function plan(count: number): string {
  const tasks = Array.from({ length: count }, (_, number) => ({
    name: `t${number}`,
    command: ['/bin/true'],
    needs: { cores: 0.1, labels: { bench: 'yes' } },
  }));
  return JSON.stringify({ name: 'bench', tasks });
}

/** Until every result is stored. */
async function runPlan(control: ControlClient, count: number): Promise<string> {
  for (const worker of ['w0', 'w1']) {
    await control.call('workers.label', { worker, changes: [{ key: 'bench', value: 'yes' }] });
  }
  const submitted = await control.call('tasks.submit', { plan: plan(count), folder: null });
  if (!submitted.ok) throw new Error(submitted.error.message);
  const { runId } = submitted.value;
  for (;;) {
    const run = await control.call('run.show', { run: runId });
    if (!run.ok) throw new Error(run.error.message);
    if (run.value.endedAtMs !== null) {
      if (run.value.counts.succeeded !== count)
        throw new Error(`only ${run.value.counts.succeeded} of ${count} succeeded`);
      return runId;
    }
    await pass(5);
  }
}

/** From the receipt of a submission to the start of its command, one after the other on an idle fleet; sorted, ms. */
async function delaysOfSingleTasks(control: ControlClient): Promise<readonly number[]> {
  const delays: number[] = [];
  for (let number = 0; number < SINGLE_TASKS; number += 1) {
    const runId = await runPlan(control, 1);
    const found = await control.call('tasks.find', { query: { runId: runId as never, limit: 1 } });
    const task = found.ok ? found.value.tasks[0] : undefined;
    if (task?.startedAtMs == null) throw new Error('a task that ended has no start');
    delays.push(task.startedAtMs - task.submittedAtMs);
    await pass(20);
  }
  return delays.toSorted((a, b) => a - b);
}

/** As many processes as workers, each with as many at once as slots. */
async function spawnCeiling(): Promise<number> {
  const program = join(import.meta.dirname, 'tasks', 'spawn-loop.ts');
  const each = TASKS / WORKERS;
  const lanes = Array.from({ length: WORKERS }, async () => {
    const child = spawn(process.execPath, [program, String(each), String(SLOTS)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const chunk of child.stdout) text += String(chunk);
    return Number(text);
  });
  return TASKS / (Math.max(...(await Promise.all(lanes))) / 1_000);
}

/** Null where Dask is not installed (`apt-get install python3-distributed`). */
function measureDask() {
  const program = join(import.meta.dirname, 'tasks', 'dask-tasks.py');
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import dask.distributed'], { stdio: 'ignore' });
  } catch {
    return null;
  }
  const text = execFileSync('/usr/bin/python3', [program, String(TASKS)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  const [many, single] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>);
  return {
    tasksPerSecond: many?.tasksPerSecond ?? Number.NaN,
    p50Ms: single?.p50Ms ?? Number.NaN,
    p99Ms: single?.p99Ms ?? Number.NaN,
  };
}
