import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Collector } from '../../../src/node/sampling/collector.ts';
import { cpuCollector } from '../../../src/node/sampling/linux/cpu.ts';
import { diskCollector } from '../../../src/node/sampling/linux/disk.ts';
import { frequencyCollector } from '../../../src/node/sampling/linux/frequency.ts';
import { loadCollector } from '../../../src/node/sampling/linux/load.ts';
import { memoryCollector } from '../../../src/node/sampling/linux/memory.ts';
import { networkCollector } from '../../../src/node/sampling/linux/network.ts';
import { pagingCollector } from '../../../src/node/sampling/linux/paging.ts';
import { pressureCollector } from '../../../src/node/sampling/linux/pressure.ts';
import type { Roots } from '../../../src/node/sampling/linux/roots.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeTree } from './fixture-tree.ts';
import { readAt } from './read-collector.ts';

const units = { pageBytes: 4_096, ticksPerSecond: 100 };

function serverRoots(): Roots {
  const folder = tempFolder();
  const roots = { proc: join(folder, 'proc'), sys: join(folder, 'sys') };
  writeTree('server-128-cpus/proc-before.tree', roots.proc);
  writeTree('server-128-cpus/sys.tree', roots.sys);
  return roots;
}

async function detected(collector: Collector): Promise<Collector> {
  onTestFinished(() => collector.dispose());
  expect(await collector.detect()).toMatchObject({ state: 'ok' });
  return collector;
}

/** What the server's collector says two seconds after its first reading. */
async function afterTwoSeconds(make: (roots: Roots) => Collector, level: 'standard' | 'detailed' | 'intensive') {
  const roots = serverRoots();
  const collector = await detected(make(roots));
  const first = await readAt(10_000, collector, level);
  writeTree('server-128-cpus/proc-after.tree', roots.proc);
  return { first: first.values, second: (await readAt(12_000, collector, level)).values };
}

describe('on a server with 128 CPUs', () => {
  test('the CPU is busy where its ticks went, and at first nothing is said', async () => {
    const { first, second } = await afterTwoSeconds((roots) => cpuCollector(roots, units), 'intensive');
    expect(first['system.cpu.utilization']).toBeUndefined();
    expect(second['system.cpu.utilization']).toBeCloseTo((32 * 200 + 16 * 100) / (127 * 200), 9);
    expect(second['system.cpu.utilization{cpu.mode=user}']).toBeCloseTo((32 * 200) / (127 * 200), 9);
    expect(second['system.cpu.utilization{cpu.mode=iowait}']).toBeCloseTo((16 * 20) / (127 * 200), 9);
    expect(second['system.cpu.utilization{cpu.logical_number=3}']).toBe(1);
    expect(second['system.cpu.utilization{cpu.logical_number=40}']).toBeCloseTo(0.5, 9);
    expect(second['system.cpu.utilization{cpu.logical_number=127}']).toBe(0);
    expect(second['system.cpu.utilization{cpu.logical_number=77}']).toBeUndefined();
    expect(second['labwatch.context_switches']).toBe(125_000);
    expect(second['labwatch.interrupts']).toBe(42_000);
    const modes = Object.entries(second).filter(([key]) => key.startsWith('system.cpu.utilization{cpu.mode='));
    expect(modes.reduce((sum, [, value]) => sum + value, 0)).toBeCloseTo(1, 9);
  });

  test('memory states add up to its size, and swap is there', async () => {
    const { values } = await readAt(0, await detected(memoryCollector(serverRoots())));
    const states = Object.entries(values).filter(([key]) => key.startsWith('system.memory.usage'));
    expect(states).toHaveLength(5);
    expect(states.reduce((sum, [, value]) => sum + value, 0)).toBe(values['system.memory.limit']);
    expect(values['system.memory.utilization']).toBeCloseTo(1 - 402_117_728 / 528_239_184, 9);
    expect(values['system.paging.usage']).toBe((33_554_428 - 30_932_992) * 1_024);
  });

  test('each whole disk that works has its rates, and one whose clock wrapped has no latency', async () => {
    const { first, second } = await afterTwoSeconds(diskCollector, 'detailed');
    expect(first).toEqual({});
    const nvme = (metric: string, direction: string) =>
      second[`${metric}{disk.io.direction=${direction},system.device=nvme0n1}`];
    expect(nvme('system.disk.io', 'read')).toBe((409_600 * 512) / 2);
    expect(nvme('system.disk.io', 'write')).toBe((819_200 * 512) / 2);
    expect(nvme('system.disk.operations', 'read')).toBe(1_000);
    expect(nvme('labwatch.disk.latency', 'read')).toBeCloseTo(0.0005, 12);
    expect(nvme('labwatch.disk.latency', 'write')).toBeCloseTo(0.004, 12);
    expect(second['system.disk.io_time{system.device=nvme0n1}']).toBe(0.75);
    expect(second['labwatch.disk.latency{disk.io.direction=read,system.device=sda}']).toBeUndefined();
    expect(second['system.disk.io{disk.io.direction=read,system.device=sda}']).toBe((80 * 512) / 2);
    const devices = new Set(Object.keys(second).map((key) => /system\.device=([^,}]+)/.exec(key)?.[1]));
    expect([...devices].sort()).toEqual(['nvme0n1', 'nvme1n1', 'sda']);
  });

  test('each network card has its rates, and one that was reset has none', async () => {
    const { second } = await afterTwoSeconds(networkCollector, 'detailed');
    const card = (metric: string, name: string, direction: string) =>
      second[`${metric}{network.interface.name=${name},network.io.direction=${direction}}`];
    expect(card('system.network.io', 'eno1', 'receive')).toBe(125_000_000);
    expect(card('system.network.io', 'eno1', 'transmit')).toBe(62_500_000);
    expect(card('system.network.packet.count', 'eno1', 'receive')).toBe(90_000);
    expect(card('system.network.packet.dropped', 'eno1', 'receive')).toBe(2);
    expect(card('system.network.errors', 'eno1', 'receive')).toBe(0);
    expect(card('system.network.io', 'eno2', 'receive')).toBeUndefined();
    expect(card('system.network.io', 'docker0', 'transmit')).toBe(100);
    expect(Object.keys(second).some((key) => /=(lo|veth|enp65s0f0)/.test(key))).toBe(false);
  });

  test('pressure and paging come from their totals', async () => {
    const pressure = (await afterTwoSeconds(pressureCollector, 'detailed')).second;
    const stall = (resource: string, kind: string) =>
      pressure[`labwatch.pressure{labwatch.pressure.kind=${kind},labwatch.pressure.resource=${resource}}`];
    expect(stall('cpu', 'some')).toBeCloseTo(0.1, 9);
    expect(stall('cpu', 'full')).toBeUndefined();
    expect(stall('memory', 'some')).toBeCloseTo(0.05, 9);
    expect(stall('memory', 'full')).toBeCloseTo(0.025, 9);
    expect(stall('io', 'full')).toBeCloseTo(0.5, 9);
    const paging = (await afterTwoSeconds(pagingCollector, 'detailed')).second;
    expect(paging).toEqual({
      'system.paging.operations{system.paging.direction=in}': 100,
      'system.paging.operations{system.paging.direction=out}': 500,
      'system.paging.faults{system.paging.fault.type=major}': 200,
      'system.paging.faults{system.paging.fault.type=minor}': 49_800,
    });
  });

  test('load, uptime and frequencies are read as they stand', async () => {
    const roots = serverRoots();
    expect((await readAt(0, await detected(loadCollector(roots)))).values).toEqual({
      'labwatch.load1': 34.12,
      'labwatch.load5': 33.9,
      'labwatch.load15': 30.01,
      'system.uptime': 3_456_789.01,
    });
    const { values } = await readAt(0, await detected(frequencyCollector(roots)));
    expect(values['system.cpu.frequency{cpu.logical_number=3}']).toBe(2_400_000_000);
    expect(Object.keys(values)).toHaveLength(4);
  });
});

describe('at standard level', () => {
  test('no series of a higher level is there', async () => {
    const cpu = await afterTwoSeconds((roots) => cpuCollector(roots, units), 'standard');
    expect(Object.keys(cpu.second)).toEqual(['system.cpu.utilization']);
    const disk = await afterTwoSeconds(diskCollector, 'standard');
    expect(Object.keys(disk.second).some((key) => /operations|latency/.test(key))).toBe(false);
    const network = await afterTwoSeconds(networkCollector, 'standard');
    expect(Object.keys(network.second).every((key) => key.startsWith('system.network.io'))).toBe(true);
  });
});

describe('when the clock jumped', () => {
  test.each([
    ['cpu', (roots: Roots) => cpuCollector(roots, units), 'system.cpu.utilization'],
    ['disk', diskCollector, 'system.disk.io'],
    ['network', networkCollector, 'system.network.io'],
    ['paging', pagingCollector, 'system.paging'],
    ['pressure', pressureCollector, 'labwatch.pressure'],
  ] as const)('%s gives no rate until its second reading', async (_, make, prefix) => {
    const roots = serverRoots();
    const collector = await detected(make(roots));
    await readAt(10_000, collector);
    writeTree('server-128-cpus/proc-after.tree', roots.proc);
    collector.reset();
    const { values } = await readAt(12_000, collector);
    expect(Object.keys(values).filter((key) => key.startsWith(prefix))).toEqual([]);
  });
});

describe('on a machine that lacks something', () => {
  test('the collector says that it is not supported, and what would help', async () => {
    const roots = { proc: tempFolder(), sys: tempFolder() };
    for (const make of [diskCollector, networkCollector, pagingCollector, frequencyCollector, memoryCollector]) {
      expect((await make(roots).detect()).state).toBe('unsupported');
    }
    expect(await pressureCollector(roots).detect()).toMatchObject({
      state: 'unsupported',
      remedy: expect.stringContaining('psi=1'),
    });
  });

  test('a CPU that goes off line loses its series and the others keep theirs', async () => {
    const roots = serverRoots();
    const collector = await detected(cpuCollector(roots, units));
    writeFileSync(join(roots.proc, 'stat'), 'cpu  20 0 0 20\ncpu0 10 0 0 10\ncpu1 10 0 0 10\nintr 1\n');
    await readAt(0, collector);
    writeFileSync(join(roots.proc, 'stat'), 'cpu  30 0 0 30\ncpu0 20 0 0 20\nintr 1\n');
    const { values } = await readAt(1_000, collector);
    expect(values['system.cpu.utilization{cpu.logical_number=0}']).toBe(0.5);
    expect(values['system.cpu.utilization{cpu.logical_number=1}']).toBeUndefined();
  });

  test('iowait that steps back counts as no time', async () => {
    const roots = serverRoots();
    const collector = await detected(cpuCollector(roots, units));
    writeFileSync(join(roots.proc, 'stat'), 'cpu  100 0 100 800 50 0 0 0\nintr 1\n');
    await readAt(0, collector);
    writeFileSync(join(roots.proc, 'stat'), 'cpu  150 0 100 850 47 0 0 0\nintr 1\n');
    expect((await readAt(1_000, collector)).values['system.cpu.utilization']).toBe(0.5);
  });

  test('a text that is no longer what it was is a failure and not a value', async () => {
    const roots = serverRoots();
    const cpu = await detected(cpuCollector(roots, units));
    const memory = await detected(memoryCollector(roots));
    writeFileSync(join(roots.proc, 'stat'), 'nonsense\n');
    writeFileSync(join(roots.proc, 'meminfo'), '');
    expect(await readAt(0, cpu)).toMatchObject({ condition: { state: 'failing' }, values: {} });
    expect(await readAt(0, memory)).toMatchObject({ condition: { state: 'failing' }, values: {} });
  });

  test('a source that comes later is found when looked for again', async () => {
    const roots = serverRoots();
    rmSync(join(roots.proc, 'diskstats'));
    const collector = diskCollector(roots);
    onTestFinished(() => collector.dispose());
    expect(await collector.detect()).toMatchObject({ state: 'unsupported' });
    writeTree('server-128-cpus/proc-after.tree', roots.proc);
    chmodSync(join(roots.proc, 'diskstats'), 0o444);
    expect(await collector.detect()).toMatchObject({ state: 'ok' });
  });
});
