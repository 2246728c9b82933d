/** What machines measure, through the one door for samples, and where tasks go then. */
import { expect, test } from 'vitest';
import { completeInventory } from '../../../src/core/fleet/inventory.ts';
import { type WorkerId, workerId } from '../../../src/core/fleet/worker.ts';
import { seriesKey } from '../../../src/core/metrics/series.ts';
import { createMonitor } from '../../../src/engine/monitor.ts';
import { watchReadings } from '../../../src/engine/reading-watch.ts';
import { GIB } from '../../support/tasks.ts';
import { type TaskDesk, task, taskDesk, unwrap } from './task-desk.ts';

const SERIES = [
  seriesKey('system.cpu.utilization'),
  seriesKey('system.memory.usage', { 'system.memory.state': 'used' }),
];

/** Workers of eight cores and 16 GiB whose readings come as they do from agents. */
async function readLab(names: readonly string[]) {
  const desk = await taskDesk(Object.fromEntries(names.map((name) => [name, 8])));
  const workers = names.map((name) => {
    return { workerId: workerId(name), name, isLocal: true, admission: 'open' as const, remote: null };
  });
  const store = { append: () => undefined };
  const monitor = createMonitor({ workers, level: 'standard', store, clock: desk.clock, timers: desk.timers });
  watchReadings(monitor, { read: (id, reading) => desk.service().door.read(id, reading) });
  for (const name of names) {
    desk.link(name);
    monitor.ingest(workerId(name), { inventory: eightCores });
  }
  await desk.settle();

  return {
    desk,
    /** Each machine's CPU and memory in use, both 0..1, a reading a second for so long. */
    read(seconds: number, used: Readonly<Record<string, readonly [cpu: number, memory: number]>>) {
      for (let second = 0; second < seconds; second += 1) {
        desk.advance(1_000);
        for (const [name, [cpu, memory]] of Object.entries(used)) {
          const values = Float64Array.of(cpu, memory * 16 * GIB);
          monitor.ingest(workerId(name), { ticks: [{ atMs: desk.clock.nowMs(), seriesKeys: SERIES, values }] });
        }
      }
    },
  };
}

const eightCores = completeInventory({
  atMs: 0,
  hostName: 'rig',
  os: { platform: 'linux', distribution: '', release: '', kernel: '', arch: '' },
  machine: { manufacturer: null, model: null, isVirtual: null },
  cpu: { model: '', physicalCores: null, logicalCores: 8, maxFrequencyHz: null },
  memoryBytes: 16 * GIB,
  swapBytes: null,
  gpus: [],
  disks: [],
  nics: [],
});

function running(desk: TaskDesk, name: string): number {
  return desk.agent(name).held().length;
}

async function submit(desk: TaskDesk, count: number, more: object = {}): Promise<readonly WorkerId[]> {
  const { runId } = await desk.submit(Array.from({ length: count }, (_, index) => task(`t${index}`, more)));
  await desk.settle();
  const { tasks } = unwrap(await desk.service().find({ runId, limit: count }));
  return tasks.flatMap(({ workerId: id }) => (id === null ? [] : [id]));
}

test('a machine that something else keeps busy gets fewer tasks, by its own readings and not another one’s', async () => {
  const { desk, read } = await readLab(['busy', 'idle']);
  read(20, { busy: [0.75, 0.2], idle: [0.02, 0.2] });
  await submit(desk, 16);
  await desk.until(() => running(desk, 'busy') + running(desk, 'idle') === 10);
  expect([running(desk, 'busy'), running(desk, 'idle')]).toEqual([2, 8]);
});

test('a worker at its limit takes nothing until it was below 85 % for ten seconds, and waiting tasks go there then', async () => {
  const { desk, read } = await readLab(['rig']);
  read(3, { rig: [0.1, 0.97] });
  expect(await submit(desk, 1)).toEqual([]);
  const waits = async () => unwrap(await desk.service().find({ states: ['queued'], limit: 1 })).tasks[0]?.waitsFor;
  expect(await waits()).toBe(
    'rig could take it and is at its limit: its memory was 95 % full, and must be below 85 % for 10 s.',
  );
  read(9, { rig: [0.1, 0.8] });
  read(1, { rig: [0.1, 0.9] });
  read(9, { rig: [0.1, 0.8] });
  await desk.settle();
  expect(running(desk, 'rig')).toBe(0);
  read(4, { rig: [0.1, 0.8] });
  await desk.until(() => running(desk, 'rig') === 1);
});

test('the load of a worker’s own tasks is not counted twice, and does not close it', async () => {
  const { desk, read } = await readLab(['rig']);
  read(5, { rig: [0.02, 0.1] });
  await submit(desk, 4);
  await desk.until(() => running(desk, 'rig') === 4);
  for (const { attemptId } of desk.agent('rig').held()) desk.agent('rig').begin(attemptId);
  read(20, { rig: [0.5, 0.1] });
  await submit(desk, 6);
  await desk.until(() => running(desk, 'rig') === 8);
  for (const { attemptId } of desk.agent('rig').held()) desk.agent('rig').begin(attemptId);
  read(20, { rig: [1, 0.1] });
  for (const { attemptId } of desk.agent('rig').held()) desk.agent('rig').end(attemptId);
  await desk.until(() => desk.service().summary().counts.queued === 0);
});
