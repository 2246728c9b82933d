import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { harmonicMeanOf, mixtureOf, quantileAbove, quantileOf } from '../../../src/core/scheduling/quantile-mixture.ts';

const history = fc.array(fc.double({ min: 1, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 24 });
const histories = fc.array(history, { minLength: 1, maxLength: 5 });
const options = fc.record({
  decay: fc.double({ min: 0.3, max: 1, noNaN: true }),
  priorRuns: fc.double({ min: 0.1, max: 3, noNaN: true }),
});

describe('a mixture of what came', () => {
  test('has shares that sum up to one, and quantiles that rise with their level and stay within what came', () => {
    fc.assert(
      fc.property(histories, options, fc.double({ min: 0, max: 1, noNaN: true }), (known, how, level) => {
        const mixture = mixtureOf(known, how);
        if (mixture === null) throw new Error('Something came');
        const all = known.flat();
        expect(mixture.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        const value = quantileOf(mixture, level);
        expect(value).toBeGreaterThanOrEqual(Math.min(...all));
        expect(value).toBeLessThanOrEqual(Math.max(...all));
        expect(quantileOf(mixture, Math.min(1, level + 0.1))).toBeGreaterThanOrEqual(value);
        expect(quantileOf(mixture, -0.1)).toBeLessThan(Math.min(...all));
        expect(quantileOf(mixture, 1.1)).toBeGreaterThan(Math.max(...all));
      }),
    );
  });

  test('is told by the key itself the more, the more runs it has', () => {
    const general = [100, 100, 100, 100];
    const medianAfter = (runs: number) =>
      quantileOf(mixtureOf([Array<number>(runs).fill(5), general], { decay: 0.6, priorRuns: 0.5 })!, 0.95);
    expect(medianAfter(1)).toBe(100);
    expect(medianAfter(24)).toBe(5);
  });

  test('expects of what has run for a while only what is longer, and of what outlived everything as long again', () => {
    fc.assert(
      fc.property(histories, options, fc.double({ min: 0, max: 2e9, noNaN: true }), (known, how, passed) => {
        const mixture = mixtureOf(known, how)!;
        const expected = quantileAbove(mixture, passed, 0.9);
        if (passed >= Math.max(...known.flat())) expect(expected).toBe(2 * passed);
        else expect(expected).toBeGreaterThan(passed);
      }),
    );
  });

  test('is as urgent as its short part: seldom long is nearly as urgent as never', () => {
    const mostlyShort = mixtureOf([[10, 10, 10, 10_000]], { decay: 1, priorRuns: 1 })!;
    expect(harmonicMeanOf(mostlyShort, 1)).toBeLessThan(14);
    expect(harmonicMeanOf(mostlyShort, 10)).toBeGreaterThanOrEqual(10);
  });

  test('of nothing is nothing', () => {
    expect(mixtureOf([[], []], { decay: 0.6, priorRuns: 1 })).toBeNull();
  });
});
