import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketIndex, mergeSummaries, summarize } from '../../../src/core/metrics/rollup.ts';

const someQuanta = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 400 });

describe('a summary', () => {
  test('holds count, least, greatest, sum and the nearest-rank percentile', () => {
    const hundred = Float64Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(summarize(hundred)).toEqual({ count: 100, min: 1, max: 100, sum: 5_050, p95: 95 });
    expect(summarize(Float64Array.of(7))).toEqual({ count: 1, min: 7, max: 7, sum: 7, p95: 7 });
    expect(summarize(Float64Array.of(1, 2))).toMatchObject({ p95: 2 });
  });

  test('at least 95 % of the samples are at or below p95, and not one rank fewer', () => {
    fc.assert(
      fc.property(someQuanta, (quanta) => {
        const { p95, count } = summarize(Float64Array.from(quanta));
        const atOrBelow = quanta.filter((value) => value <= (p95 ?? 0)).length;
        const below = quanta.filter((value) => value < (p95 ?? 0)).length;
        expect(atOrBelow).toBeGreaterThanOrEqual(0.95 * count);
        expect(below).toBeLessThan(0.95 * count);
      }),
    );
  });

  test('merged summaries equal the summary of all samples, but for p95, which is unknown', () => {
    fc.assert(
      fc.property(someQuanta, someQuanta, (one, other) => {
        const merged = mergeSummaries(summarize(Float64Array.from(one)), summarize(Float64Array.from(other)));
        expect(merged).toEqual({ ...summarize(Float64Array.from([...one, ...other])), p95: null });
      }),
    );
  });

  test('nothing merged with a summary leaves its percentile known', () => {
    const late = summarize(Float64Array.of(3, 4));
    expect(mergeSummaries(null, late)).toEqual(late);
  });

  test('no samples have no summary', () => {
    expect(() => summarize(new Float64Array(0))).toThrow();
  });
});

test('buckets are aligned to the epoch', () => {
  expect(bucketIndex(59_999, 60_000)).toBe(0);
  expect(bucketIndex(60_000, 60_000)).toBe(1);
  expect(bucketIndex(Date.UTC(2026, 2, 3, 10), 3_600_000) * 3_600_000).toBe(Date.UTC(2026, 2, 3, 10));
});
