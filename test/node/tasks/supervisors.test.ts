/** Supervisors that take one attempt after another: each attempt is on its own all the same. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/node/system-clock.ts';
import { systemTimers } from '../../../src/node/system-timers.ts';
import { createMemoryReader } from '../../../src/node/tasks/memory-reader.ts';
import { createMeter } from '../../../src/node/tasks/meter.ts';
import { type Nursery, openNursery } from '../../../src/node/tasks/nursery.ts';
import type { EndFacts, StartFacts } from '../../../src/node/tasks/supervisor-facts.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { anOrder, isAlive, openWorkbench, shell, type Workbench } from './workbench.ts';

const MEGABYTE = 1e6;
const env = { PATH: process.env.PATH ?? '' };

/** Runs until its folder has a file `on`. */
const PATIENT = 'echo here; until [ -e on ]; do sleep 0.02; done; echo on';

/** Burns half a second, writes to the disk, holds 60 MB. */
const GREEDY = `perl -e '$x = "x" x 60000000; 1 while (times)[0] + (times)[1] < 0.5' && dd if=/dev/zero of=big bs=1M count=8 conv=fsync 2>&1`;

/** A nursery without control groups, and what its supervisors tell. */
async function aNursery() {
  const starts = new Map<string, StartFacts>();
  const ends = new Map<string, EndFacts>();
  const opened = await openNursery({
    asUser: null,
    log: { info() {}, warn() {}, error() {} },
    timers: systemTimers,
    onStart: (attemptId, facts) => void starts.set(attemptId, facts),
    onEnd: (attemptId, facts) => void ends.set(attemptId, facts),
    onRestart() {},
  });
  if (!opened.ok) throw new Error(opened.error.message);
  onTestFinished(() => opened.value.dispose());
  const isTold = async (facts: ReadonlyMap<string, unknown>, { attemptId }: Launched) => {
    await expect.poll(() => facts.has(attemptId), { interval: 5 }).toBe(true);
  };
  return {
    nursery: opened.value,
    async running(script: string) {
      const launched = launch(opened.value, script);
      await isTold(starts, launched);
      const end = async () => {
        writeFileSync(join(launched.folder, 'on'), '');
        await isTold(ends, launched);
      };
      return { start: starts.get(launched.attemptId)!, end };
    },
    async ended(script: string) {
      const launched = launch(opened.value, script);
      await isTold(ends, launched);
      return { start: starts.get(launched.attemptId)!, end: ends.get(launched.attemptId)! };
    },
  };
}

type Launched = ReturnType<typeof launch>;

function launch(nursery: Nursery, script: string) {
  const { attemptId } = anOrder();
  const folder = tempFolder();
  const limits = { stdinFile: null, timeoutMs: null, graceMs: 1_000, outputLimitBytes: 1_000, group: null };
  nursery.launch({ attemptId, folder, cwd: folder, program: '/bin/sh', command: shell(script), env, ...limits });
  return { attemptId, folder };
}

function supervisorOf({ folder }: Workbench, attemptId: string): number {
  const [, start = ''] = readFileSync(join(folder, 'attempts', attemptId, 'order.json'), 'utf8').split('\n');
  return (JSON.parse(start) as StartFacts).pid;
}

describe('a supervisor that is free takes the next attempt', () => {
  test('and tells of it what it used, without what the one before it did', async () => {
    const bench = await openWorkbench();
    const first = await bench.run({ command: shell(GREEDY), env });
    const second = await bench.run({ command: shell('true'), env });
    expect(supervisorOf(bench, second.attemptId)).toBe(supervisorOf(bench, first.attemptId));
    expect(first.usage?.cpuSeconds).toBeGreaterThan(0.5);
    expect(first.usage?.diskWriteBytes).toBeGreaterThanOrEqual(8 * 2 ** 20);
    expect(second.usage?.cpuSeconds).toBeLessThan(0.2);
    expect(second.usage?.diskWriteBytes).toBeLessThan(MEGABYTE);
    expect(second.usage?.memoryPeakBytes ?? 0).toBeLessThan(30 * MEGABYTE);
  });

  test('also where there is no control group, at the end and while it runs', async () => {
    const { ended, running } = await aNursery();
    const first = await ended(GREEDY);
    const second = await ended('true');
    const third = await running(PATIENT);
    expect([second.start.pid, third.start.pid]).toEqual([first.start.pid, first.start.pid]);
    expect(first.end.cpuMicros).toBeGreaterThan(500_000);
    expect(second.end.cpuMicros).toBeLessThan(200_000);
    expect(second.end.diskWriteBytes).toBeLessThan(MEGABYTE);
    expect(second.end.memoryPeakBytes ?? 0).toBeLessThan(30 * MEGABYTE);
    const gpu = () => ({ utilization: null, memoryBytes: null });
    const meter = createMeter({ start: third.start, clock: systemClock, memory: createMemoryReader(systemClock), gpu });
    await meter.read();
    const { usage } = meter.now();
    expect(usage.cpuSeconds).toBeLessThan(0.2);
    expect(usage.diskWriteBytes).toBeLessThan(MEGABYTE);
    await third.end();
  });

  test('and leaves it alone where the end of the one before it was asked for, a moment too late', async () => {
    const bench = await openWorkbench();
    const before = await bench.run({ command: shell('true'), env });
    const order = anOrder({ command: shell(PATIENT), env });
    await bench.host.start(order);
    await bench.running(order.attemptId);
    const pid = supervisorOf(bench, order.attemptId);
    expect(pid).toBe(supervisorOf(bench, before.attemptId));
    process.kill(pid, 'SIGTERM');
    await expect.poll(async () => String(await bench.output(order.attemptId))).toBe('here\n');
    writeFileSync(join(bench.folder, 'attempts', order.attemptId, 'scratch', 'on'), '');
    expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'exited', exitCode: 0 });
    expect(String(await bench.output(order.attemptId))).toBe('here\non\n');
  });

  test('and another one where it is gone', async () => {
    const bench = await openWorkbench();
    const first = await bench.run({ command: shell('true'), env });
    const pid = supervisorOf(bench, first.attemptId);
    // Stopped, so that it gets its next order and ends before it sees it.
    process.kill(pid, 'SIGSTOP');
    const next = anOrder({ env });
    await bench.host.start(next);
    process.kill(pid, 'SIGKILL');
    expect((await bench.ended(next.attemptId)).end).toMatchObject({ how: 'exited', exitCode: 0 });
    expect(supervisorOf(bench, next.attemptId)).not.toBe(pid);
  });

  test('few wait for more, and none once the nursery is gone', async () => {
    const { nursery, ended } = await aNursery();
    const all = await Promise.all(Array.from({ length: 8 }, () => ended('sleep 0.2')));
    const pids = new Set(all.map(({ start }) => start.pid));
    expect(pids.size).toBeGreaterThan(4);
    const living = () => [...pids].filter(isAlive).length;
    await expect.poll(living).toBeLessThanOrEqual(4);
    await nursery.dispose();
    await expect.poll(living).toBe(0);
  });
});
