import { totalmem } from 'node:os';
import { describe, expect, test } from 'vitest';
import {
  libraryBatteryCollector,
  libraryDiskCollector,
  libraryFilesystemsCollector,
  libraryMemoryCollector,
  libraryNetworkCollector,
  libraryProcessesCollector,
  libraryTemperatureCollector,
  nodeCpuCollector,
  nodeLoadCollector,
  nodeMemoryCollector,
} from '../../../src/node/sampling/systeminformation/collectors.ts';
import { CpuTimesShare } from '../../../src/node/sampling/systeminformation/cpu-times.ts';
import { LibraryLoader, type SystemLibrary } from '../../../src/node/sampling/systeminformation/library.ts';
import { readAt, readNow } from './read-collector.ts';

const { load } = new LibraryLoader();

/** A library of which only some calls are there, and answer as on the machine in question. */
const answering = (calls: Record<string, () => Promise<unknown>>) => async () => calls as unknown as SystemLibrary;

describe('the collectors of macOS and Windows, on this machine', () => {
  test('tell memory that adds up to its size', async () => {
    for (const collector of [nodeMemoryCollector(), libraryMemoryCollector(load)]) {
      const { values } = await readNow(collector, 'basic');
      const state = (name: string) => values[`system.memory.usage{system.memory.state=${name}}`]!;
      expect(values['system.memory.limit']).toBe(totalmem());
      expect(state('used') + state('free')).toBe(totalmem());
      expect(values['system.memory.utilization']).toBeCloseTo(state('used') / totalmem(), 6);
    }
  });

  test('tell load, uptime, filesystems and processes', async () => {
    expect((await readNow(nodeLoadCollector(), 'basic')).values).toHaveProperty(['system.uptime']);
    const { values } = await readNow(libraryFilesystemsCollector(load), 'basic');
    expect(values['system.filesystem.utilization{system.filesystem.mountpoint=/}']).toBeGreaterThan(0);
    const { processes } = await readNow(libraryProcessesCollector(load, 2), 'intensive');
    expect(processes!.processes.find(({ pid }) => pid === process.pid)?.memoryBytes).toBeGreaterThan(20_000_000);
  });

  test('tell rates of network and disks from the second reading on', async () => {
    for (const collector of [libraryNetworkCollector(load), libraryDiskCollector(load)]) {
      expect(Object.keys((await readNow(collector)).values)).toEqual([]);
      expect(Object.keys((await readNow(collector)).values).length).toBeGreaterThanOrEqual(2);
    }
  });

  test('say what there is not', async () => {
    expect((await readNow(libraryBatteryCollector(load))).condition).toMatchObject({ state: 'unsupported' });
    expect((await readNow(libraryTemperatureCollector(load))).condition).toMatchObject({ state: 'unsupported' });
  });
});

describe('the collectors of macOS and Windows, on other machines', () => {
  test('tell charge and temperature', async () => {
    const battery = libraryBatteryCollector(answering({ battery: async () => ({ hasBattery: true, percent: 81 }) }));
    expect((await readNow(battery)).values).toEqual({ 'hw.battery.charge{hw.id=BAT0}': 0.81 });
    const heat = libraryTemperatureCollector(answering({ cpuTemperature: async () => ({ main: 55.5 }) }));
    expect((await readNow(heat)).values).toEqual({ 'hw.temperature{hw.id=cpu,hw.name=CPU,hw.type=cpu}': 55.5 });
  });

  test('give no rate after a counter was reset', async () => {
    const bytes = [1_000, 3_000, 50, 1_050];
    const stats = async () => [{ iface: 'en0', rx_bytes: bytes.shift(), tx_bytes: 0 }];
    const collector = libraryNetworkCollector(answering({ networkStats: stats }));
    const rates: (number | undefined)[] = [];
    for (let second = 0; second < 4; second += 1) {
      const { values } = await readAt(second * 1_000, collector);
      rates.push(values['system.network.io{network.interface.name=en0,network.io.direction=receive}']);
    }
    expect(rates).toEqual([undefined, 2_000, undefined, 1_000]);
  });

  test('do not offer disks where the system tells nothing of them', async () => {
    const collector = libraryDiskCollector(answering({ fsStats: async () => null }));
    expect((await readNow(collector)).condition.state).toBe('unsupported');
  });
});

describe('the CPU by Node’s own times', () => {
  test('is the busy share since the reading before', () => {
    const share = new CpuTimesShare();
    const at = (user: number, idle: number) => [{ user, nice: 0, sys: 0, idle, irq: 0 }];
    expect(share.next(at(100, 900))).toBeNull();
    expect(share.next(at(175, 925))).toBe(0.75);
    expect(share.next(at(0, 0))).toBeNull();
  });

  test('is read per CPU at detailed level', async () => {
    const collector = nodeCpuCollector();
    await readNow(collector);
    const busyUntilMs = performance.now() + 100;
    while (performance.now() < busyUntilMs) Math.sqrt(busyUntilMs);
    const { values } = await readNow(collector);
    expect(values['system.cpu.utilization']).toBeGreaterThan(0);
    expect(values).toHaveProperty(['system.cpu.utilization{cpu.logical_number=0}']);
  });
});
