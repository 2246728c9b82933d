/** What is given up, when, and what is left of it. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SeriesHistory } from '../../../src/core/metrics/history.ts';
import { ROLLUP_RESOLUTIONS, type RollupResolution } from '../../../src/core/metrics/rollup.ts';
import { seriesKey } from '../../../src/core/metrics/series.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/settings/settings.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { openMetrics } from '../../../src/node/storage/metrics-database.ts';
import { applyRetention, liveBytes } from '../../../src/node/storage/retention.ts';
import {
  CPU,
  type OpenStorage,
  openStorage,
  START_MS,
  tick,
  ticksEachSecond,
  unwrap,
  WORKER,
} from './storage-fixture.ts';
import { anAttempt, anEndedTask, aRun, records } from './task-records.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function countRows(open: OpenStorage, table: string): number {
  const database = openReadable(join(open.dataDir, 'metrics.db'));
  const rows = database.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  database.close();
  return rows;
}

function rollup(open: OpenStorage, resolution: RollupResolution, atMs: number): unknown {
  const database = openReadable(join(open.dataDir, 'metrics.db'));
  const row = database
    .prepare(`SELECT min, mean, max, p95, count FROM samples_${resolution} WHERE series = ? AND at_ms = ?`)
    .get(CPU, atMs);
  database.close();
  return row;
}

/** Time passes in steps in which upkeep runs, as it does in life. */
function pass(open: OpenStorage, ms: number, stepMs = 6 * HOUR): void {
  for (let left = ms; left > 0; left -= stepMs) {
    open.clock.advance(Math.min(left, stepMs));
    open.settle();
  }
}

/** Three hours of samples, rolled up and packed. */
function openWithHistory(): OpenStorage {
  const open = openStorage();
  open.append({ ticks: ticksEachSecond(START_MS, 3 * 3_600) });
  pass(open, 4 * HOUR);
  return open;
}

describe('retention by age', () => {
  test('gives up raw samples after two days, and history goes on from rollups', () => {
    const open = openWithHistory();
    const before = unwrap(open.storage.usage());
    expect(before.sampleCount).toBe(3 * 3_600 * 2);
    pass(open, 3 * DAY);
    expect(countRows(open, 'packed')).toBe(0);
    expect(unwrap(open.storage.usage()).sampleCount).toBe(0);
    expect(unwrap(open.storage.usage()).oldestSampleAtMs).toBe(START_MS);
    const request = {
      workerId: WORKER,
      seriesKeys: [CPU],
      fromMs: START_MS,
      toMs: START_MS + 300_000,
      maxPoints: 1_000,
    };
    const [cpu] = unwrap(open.storage.history(request)).series;
    expect(cpu).toMatchObject({ resolution: '1m', gapMs: 150_000 });
    expect([...(cpu?.count ?? [])]).toEqual([60, 60, 60, 60, 60]);
  });

  test('gives up each width of rollup in its turn', () => {
    const open = openWithHistory();
    pass(open, 32 * DAY, 4 * DAY);
    expect(ROLLUP_RESOLUTIONS.map((width) => countRows(open, `rollups_${width}`))).toEqual([0, 36, 6]);
    pass(open, 340 * DAY, 28 * DAY);
    expect(ROLLUP_RESOLUTIONS.map((width) => countRows(open, `rollups_${width}`))).toEqual([0, 0, 6]);
    pass(open, 5 * 366 * DAY, 28 * DAY);
    expect(ROLLUP_RESOLUTIONS.map((width) => countRows(open, `rollups_${width}`))).toEqual([0, 0, 0]);
  });

  test('answers old questions from the next coarser width that is left', () => {
    const open = openWithHistory();
    pass(open, 32 * DAY, 4 * DAY);
    const request = {
      workerId: WORKER,
      seriesKeys: [CPU],
      fromMs: START_MS,
      toMs: START_MS + 3 * HOUR,
      maxPoints: 1_000,
    };
    const [cpu] = unwrap(open.storage.history(request)).series;
    expect(cpu?.resolution).toBe('10m');
    expect(cpu?.gapMs).toBe(1_500_000);
    expect([...(cpu?.count ?? [])]).toEqual(new Array(18).fill(600));
  });

  test('follows a setting at once', () => {
    const open = openWithHistory();
    pass(open, 6 * HOUR);
    expect(countRows(open, 'packed')).toBeGreaterThan(0);
    unwrap(open.storage.saveSetting('retention.rawHours', 2));
    open.settle();
    expect(countRows(open, 'packed')).toBe(0);
  });

  test('waits out a clock that jumps years ahead, and counts once that clock has held for a day', () => {
    const open = openWithHistory();
    const realMs = open.clock.nowMs();
    open.clock.set(realMs + 20 * 365 * DAY);
    pass(open, HOUR, HOUR);
    expect(countRows(open, 'packed')).toBeGreaterThan(0);
    open.clock.set(realMs + HOUR);
    pass(open, 6 * HOUR, HOUR);
    expect(countRows(open, 'packed')).toBeGreaterThan(0);
    open.clock.set(realMs + 20 * 365 * DAY);
    pass(open, 2 * DAY, HOUR);
    expect(countRows(open, 'packed')).toBe(0);
  });
});

describe('what happened on a machine', () => {
  test('is told for a year', () => {
    const open = openStorage();
    const events = [0, 300 * DAY].map((ms) => ({ atMs: START_MS + ms, kind: 'started' as const, message: 'Started.' }));
    open.append({ events });
    const told = () => unwrap(open.storage.events(WORKER, 0, START_MS + 500 * DAY));
    pass(open, 365 * DAY, 5 * DAY);
    expect(told()).toEqual(events);
    pass(open, DAY);
    expect(told()).toEqual(events.slice(1));
  });
});

describe('tasks', () => {
  test('are not forgotten while the clock has jumped years ahead', () => {
    const open = openStorage();
    unwrap(open.storage.saveTasks(records({ runs: [aRun()], tasks: [anEndedTask(1)], attempts: [anAttempt(1)] })));
    open.settle();
    open.clock.set(START_MS + 20 * 365 * DAY);
    pass(open, HOUR, HOUR);
    expect(unwrap(open.storage.forgetTasksBefore(open.clock.nowMs()))).toBeNull();
    expect(unwrap(open.storage.runs(1))).toHaveLength(1);
    pass(open, 2 * DAY, HOUR);
    expect(unwrap(open.storage.forgetTasksBefore(open.clock.nowMs()))).toEqual([anAttempt(1).attemptId]);
  });
});

describe('samples that come after the raw ones of their time were given up', () => {
  test('are merged into every width; the percentile is then unknown, the rest exact', () => {
    const open = openStorage();
    open.append({ ticks: Array.from({ length: 60 }, (_, second) => tick(START_MS + second * 1_000, 0.5)) });
    pass(open, 3 * DAY);
    expect(rollup(open, '1m', START_MS)).toEqual({ min: 0.5, mean: 0.5, max: 0.5, p95: 0.5, count: 60 });
    open.append({ ticks: [tick(START_MS + 250, 0.1), tick(START_MS + 61_000, 0.9)] });
    const request = { workerId: WORKER, seriesKeys: [CPU], fromMs: START_MS, toMs: START_MS + HOUR, maxPoints: 60 };
    const asked = (): unknown => {
      const [cpu] = unwrap(open.storage.history(request)).series;
      return [[...(cpu?.count ?? [])], [...(cpu?.min ?? [])], [...(cpu?.max ?? [])]];
    };
    expect(asked()).toEqual([
      [61, 1],
      [0.1, 0.9],
      [0.5, 0.9],
    ]);
    pass(open, 60_000, 60_000);
    expect(asked()).toEqual([
      [61, 1],
      [0.1, 0.9],
      [0.5, 0.9],
    ]);
    const mean = (0.5 * 60 + 0.1) / 61;
    expect(rollup(open, '1m', START_MS)).toEqual({
      min: 0.1,
      mean: expect.closeTo(mean, 9),
      max: 0.5,
      p95: null,
      count: 61,
    });
    expect(rollup(open, '1m', START_MS + 60_000)).toMatchObject({ p95: 0.9, count: 1 });
    for (const width of ['10m', '1h'] as const) {
      expect(rollup(open, width, START_MS)).toMatchObject({ min: 0.1, max: 0.9, p95: null, count: 62 });
    }
    expect(countRows(open, 'ticks')).toBe(0);
    expect(unwrap(open.storage.usage()).sampleCount).toBe(0);
  });
});

describe('retention by size', () => {
  test('gives up the oldest raw samples first, hour by hour, then shrinks the file', () => {
    const open = openStorage();
    const seriesKeys = Array.from({ length: 40 }, (_, index) =>
      seriesKey('system.disk.io', { 'system.device': `${index}` }),
    );
    let state = 1;
    const noise = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state;
    };
    for (let hour = 0; hour < 6; hour += 1) {
      const ticks = Array.from({ length: 3_600 }, (_, second) => ({
        atMs: START_MS + hour * HOUR + second * 1_000,
        seriesKeys,
        values: Float64Array.from(seriesKeys, noise),
      }));
      open.append({ ticks });
      pass(open, HOUR, HOUR);
    }
    pass(open, HOUR, HOUR);
    open.storage.close();
    const path = join(open.dataDir, 'metrics.db');
    const fullBytes = statSync(path).size;
    const limitBytes = fullBytes * 0.6;
    const database = openMetrics(path);
    const settings = { ...DEFAULT_SETTINGS, 'retention.maxGigabytes': limitBytes / 1e9 };
    for (const _ of applyRetention(database, settings, open.clock.nowMs()));
    expect(liveBytes(database)).toBeLessThanOrEqual(limitBytes);
    expect(liveBytes(database)).toBeGreaterThan(limitBytes * 0.6);
    database.connection.close();
    expect(statSync(path).size).toBeLessThan(fullBytes * 0.8);

    const after = openStorage({ dataDir: open.dataDir, clock: open.clock });
    const ask = (fromMs: number): SeriesHistory | undefined =>
      unwrap(after.storage.history({ workerId: WORKER, seriesKeys, fromMs, toMs: fromMs + 600_000, maxPoints: 1_000 }))
        .series[0];
    expect(ask(START_MS + 5 * HOUR)?.resolution).toBe('raw');
    expect(ask(START_MS)?.resolution).toBe('1m');
    expect([...(ask(START_MS)?.count ?? [])]).toEqual(new Array(10).fill(60));
  });
});
