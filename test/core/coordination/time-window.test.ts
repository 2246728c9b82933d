import { expect, test } from 'vitest';
import { withinWindow } from '../../../src/core/coordination/time-window.ts';
import type { SampleBatch, Tick } from '../../../src/core/metrics/sample.ts';
import { seriesKey } from '../../../src/core/metrics/series.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const tickAt = (atMs: number): Tick => ({ atMs, seriesKeys: [seriesKey('system.uptime')], values: Float64Array.of(1) });

test('what has times that can be true passes as it is', () => {
  const batch: SampleBatch = { ticks: [tickAt(NOW_MS - 400 * DAY_MS), tickAt(NOW_MS + 300_000)] };
  expect(withinWindow(batch, NOW_MS)).toEqual({ batch, ticksLeftOut: 0 });
  expect(withinWindow(batch, NOW_MS).batch).toBe(batch);
});

test('what lies more than 5 minutes ahead or 400 days back is left out, and ticks are counted', () => {
  const event = (atMs: number) => ({ atMs, kind: 'started', message: 'Started.' }) as const;
  const snapshot = (atMs: number) => ({ atMs, processCount: 1, processes: [] });
  const batch: SampleBatch = {
    ticks: [tickAt(NOW_MS + 300_001), tickAt(NOW_MS), tickAt(0)],
    events: [event(NOW_MS + 1e9), event(NOW_MS)],
    processes: [snapshot(NOW_MS + 1e9), snapshot(NOW_MS)],
    collectors: [],
  };
  expect(withinWindow(batch, NOW_MS)).toEqual({
    batch: { ticks: [tickAt(NOW_MS)], events: [event(NOW_MS)], processes: [snapshot(NOW_MS)], collectors: [] },
    ticksLeftOut: 2,
  });
});
