/** Small batches as the agent's sampling makes them. */
import type { SampleBatch } from '../../src/core/metrics/sample.ts';
import { seriesKey } from '../../src/core/metrics/series.ts';

const KEYS = [seriesKey('system.cpu.utilization'), seriesKey('labwatch.load1')];
const MORE_KEYS = [...KEYS, seriesKey('system.uptime')];

/** One tick; a larger set of series each fifth second, as the slow collectors make it. */
export function tickAt(atMs: number): SampleBatch {
  const seriesKeys = Math.floor(atMs / 1_000) % 5 === 0 ? MORE_KEYS : KEYS;
  const values = Float64Array.from(seriesKeys, (_, index) => (index === 0 ? 0.25 : index + (atMs % 7)));
  return { ticks: [{ atMs, seriesKeys, values }] };
}

export function timesIn(batches: readonly SampleBatch[]): readonly number[] {
  return batches.flatMap(({ ticks = [] }) => ticks.map(({ atMs }) => atMs));
}
