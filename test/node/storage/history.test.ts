/** What a chart asks for and gets. */
import { describe, expect, test } from 'vitest';
import { workerId } from '../../../src/core/fleet/worker.ts';
import type { HistoryRequest, SeriesHistory } from '../../../src/core/metrics/history.ts';
import { seriesKey } from '../../../src/core/metrics/series.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import {
  CPU,
  MEMORY,
  type OpenStorage,
  openStorage,
  START_MS,
  tick,
  ticksEachSecond,
  unwrap,
  WORKER,
} from './storage-fixture.ts';

const HOUR = 3_600_000;

function ask(open: OpenStorage, request: Partial<HistoryRequest>): readonly SeriesHistory[] {
  const whole = { workerId: WORKER, seriesKeys: [CPU], fromMs: START_MS, toMs: START_MS + HOUR, maxPoints: 1_000 };
  return unwrap(open.storage.history({ ...whole, ...request })).series;
}

describe('history', () => {
  test('of a few minutes is the samples themselves, to the newest second', () => {
    const open = openStorage();
    open.append({ ticks: ticksEachSecond(START_MS, 300) });
    const [cpu, memory] = ask(open, { seriesKeys: [CPU, MEMORY], toMs: START_MS + 300_000 });
    expect(cpu).toMatchObject({ seriesKey: CPU, resolution: 'raw', gapMs: 2_500 });
    expect([...(cpu?.atMs ?? [])].at(-1)).toBe(START_MS + 299_000);
    expect([...(memory?.mean ?? [])].slice(0, 2)).toEqual([4_294_967_296, 4_294_971_392]);
    expect([...(cpu?.count ?? [])].every((count) => count === 1)).toBe(true);
  });

  test('of a day is minutes from rollups, with the minute that is running', () => {
    const open = openStorage();
    open.append({ ticks: ticksEachSecond(START_MS, 20 * 3_600, (index) => (index % 60) / 100) });
    open.clock.advance(20 * HOUR);
    open.settle();
    open.append({ ticks: [tick(START_MS + 20 * HOUR, 0.99)] });
    const [cpu] = ask(open, { fromMs: START_MS - 4 * HOUR, toMs: START_MS + 20 * HOUR + 1_000 });
    expect(cpu).toMatchObject({ resolution: '1m', gapMs: 2.5 * 120_000 });
    expect(cpu?.atMs.length).toBe(601);
    expect([cpu?.min[5], cpu?.mean[5], cpu?.max[5], cpu?.count[5]]).toEqual([0, 0.295, 0.59, 120]);
    expect([cpu?.atMs[600], cpu?.mean[600], cpu?.count[600]]).toEqual([START_MS + 20 * HOUR, 0.99, 1]);
  });

  test('never has more points than asked for', () => {
    const open = openStorage();
    open.append({ ticks: ticksEachSecond(START_MS, 7_200) });
    open.clock.advance(3 * HOUR);
    open.settle();
    for (const maxPoints of [1, 2, 7, 60, 500, 5_000]) {
      const [cpu] = ask(open, { toMs: START_MS + 2 * HOUR, maxPoints });
      expect(cpu?.atMs.length).toBeLessThanOrEqual(maxPoints);
      expect(cpu?.atMs.length).toBeGreaterThan(maxPoints / 6);
    }
  });

  test('shows a gap by the absence of points, and a step wider than gapMs', () => {
    const open = openStorage();
    open.append({ ticks: [...ticksEachSecond(START_MS, 60), ...ticksEachSecond(START_MS + 200_000, 60)] });
    const [cpu] = ask(open, { toMs: START_MS + 300_000 });
    const steps = [...(cpu?.atMs ?? [])].map((at, index, all) => at - (all[index - 1] ?? at));
    expect(steps.filter((step) => step > (cpu?.gapMs ?? 0))).toEqual([141_000]);
  });

  test('of a series that is read every half minute knows its own cadence', () => {
    const open = openStorage();
    const disk = seriesKey('system.filesystem.usage', { 'system.filesystem.mountpoint': '/' });
    open.append({
      ticks: ticksEachSecond(START_MS, 600).map((one, second) =>
        second % 30 === 0 ? tick(one.atMs, { [CPU]: 0.5, [disk]: 1_024 * second }) : one,
      ),
    });
    const [usage] = ask(open, { seriesKeys: [disk], toMs: START_MS + 600_000 });
    expect(usage).toMatchObject({ resolution: 'raw', gapMs: 75_000 });
    expect(usage?.atMs.length).toBe(20);
  });

  test('of something unknown is empty, not an error', () => {
    const open = openStorage();
    open.append({ ticks: ticksEachSecond(START_MS, 3) });
    const [unknown] = ask(open, { seriesKeys: [seriesKey('hw.fan.speed')] });
    expect(unknown?.atMs.length).toBe(0);
    const [elsewhere] = ask(open, { workerId: workerId('nobody') });
    expect(elsewhere?.atMs.length).toBe(0);
  });

  test.each([
    ['a range that ends before it begins', { fromMs: START_MS, toMs: START_MS }],
    ['a range that is no number', { fromMs: Number.NaN }],
    ['no points', { maxPoints: 0 }],
    ['too many points', { maxPoints: 5_001 }],
  ])('refuses %s', (_, request) => {
    const open = openStorage();
    const whole = { workerId: WORKER, seriesKeys: [CPU], fromMs: START_MS, toMs: START_MS + HOUR, maxPoints: 10 };
    expect(open.storage.history({ ...whole, ...request })).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument' },
    });
  });

  test('keeps two workers apart that have the same series', () => {
    const open = openStorage();
    const other = workerId('00000000-0000-4000-8000-000000000002');
    open.append({ ticks: [tick(START_MS, 0.1)] });
    open.append({ ticks: [tick(START_MS, 0.2)] }, other);
    expect([...(ask(open, {})[0]?.mean ?? [])]).toEqual([0.1]);
    expect([...(ask(open, { workerId: other })[0]?.mean ?? [])]).toEqual([0.2]);
  });
});

describe('what is stored of a tick', () => {
  test('leaves out values that are no numbers, and keeps the others', () => {
    const open = openStorage();
    open.append({ ticks: [tick(START_MS, { [CPU]: Number.NaN, [MEMORY]: 2_048 })] });
    open.append({ ticks: [tick(START_MS + 1_000, { [CPU]: 0.5, [MEMORY]: Number.POSITIVE_INFINITY })] });
    const [cpu, memory] = ask(open, { seriesKeys: [CPU, MEMORY] });
    expect([[...(cpu?.mean ?? [])], [...(memory?.mean ?? [])]]).toEqual([[0.5], [2_048]]);
  });

  test('takes more series than one row holds', () => {
    const open = openStorage();
    const keys = Array.from({ length: 500 }, (_, core) =>
      seriesKey('system.cpu.utilization', { 'cpu.logical_number': `${core}` }),
    );
    const values = Float64Array.from(keys, (_, core) => core / 1_000);
    open.append({ ticks: [0, 1_000, 2_000].map((offset) => ({ atMs: START_MS + offset, seriesKeys: keys, values })) });
    open.clock.advance(2 * HOUR);
    open.settle();
    const series = ask(open, { seriesKeys: keys, toMs: START_MS + 10_000 });
    expect(series.map((one) => [...one.mean])).toEqual(keys.map((_, core) => new Array(3).fill(core / 1_000)));
  });

  test('comes back exactly after packing when series follow from each other', () => {
    const open = openStorage();
    const limit = 2 ** 34;
    const state = (name: string) => seriesKey('system.memory.usage', { 'system.memory.state': name });
    const share = seriesKey('system.memory.utilization');
    const ticks = Array.from({ length: 600 }, (_, second) => {
      const free = (Math.imul(second + 1, 0x9e3779b1) >>> 12) * 1_024;
      const cached = (Math.imul(second + 7, 0x85ebca6b) >>> 12) * 1_024;
      const used = limit - free - cached;
      return tick(START_MS + second * 1_000, {
        [state('cached')]: cached,
        [state('free')]: free,
        [state('used')]: used,
        [share]: Math.round((used / limit) * 10_000) / 10_000,
      });
    });
    open.append({ ticks });
    open.clock.advance(2 * HOUR);
    open.settle();
    const seriesKeys = ticks[0]?.seriesKeys ?? [];
    const packed = ask(open, { seriesKeys, toMs: START_MS + 600_000 });
    for (const [index, one] of packed.entries()) expect([...one.mean]).toEqual(ticks.map((each) => each.values[index]));
    const database = openReadable(`${open.dataDir}/metrics.db`);
    const bytes = database.prepare('SELECT sum(length(columns)) FROM packed').pluck().get() as number;
    database.close();
    // Two series of twenty bits of noise, and two that follow from them.
    expect(bytes).toBeLessThan(600 * 2 * 3 + 600);
  });

  test('stays with its own series when sets of series come back in another order after they were forgotten', () => {
    const open = openStorage();
    const keys = ['sda', 'sdb'].map((disk) => seriesKey('system.disk.io', { 'system.device': disk }));
    for (const hour of [0, 1, 2, 3]) {
      const atMs = START_MS + hour * HOUR;
      const readings = keys.map((key, disk) => tick(atMs + disk, { [key]: 1_000 * disk + hour }));
      open.append({ ticks: hour % 2 === 0 ? readings : readings.toReversed() });
      open.clock.advance(HOUR);
      open.settle();
    }
    const [first, second] = ask(open, { seriesKeys: keys, toMs: START_MS + 4 * HOUR });
    expect([...(first?.max ?? [])]).toEqual([0, 1, 2, 3]);
    expect([...(second?.max ?? [])]).toEqual([1_000, 1_001, 1_002, 1_003]);
  });

  test('lists each series with the span it has data for', () => {
    const open = openStorage();
    open.append({ ticks: ticksEachSecond(START_MS + 30_000, 7_200) });
    const fresh = unwrap(open.storage.series(WORKER)).find((one) => one.seriesKey === CPU);
    expect(fresh).toEqual({ seriesKey: CPU, firstAtMs: START_MS + 30_000, lastAtMs: START_MS + 30_000 + 7_199_000 });
    open.clock.advance(4 * HOUR);
    open.settle();
    const rolledUp = unwrap(open.storage.series(WORKER)).find((one) => one.seriesKey === CPU);
    expect(rolledUp?.firstAtMs).toBe(START_MS);
    expect(rolledUp?.lastAtMs).toBeGreaterThanOrEqual(START_MS + 30_000 + 7_199_000);
    expect(rolledUp?.lastAtMs).toBeLessThan(START_MS + 30_000 + 7_199_000 + 60_000);
  });
});
