/** History and live samples in one set of columns, and where lines break. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesHistory } from '../../../src/core/metrics/history.ts';
import { seriesKey } from '../../../src/core/metrics/series.ts';
import { segments } from '../../../src/renderer/charts/columns-controller.ts';
import { createSeriesColumns, firstIndexFrom } from '../../../src/renderer/charts/series-columns.ts';

function history(atMs: readonly number[], gapMs = 3_000): SeriesHistory {
  const values = Float64Array.from(atMs, (at) => at / 1_000);
  return {
    seriesKey: seriesKey('system.cpu.utilization'),
    resolution: 'raw',
    gapMs,
    atMs: Float64Array.from(atMs),
    mean: values,
    min: values,
    max: values,
    count: Uint32Array.from(atMs, () => 1),
  };
}

describe('columns of a series', () => {
  it('merge samples of one bucket into its mean, least, most and count', () => {
    const columns = createSeriesColumns();
    columns.load(undefined, 10_000);
    for (const [index, value] of [4, 8, 0].entries()) columns.append(index * 1_000, value, 3_000);
    columns.append(10_000, 5, 3_000);
    expect(columns.length).toBe(2);
    expect([columns.mean[0], columns.min[0], columns.max[0], columns.count[0]]).toEqual([4, 0, 8, 3]);
    expect(columns.mean[1]).toBe(5);
  });

  it('hold any number of samples, oldest first, whatever the bucket', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 900 }),
        fc.integer({ min: 1, max: 20_000 }),
        (steps, bucketMs) => {
          const columns = createSeriesColumns();
          columns.load(undefined, bucketMs);
          let atMs = 0;
          for (const step of steps) {
            atMs += step;
            columns.append(atMs, 1, 3_000);
          }
          const counts = [...columns.count.subarray(0, columns.length)];
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(steps.length);
          for (let index = 1; index < columns.length; index += 1) {
            expect((columns.atMs[index] ?? 0) - (columns.atMs[index - 1] ?? 0)).toBeGreaterThanOrEqual(bucketMs);
          }
        },
      ),
    );
  });

  it('break where a step is longer than the gap, and nowhere else', () => {
    const columns = createSeriesColumns();
    columns.load(history([0, 1_000, 2_000, 9_000, 10_000]), 1_000);
    expect(segments(columns, 0, 20_000)).toEqual([
      [0, 3],
      [3, 5],
    ]);
  });

  it('draw one bucket beyond each edge of the window, so that lines reach the edges', () => {
    const columns = createSeriesColumns();
    columns.load(history([0, 1_000, 2_000, 3_000, 4_000, 5_000]), 1_000);
    expect(segments(columns, 1_500, 3_500)).toEqual([[1, 5]]);
  });

  it('know no value inside a gap', () => {
    const columns = createSeriesColumns();
    columns.load(history([0, 1_000, 2_000, 60_000]), 1_000);
    expect(columns.indexAt(1_400)).toBe(1);
    expect(columns.indexAt(30_000)).toBe(-1);
    expect(columns.indexAt(60_500)).toBe(3);
    expect(columns.indexAt(-9_000)).toBe(-1);
  });

  it('forget what left the window, and keep the bucket that leads into it', () => {
    const columns = createSeriesColumns();
    columns.load(history(Array.from({ length: 500 }, (_, index) => index * 1_000)), 1_000);
    columns.trim(300_000);
    expect(columns.atMs[0]).toBe(299_000);
    expect(columns.length).toBe(201);
  });

  it('find the first bucket of a window by halving', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 })), fc.integer({ min: -10, max: 1_010 }), (times, from) => {
        const sorted = Float64Array.from([...times].sort((a, b) => a - b));
        const found = sorted.findIndex((time) => time >= from);
        expect(firstIndexFrom(sorted, sorted.length, from)).toBe(found < 0 ? sorted.length : found);
      }),
    );
  });
});
