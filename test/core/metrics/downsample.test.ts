import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BucketMerger, planDownsampling, rawColumns, rawGapMs } from '../../../src/core/metrics/downsample.ts';
import { ROLLUP_WIDTH_MS } from '../../../src/core/metrics/rollup.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 2, 3, 12);

describe('the plan for a range', () => {
  test.each([
    ['five minutes', HOUR / 12, 1_000, 'raw', 500],
    ['an hour', HOUR, 1_000, 'raw', 5_000],
    ['a day', 24 * HOUR, 1_000, '1m', 120_000],
    ['a week', 7 * 24 * HOUR, 1_000, '10m', 1_200_000],
    ['thirty days', 30 * 24 * HOUR, 1_000, '1h', 3_600_000],
    ['five years', 5 * 365 * 24 * HOUR, 1_000, '1h', 48 * HOUR],
  ])('%s in %i ms: the coarsest store that is fine enough', (_, lengthMs, maxPoints, resolution, widthMs) => {
    expect(planDownsampling(NOON - lengthMs, NOON, maxPoints)).toEqual({ resolution, widthMs });
  });

  test('never gives more buckets than points, and always whole multiples of the store it reads', () => {
    const range = fc.tuple(fc.integer({ min: 0, max: 2 ** 41 }), fc.integer({ min: 1, max: 2 ** 38 }));
    fc.assert(
      fc.property(range, fc.integer({ min: 1, max: 5_000 }), ([fromMs, lengthMs], maxPoints) => {
        const { resolution, widthMs } = planDownsampling(fromMs, fromMs + lengthMs, maxPoints);
        const merger = new BucketMerger(fromMs, fromMs + lengthMs, widthMs);
        merger.add(fromMs, 1, 1, 1, 1);
        merger.add(fromMs + lengthMs - 1, 1, 1, 1, 1);
        const { atMs } = merger.columns(1);
        expect(((atMs.at(-1) ?? 0) - (atMs[0] ?? 0)) / widthMs + 1).toBeLessThanOrEqual(maxPoints);
        if (resolution !== 'raw') expect(widthMs % ROLLUP_WIDTH_MS[resolution]).toBe(0);
      }),
    );
  });
});

describe('merging', () => {
  test('samples of one bucket become one point with their mean, extremes and count', () => {
    const merger = new BucketMerger(NOON, NOON + 4_000, 2_000);
    merger.addSamples({
      atMs: Float64Array.of(NOON, NOON + 1_000, NOON + 3_000, NOON + 4_000, NOON - 1),
      quanta: Float64Array.of(100, 300, 500, 9_999, 9_999),
    });
    expect(merger.columns(0.01)).toEqual({
      atMs: Float64Array.of(NOON, NOON + 2_000),
      mean: Float64Array.of(2, 5),
      min: Float64Array.of(1, 5),
      max: Float64Array.of(3, 5),
      count: Uint32Array.of(2, 1),
    });
  });

  test('empty buckets are absent, never zero', () => {
    const merger = new BucketMerger(NOON, NOON + 10_000, 1_000);
    merger.add(NOON + 9_000, 1, 4, 4, 4);
    expect([...merger.columns(1).atMs]).toEqual([NOON + 9_000]);
  });

  test('columns never share their memory, so that they can be handed to another thread', () => {
    const columns = rawColumns({ atMs: Float64Array.of(1), quanta: Float64Array.of(2) }, 1);
    expect(new Set([columns.mean.buffer, columns.min.buffer, columns.max.buffer]).size).toBe(3);
  });
});

describe('gaps between samples', () => {
  test('the usual step decides, not the gaps', () => {
    const withGap = Float64Array.of(0, 1_000, 2_000, 3_000, 600_000, 601_000, 602_000);
    expect(rawGapMs(withGap)).toBe(2_500);
  });

  test('one sample says nothing of its step', () => {
    expect(rawGapMs(Float64Array.of(5))).toBe(12_500);
  });
});
