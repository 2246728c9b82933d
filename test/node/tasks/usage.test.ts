/** What attempts are said to have used, beside what other readers say of the same work. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AttemptEnd, AttemptUsage } from '../../../src/core/tasks/attempt.ts';
import { systemClock } from '../../../src/node/system-clock.ts';
import { systemTimers } from '../../../src/node/system-timers.ts';
import { createMemoryReader } from '../../../src/node/tasks/memory-reader.ts';
import { createMeter } from '../../../src/node/tasks/meter.ts';
import { openNursery } from '../../../src/node/tasks/nursery.ts';
import { programPath } from '../../../src/node/tasks/program.ts';
import type { EndFacts, StartFacts } from '../../../src/node/tasks/supervisor-facts.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { anOrder, openWorkbench, shell } from './workbench.ts';

const MEGABYTE = 1e6;
const GNU_TIME = '/usr/bin/time';
/** CPU for about so many milliseconds, without a child. */
const burn = (ms: number) => `perl -e '1 while (times)[0] + (times)[1] < ${ms / 1_000}'`;

interface Ended {
  readonly usage: AttemptUsage;
  readonly end: Pick<AttemptEnd, 'exitCode' | 'orphansEnded'>;
}

type Run = (command: readonly string[], cwd: string) => Promise<Ended>;

/** By the best means that this machine has: a control group where the tests may make one. */
const asHere: Run = async (command, cwd) => {
  const bench = await openWorkbench();
  const { end, usage } = await bench.run({ command, cwd, env: { PATH: process.env.PATH ?? '' } });
  return { end: end!, usage: usage! };
};

/** Without a control group, as on most machines where the agent is not root. */
const withoutGroup: Run = async (command, cwd) => {
  const { attemptId } = anOrder();
  let facts: StartFacts | undefined;
  let end: EndFacts | undefined;
  const opened = await openNursery({
    asUser: null,
    log: { info() {}, warn() {}, error() {} },
    timers: systemTimers,
    onStart: (_, told) => {
      facts = told;
    },
    onEnd: (_, told) => {
      end = told;
    },
    onRestart() {},
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const env = { PATH: process.env.PATH ?? '' };
  const program = await programPath(command[0] ?? '', env.PATH);
  const limits = { stdinFile: null, timeoutMs: null, graceMs: 1_000, outputLimitBytes: 1_000, group: null };
  opened.value.launch({ attemptId, folder: tempFolder(), cwd, program, command, env, ...limits });
  await expect.poll(() => end, { interval: 5 }).toBeDefined();
  await opened.value.dispose();
  expect(facts?.basis).toBe('subreaper');
  const meter = createMeter({
    start: facts!,
    clock: systemClock,
    memory: createMemoryReader(systemClock),
    gpu: () => ({ utilization: null, memoryBytes: null }),
  });
  return { end: end!, usage: meter.end(end!) };
};

describe.each([
  ['here', asHere],
  ['without a control group', withoutGroup],
])('%s, CPU time', (_, run) => {
  test.skipIf(!existsSync(GNU_TIME))(
    'is what GNU time says, within 5 %, for a second of work in several processes',
    async () => {
      const folder = tempFolder();
      const work = `${burn(500)} & ${burn(400)}; ${burn(300)}; wait`;
      const { usage } = await run([GNU_TIME, '-f', '%U %S', '-o', 'told', 'sh', '-c', work], folder);
      const told = sum(readFileSync(join(folder, 'told'), 'utf8').trim().split(' ').map(Number));
      expect(told).toBeGreaterThan(1);
      expect(usage.cpuSeconds! / told).toBeGreaterThan(0.95);
      expect(usage.cpuSeconds! / told).toBeLessThan(1.05);
    },
  );

  test.skipIf(!existsSync(GNU_TIME))(
    'has that of daemons that outlived their parent, which GNU time has not',
    async () => {
      const folder = tempFolder();
      const daemon = `setsid sh -c '${burn(400).replaceAll("'", '"')}; : > done; exec sleep 60' < /dev/null > /dev/null 2>&1 &`;
      const work = `${daemon} until [ -e done ]; do sleep 0.02; done`;
      const { usage, end } = await run(
        [GNU_TIME, '-f', '%U %S', '-o', 'told', 'sh', '-c', `(${daemon}); ${work.slice(daemon.length)}`],
        folder,
      );
      const told = sum(readFileSync(join(folder, 'told'), 'utf8').trim().split(' ').map(Number));
      expect(end).toMatchObject({ exitCode: 0, orphansEnded: 1 });
      expect(told).toBeLessThan(0.3);
      expect(usage.cpuSeconds).toBeGreaterThan(0.38);
      expect(usage.cpuSeconds).toBeLessThan(0.45 + told);
    },
  );

  test('of a task of 50 ms is what it says itself, to a few milliseconds', async () => {
    const folder = tempFolder();
    const script = `const end = Date.now() + 10; while (Date.now() < end); const { user, system } = process.cpuUsage();
      require('fs').writeFileSync('told', String((user + system) / 1e6))`;
    const { usage } = await run([process.execPath, '-e', script], folder);
    const told = Number(readFileSync(join(folder, 'told'), 'utf8'));
    expect(usage.cpuSeconds).toBeGreaterThan(told);
    expect(usage.cpuSeconds! - told).toBeLessThan(0.03);
  });

  test('and memory of a task too short for a reading are told: the greatest process', async () => {
    const script = 'Buffer.alloc(150e6, 1)';
    const { usage } = await run([process.execPath, '-e', script], tempFolder());
    expect(usage.memoryPeakBytes).toBeGreaterThan(150 * MEGABYTE);
    expect(usage.memoryPeakBytes).toBeLessThan(350 * MEGABYTE);
  });

  test('beside bytes read and written are what the kernel counted for the command', async () => {
    const folder = tempFolder();
    const work =
      'dd if=/dev/zero of=data bs=64k count=50 conv=fsync 2> /dev/null; cp data copy; cat /proc/$$/io > told';
    const { usage } = await run(['/bin/sh', '-c', work], folder);
    const told = readFileSync(join(folder, 'told'), 'utf8');
    const count = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(told)?.[1]);
    // The file of the count itself is written after the count.
    expect(usage.diskWriteBytes! - count('write_bytes')).toBeLessThanOrEqual(8_192);
    expect(usage.diskWriteBytes).toBeGreaterThanOrEqual(count('write_bytes'));
    expect(usage.diskReadBytes).toBeGreaterThanOrEqual(count('read_bytes'));
  });
});

describe('while attempts run', () => {
  test('each is told once a second by itself, however they overlap', async () => {
    const bench = await openWorkbench();
    const busy = anOrder({ command: shell(`exec ${burn(2_500)}`) });
    const idle = anOrder({ command: shell('sleep 60 & sleep 60') });
    for (const order of [busy, idle]) await bench.host.start(order);
    const pulsesOf = ({ attemptId }: typeof busy) => bench.pulses.filter((one) => one.attemptId === attemptId);
    await expect.poll(() => pulsesOf(busy).length >= 2 && pulsesOf(idle).length >= 2).toBe(true);
    const [ofBusy, ofIdle] = [pulsesOf(busy).at(-1)!, pulsesOf(idle).at(-1)!];
    expect(ofBusy.usage.cpuSeconds).toBeGreaterThan(0.3);
    expect(ofIdle.usage.cpuSeconds).toBeLessThan(0.2);
    expect(ofIdle.cores).toBeLessThan(0.1);
    expect([ofBusy.usage.processesPeak, ofIdle.usage.processesPeak]).toEqual([1, 3]);
    expect(ofIdle.memoryBytes).toBeGreaterThan(50_000);
    expect(ofIdle.memoryBytes).toBeLessThan(30 * MEGABYTE);
    expect(ofIdle).toMatchObject({ gpuMemoryBytes: null, usage: { networkSentBytes: null, energyJoules: null } });
    const { usage } = await bench.ended(busy.attemptId);
    expect(usage?.cpuSeconds).toBeGreaterThan(2.45);
    expect(usage?.cpuSeconds).toBeLessThan(2.65);
    expect(usage?.coresPeak).toBeLessThan(1.2);
  });

  test('memory is shared among those who share it: four processes over the same 100 MB are no 400 MB', async () => {
    const bench = await openWorkbench();
    const go = join(tempFolder(), 'go');
    const script = `my $held = "x" x 100_000_000; for (1 .. 3) { last unless fork } sleep 1 until -e "${go}"`;
    const order = anOrder({ command: ['perl', '-e', script] });
    await bench.host.start(order);
    await expect.poll(() => bench.pulses.at(-1)?.usage.processesPeak).toBe(4);
    await expect.poll(() => bench.pulses.at(-1)?.memoryBytes).toBeGreaterThan(100 * MEGABYTE);
    expect(bench.pulses.at(-1)?.memoryBytes).toBeLessThan(240 * MEGABYTE);
    writeFileSync(go, '');
    const { usage } = await bench.ended(order.attemptId);
    expect(usage?.memoryPeakBytes).toBeLessThan(240 * MEGABYTE);
    expect(usage?.memoryMeanBytes).toBeLessThanOrEqual(usage?.memoryPeakBytes ?? 0);
  });

  test('nothing is told while nothing runs', async () => {
    const bench = await openWorkbench();
    await bench.run({});
    const told = bench.pulses.length;
    await bench.run({ command: ['sleep', '1.5'] });
    expect(told).toBe(0);
    expect(bench.pulses.length).toBeGreaterThan(0);
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
