import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { msUntilStale, newLiveWorker, reached, receive, viewOf } from '../../../src/core/fleet/live-worker.ts';
import { type RemoteView, workerId } from '../../../src/core/fleet/worker.ts';
import type { MetricName } from '../../../src/core/metrics/catalogue.ts';
import type { Tick } from '../../../src/core/metrics/sample.ts';
import { type Attributes, seriesKey } from '../../../src/core/metrics/series.ts';

const identity = { workerId: workerId('w-1'), name: 'bench-desk', isLocal: true };
const START_MS = Date.UTC(2026, 0, 1);

function tickOf(atMs: number, ...values: readonly (readonly [MetricName, number, Attributes?])[]): Tick {
  return {
    atMs,
    seriesKeys: values.map(([metric, , attributes]) => seriesKey(metric, attributes)),
    values: Float64Array.from(values.map(([, value]) => value)),
  };
}

function cpuTick(atMs: number, value: number): Tick {
  return tickOf(atMs, ['system.cpu.utilization', value]);
}

describe('the live view of a worker', () => {
  test('shows no data, not 0, before the first sample', () => {
    const view = viewOf(newLiveWorker(identity, 'standard', 0), START_MS, 0);
    expect(view.lastSampleAtMs).toBeNull();
    expect(Object.values(view.figures).every((figure) => figure === null)).toBe(true);
    expect(view.cpuSparkline).toHaveLength(60);
    expect(view.cpuSparkline.every((point) => point === null)).toBe(true);
    expect(view.link).toBe('online');
  });

  test('takes the fullest filesystem, the busiest GPU and the CPU’s own sensor', () => {
    const tick = tickOf(
      START_MS,
      ['system.filesystem.utilization', 0.4, { 'system.filesystem.mountpoint': '/' }],
      ['system.filesystem.utilization', 0.9, { 'system.filesystem.mountpoint': '/data' }],
      ['hw.gpu.utilization', 0.2, { 'hw.id': '0' }],
      ['hw.gpu.utilization', 0.7, { 'hw.id': '1' }],
      ['hw.gpu.utilization', 1, { 'hw.id': '1', 'hw.gpu.task': 'encoder' }],
      ['hw.temperature', 71, { 'hw.type': 'disk', 'hw.id': 'nvme0' }],
      ['hw.temperature', 52, { 'hw.type': 'cpu', 'hw.id': 'package' }],
      ['system.cpu.utilization', 0.99, { 'cpu.logical_number': '0' }],
    );
    const view = viewOf(receive(newLiveWorker(identity, 'standard', 0), { ticks: [tick] }, 0), START_MS, 0);
    expect(view.figures).toMatchObject({
      diskUtilization: 0.9,
      gpuUtilization: 0.7,
      temperatureCelsius: 52,
      cpuUtilization: null,
    });
  });

  test('lets a figure go when nothing renews it, the filesystem later than the CPU', () => {
    const tick = tickOf(START_MS, ['system.cpu.utilization', 0.5], ['system.filesystem.utilization', 0.5, { m: '/' }]);
    const worker = receive(newLiveWorker(identity, 'standard', 0), { ticks: [tick] }, 0);
    expect(viewOf(worker, START_MS + 36_000, 36_000).figures).toMatchObject({
      cpuUtilization: null,
      diskUtilization: 0.5,
    });
    expect(viewOf(worker, START_MS + 121_000, 121_000).figures.diskUtilization).toBeNull();
  });

  test('is stale three intervals after the last arrival, by a clock that cannot jump', () => {
    const worker = receive(newLiveWorker(identity, 'basic', 0), { ticks: [cpuTick(START_MS, 0.5)] }, 1_000);
    expect(msUntilStale(worker, 1_000)).toBe(15_000);
    expect(viewOf(worker, START_MS + 3_600_000, 15_999).link).toBe('online');
    expect(viewOf(worker, START_MS, 16_000).link).toBe('stale');
  });

  test('a late tick changes nothing that is live', () => {
    const worker = receive(newLiveWorker(identity, 'standard', 0), { ticks: [cpuTick(START_MS, 0.5)] }, 0);
    const after = receive(worker, { ticks: [cpuTick(START_MS - 2_000, 0.9)] }, 5_000);
    expect(after).toBe(worker);
  });

  test('a wall clock set back by an hour starts the local view over', () => {
    const worker = receive(newLiveWorker(identity, 'standard', 0), { ticks: [cpuTick(START_MS, 0.5)] }, 0);
    const after = receive(worker, { ticks: [cpuTick(START_MS - 3_600_000, 0.9)] }, 1_000);
    const view = viewOf(after, START_MS - 3_600_000, 1_000);
    expect(view.lastSampleAtMs).toBe(START_MS - 3_600_000);
    expect(view.figures.cpuUtilization).toBe(0.9);
    expect(view.cpuSparkline.filter((point) => point !== null)).toEqual([0.9]);
  });

  test('the sparkline puts each second in its place and holds a value for the level’s interval', () => {
    let worker = newLiveWorker(identity, 'basic', 0);
    for (const second of [0, 5, 20]) {
      worker = receive(worker, { ticks: [cpuTick(START_MS + second * 1_000, second / 100)] }, second * 1_000);
    }
    const line = viewOf(worker, START_MS + 20_000, 20_000).cpuSparkline;
    expect(line.slice(39, 49)).toEqual([0, 0, 0, 0, 0, 0.05, 0.05, 0.05, 0.05, 0.05]);
    expect(line.slice(49, 59).every((point) => point === null)).toBe(true);
    expect(line[59]).toBe(0.2);
  });

  test('whatever arrives in whatever order, the newest time never goes back by less than a clock change', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 40 }), (offsets) => {
        let worker = newLiveWorker(identity, 'standard', 0);
        let newest = Number.NEGATIVE_INFINITY;
        for (const offset of offsets) {
          worker = receive(worker, { ticks: [cpuTick(START_MS + offset, 0.5)] }, 0);
          newest = Math.max(newest, START_MS + offset);
          expect(worker.lastSampleAtMs).toBe(newest);
        }
      }),
    );
  });

  const remote: RemoteView = {
    agentVersion: null,
    address: null,
    platform: null,
    pairedAtMs: START_MS,
    dialledAt: null,
    keyFingerprint: '',
    runsTasks: false,
    taskTerms: null,
    clockDifferenceMs: null,
    spooledBytes: 0,
    lostTicks: 0,
    isUpdating: false,
  };
  const rig = { workerId: workerId('w-2'), name: 'rig-03', isLocal: false };

  test('a remote worker is as its link is: awaited is shown as stale, away says since when', () => {
    const awaited = newLiveWorker(rig, 'standard', 0, remote);
    expect(viewOf(awaited, START_MS, 0)).toMatchObject({ link: 'stale', awaySinceMs: null, remote });
    const online = reached(awaited, { state: 'online', awaySinceMs: null }, 60_000);
    expect(viewOf(online, START_MS, 62_999).link).toBe('online');
    expect(viewOf(online, START_MS, 63_000).link).toBe('stale');
    const lost = reached(online, { state: 'lost', awaySinceMs: START_MS }, 70_000);
    expect(viewOf(lost, START_MS, 70_000)).toMatchObject({ link: 'lost', awaySinceMs: START_MS });
    const sampled = receive(online, { ticks: [cpuTick(START_MS, 0.5)] }, 62_000);
    expect(viewOf(reached(sampled, { state: 'online', awaySinceMs: null }, 64_000), START_MS, 65_000).link).toBe(
      'stale',
    );
  });

  test('a coordinator’s clock set back starts the view of a remote worker over as well', () => {
    const worker = receive(newLiveWorker(rig, 'standard', 0, remote), { ticks: [cpuTick(START_MS, 0.5)] }, 0);
    const after = receive(worker, { ticks: [cpuTick(START_MS - 60_000, 0.9)] }, 1_000);
    expect(viewOf(after, START_MS - 60_000, 1_000).figures.cpuUtilization).toBe(0.9);
  });
});
