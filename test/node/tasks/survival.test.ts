/** Whatever is killed in the middle of it (agent, nursery, both, a supervisor), a new host tells what became of each attempt. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AttemptOrder, AttemptReport } from '../../../src/core/tasks/attempt.ts';
import { childrenOf, readOrNull } from '../../../src/node/tasks/process-facts.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { anOrder, isAlive, openWorkbench, processesOf, shell } from './workbench.ts';

interface HostProcess {
  readonly nursery: number;
  start(order: AttemptOrder): void;
  reached(order: AttemptOrder, state: AttemptReport['state']): Promise<void>;
  kill(): Promise<void>;
}

async function startHost(folder: string): Promise<HostProcess> {
  const program = join(import.meta.dirname, 'host-process.ts');
  const child: ChildProcess = spawn(process.execPath, [program, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const reports: AttemptReport[] = [];
  let nursery = 0;
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const told = JSON.parse(line) as AttemptReport & { nursery?: number };
    if (told.nursery === undefined) reports.push(told);
    else nursery = told.nursery;
  });
  await expect.poll(() => nursery).toBeGreaterThan(0);
  return {
    nursery,
    start: (order) => void child.stdin?.write(`${JSON.stringify(order)}\n`),
    reached: async ({ attemptId }, state) => {
      await expect
        .poll(() => reports.some((one) => one.attemptId === attemptId && one.state === state), { interval: 5 })
        .toBe(true);
    },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Writes a line to `ledger` when it begins and when it ends; goes on until `go` is there. */
function patient(folder: string): Pick<AttemptOrder, 'command'> {
  return {
    command: shell(
      `echo begin >> ${folder}/ledger; echo working; until [ -e ${folder}/go ]; do sleep 0.02; done; echo end >> ${folder}/ledger; exit 3`,
    ),
  };
}

/** What its supervisor wrote below the order: how it began, how it ended. */
function toldOf(folder: string, { attemptId }: AttemptOrder): readonly string[] {
  return readFileSync(join(folder, 'attempts', attemptId, 'order.json'), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
}

function supervisorOf(folder: string, order: AttemptOrder): number {
  return JSON.parse(toldOf(folder, order)[0] ?? '').pid;
}

const kill = (pid: number) => process.kill(pid, 'SIGKILL');

describe('an attempt', () => {
  test.each(['the agent', 'the agent and its nursery', 'the nursery and its agent'])(
    'goes on when %s is killed, and the next agent tells its end',
    async (victims) => {
      const [folder, work] = [tempFolder(), tempFolder()];
      const agent = await startHost(folder);
      const order = anOrder(patient(work));
      agent.start(order);
      await agent.reached(order, 'running');
      if (victims === 'the nursery and its agent') kill(agent.nursery);
      await agent.kill();
      if (victims === 'the agent and its nursery' && isAlive(agent.nursery)) kill(agent.nursery);

      const bench = await openWorkbench({}, folder);
      expect(bench.host.attempts()).toMatchObject([{ attemptId: order.attemptId, state: 'running', version: 2 }]);
      writeFileSync(join(work, 'go'), '');
      const { end, usage } = await bench.ended(order.attemptId);
      expect(end).toMatchObject({ how: 'exited', exitCode: 3 });
      expect(usage?.cpuSeconds).toBeGreaterThan(0);
      expect(readFileSync(join(work, 'ledger'), 'utf8')).toBe('begin\nend\n');
      expect((await bench.output(order.attemptId)).toString()).toBe('working\n');
    },
  );

  test('that ended while no agent was there is told as it ended', async () => {
    const [folder, work] = [tempFolder(), tempFolder()];
    const agent = await startHost(folder);
    const order = anOrder({ ...patient(work), fetch: ['*'] });
    agent.start(order);
    await agent.reached(order, 'running');
    await agent.kill();
    writeFileSync(join(work, 'go'), '');
    await expect.poll(() => toldOf(folder, order).length).toBe(2);
    const bench = await openWorkbench({}, folder);
    expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'exited', exitCode: 3 });
    const again = await openWorkbench({}, folder);
    expect(again.host.attempts()).toMatchObject([{ attemptId: order.attemptId, state: 'ended', end: { exitCode: 3 } }]);
  });

  test('keeps its time limit when agent and nursery are dead', async () => {
    const folder = tempFolder();
    const agent = await startHost(folder);
    const order = anOrder({
      command: shell('trap "" TERM; while :; do sleep 0.1; done'),
      timeoutMs: 700,
      graceMs: 100,
    });
    agent.start(order);
    await agent.reached(order, 'running');
    await agent.kill();
    await expect.poll(() => toldOf(folder, order).length).toBe(2);
    expect(processesOf(order.attemptId)).toEqual([]);
    const bench = await openWorkbench({}, folder);
    expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'timed-out', signal: 'SIGKILL' });
  });

  test('can be cancelled by the next agent', async () => {
    const folder = tempFolder();
    const agent = await startHost(folder);
    const order = anOrder({ command: ['sleep', '60'] });
    agent.start(order);
    await agent.reached(order, 'running');
    await agent.kill();
    const bench = await openWorkbench({}, folder);
    bench.host.cancel(order.attemptId);
    expect((await bench.ended(order.attemptId)).end?.how).toBe('cancelled');
  });

  test('that was accepted and had not begun is begun by the next agent', async () => {
    const [folder, work] = [tempFolder(), tempFolder()];
    const order = anOrder({ command: shell(`echo ran >> ${work}/ledger`) });
    const place = join(folder, 'attempts', order.attemptId);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'order.json'), JSON.stringify(order));
    const bench = await openWorkbench({}, folder);
    expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'exited', exitCode: 0 });
    expect(readFileSync(join(work, 'ledger'), 'utf8')).toBe('ran\n');
  });

  test('whose supervisor died in the middle of its first words is begun by another', async () => {
    const folder = tempFolder();
    const order = anOrder({ command: shell('exit 5') });
    const place = join(folder, 'attempts', order.attemptId);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'order.json'), `${JSON.stringify(order)}\n{"pid":4194303,"startTi`);
    const bench = await openWorkbench({}, folder);
    expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'exited', exitCode: 5 });
    expect(toldOf(folder, order)).toHaveLength(2);
  });

  test('too short for a reading is told by the next agent as it was told before', async () => {
    const folder = tempFolder();
    const bench = await openWorkbench({}, folder);
    const told = await bench.run({ command: ['/bin/echo', 'x'] });
    await bench.host.dispose();
    const again = await openWorkbench({}, folder);
    expect(await again.ended(told.attemptId)).toEqual(told);
  });

  test('whose order was cut off in the middle of its writing was never accepted', async () => {
    const folder = tempFolder();
    const order = anOrder();
    const place = join(folder, 'attempts', order.attemptId);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'order.json'), JSON.stringify(order).slice(0, 40));
    const bench = await openWorkbench({}, folder);
    expect(bench.host.attempts()).toEqual([]);
    expect(readdirSync(join(folder, 'attempts'))).toEqual([]);
  });

  test('of many, killed with their agent at any moment, begins once and ends once', async () => {
    const [folder, work] = [tempFolder(), tempFolder()];
    const orders = Array.from({ length: 24 }, (_, n) =>
      anOrder({ command: shell(`echo begin >> ${work}/${n}; sleep 0.0$((${n} % 5)); echo end >> ${work}/${n}`) }),
    );
    let next = 0;
    for (let round = 0; round < 4; round += 1) {
      const agent = await startHost(folder);
      const batch = orders.slice(next, next + 6);
      next += 6;
      for (const order of batch) agent.start(order);
      await agent.reached(batch[round]!, 'accepted');
      if (round % 2 === 1) kill(agent.nursery);
      await agent.kill();
    }
    const bench = await openWorkbench({}, folder);
    for (const [n, order] of orders.entries()) {
      // What the agent had not taken when it was killed comes again from its coordinator.
      await bench.host.start(order);
      expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'exited', exitCode: 0 });
      expect(readFileSync(join(work, String(n)), 'utf8')).toBe('begin\nend\n');
    }
  });

  test('whose supervisor is killed has vanished, and nothing of it is left, whatever it hides behind', async () => {
    const [folder, work] = [tempFolder(), tempFolder()];
    const bench = await openWorkbench({}, folder);
    const hidden = `setsid env -i sh -c 'echo $$ > ${work}/hidden; exec sleep 60' < /dev/null > /dev/null 2>&1 &`;
    const order = anOrder({ command: shell(`${hidden} sleep 60 & echo said; wait`) });
    await bench.host.start(order);
    await bench.running(order.attemptId);
    await expect.poll(() => existsSync(join(work, 'hidden')) && processesOf(order.attemptId).length).toBe(2);
    await expect.poll(async () => (await bench.output(order.attemptId)).toString()).toBe('said\n');
    kill(supervisorOf(folder, order));
    const { end } = await bench.ended(order.attemptId);
    expect(end).toMatchObject({ how: 'vanished', exitCode: null, outputBytes: 5, orphansEnded: expect.any(Number) });
    expect(processesOf(order.attemptId)).toEqual([]);
    expect(isAlive(Number(readFileSync(join(work, 'hidden'), 'utf8')))).toBe(false);
  });

  test('whose output cannot be read is not told as one that wrote nothing: its end waits', async () => {
    const folder = tempFolder();
    const bench = await openWorkbench({}, folder);
    const order = anOrder({ command: shell('echo said; exec sleep 60') });
    await bench.host.start(order);
    await expect.poll(async () => (await bench.output(order.attemptId)).length).toBe(5);
    const output = join(folder, 'attempts', order.attemptId, 'output.0000000000000000');
    renameSync(output, `${output}.aside`);
    symlinkSync(output, output);
    const told = bench.pulses.length;
    kill(supervisorOf(folder, order));
    await expect.poll(() => bench.warnings).toContain('The output of an attempt cannot be read now.');
    expect(bench.host.attempts()).toMatchObject([{ state: 'running' }]);
    renameSync(`${output}.aside`, output);
    expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'vanished', outputBytes: 5 });
    expect(bench.pulses.slice(told).map(({ outputBytes }) => outputBytes)).not.toContain(0);
  });

  test('whose supervisor was killed while no agent was there has vanished with all it left', async () => {
    const folder = tempFolder();
    const agent = await startHost(folder);
    const order = anOrder({ command: shell('setsid sleep 60 & sleep 60') });
    agent.start(order);
    await agent.reached(order, 'running');
    await expect.poll(() => processesOf(order.attemptId).length).toBe(3);
    await agent.kill();
    kill(supervisorOf(folder, order));
    const bench = await openWorkbench({}, folder);
    expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'vanished' });
    expect(processesOf(order.attemptId)).toEqual([]);
  });

  test('whose supervisor’s number belongs to another process by now has vanished, and that process is left alone', async () => {
    const folder = tempFolder();
    const bystander = spawn('sleep', ['60']);
    onTestFinished(() => void bystander.kill('SIGKILL'));
    const order = anOrder();
    const place = join(folder, 'attempts', order.attemptId);
    mkdirSync(place, { recursive: true });
    const start = { pid: bystander.pid, startTicks: '1', bootId: null, startedAtMs: 1, basis: 'subreaper' };
    writeFileSync(join(place, 'order.json'), `${JSON.stringify(order)}\n${JSON.stringify(start)}\n`);
    const bench = await openWorkbench({}, folder);
    bench.host.cancel(order.attemptId);
    expect((await bench.ended(order.attemptId)).end?.how).toBe('vanished');
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
  });
});

test('a nursery that is killed is replaced, what it did not come to is begun, and what runs goes on', async () => {
  const [folder, work] = [tempFolder(), tempFolder()];
  const bench = await openWorkbench({}, folder);
  const isNursery = (pid: number) => readOrNull(`/proc/${pid}/cmdline`)?.startsWith('labwatch-nursery') === true;
  const nurseries = childrenOf(process.pid).filter(isNursery);
  expect(nurseries).toHaveLength(1);
  const running = anOrder(patient(work));
  await bench.host.start(running);
  await bench.running(running.attemptId);
  for (const pid of nurseries) kill(pid);
  const late = await bench.run({ command: shell('exit 4') });
  expect(late.end).toMatchObject({ how: 'exited', exitCode: 4 });
  writeFileSync(join(work, 'go'), '');
  expect((await bench.ended(running.attemptId)).end).toMatchObject({ how: 'exited', exitCode: 3 });
});
