import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Counter, increaseOf, ratePerSecond, wrappedIncreaseOf } from '../../../src/core/metrics/rate.ts';

describe('the rate of a counter', () => {
  test('is its increase over the time that really passed', () => {
    expect(ratePerSecond({ value: 1_000, monotonicMs: 500 }, { value: 4_000, monotonicMs: 2_000 })).toBe(2_000);
  });

  test('does not exist at the first reading', () => {
    expect(ratePerSecond(null, { value: 1_000, monotonicMs: 0 })).toBeNull();
    expect(new Counter().next(1_000, 0)).toBeNull();
  });

  test('does not exist after a reset or a wrap, and exists again afterwards', () => {
    const counter = new Counter();
    counter.next(4_294_967_000, 0);
    expect(counter.next(120, 1_000)).toBeNull();
    expect(counter.next(220, 2_000)).toBe(100);
  });

  test('does not exist over more than a minute, nor over no time', () => {
    const before = { value: 0, monotonicMs: 0 };
    expect(ratePerSecond(before, { value: 10, monotonicMs: 60_001 })).toBeNull();
    expect(ratePerSecond(before, { value: 10, monotonicMs: 0 })).toBeNull();
    expect(ratePerSecond(before, { value: 10, monotonicMs: -5 })).toBeNull();
  });

  test('does not exist next to a reading that is missing', () => {
    const counter = new Counter();
    counter.next(10, 0);
    expect(counter.next(Number.NaN, 1_000)).toBeNull();
    expect(counter.next(30, 2_000)).toBeNull();
    expect(counter.next(40, 3_000)).toBe(10);
  });

  test('is never negative and never infinite, whatever the readings', () => {
    const reading = fc.record({ value: fc.double(), monotonicMs: fc.double({ noDefaultInfinity: true }) });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 20 }), (readings) => {
        const counter = new Counter();
        for (const { value, monotonicMs } of readings) {
          const rate = counter.next(value, monotonicMs);
          expect(rate === null || rate >= 0).toBe(true);
        }
      }),
    );
  });

  test('adds up to the whole increase over any division of the time', () => {
    const step = fc.record({ increase: fc.nat(1_000_000), elapsedMs: fc.integer({ min: 1, max: 60_000 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1 }), (steps) => {
        const counter = new Counter();
        let value = 7;
        let nowMs = 0;
        let sum = 0;
        counter.next(value, nowMs);
        for (const { increase, elapsedMs } of steps) {
          value += increase;
          nowMs += elapsedMs;
          sum += counter.next(value, nowMs)! * (elapsedMs / 1_000);
        }
        expect(sum).toBeCloseTo(value - 7, 3);
      }),
    );
  });

  test('is the same from a Counter and from two readings', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(100_000), (first, second, elapsedMs) => {
        const counter = new Counter();
        counter.next(first, 0);
        const expected = ratePerSecond({ value: first, monotonicMs: 0 }, { value: second, monotonicMs: elapsedMs });
        expect(counter.next(second, elapsedMs)).toBe(expected);
      }),
    );
  });

  test('forgets its reading when told to', () => {
    const counter = new Counter();
    counter.next(10, 0);
    counter.reset();
    expect(counter.next(20, 1_000)).toBeNull();
  });
});

describe('an increase', () => {
  test('is unknown after a fall', () => {
    expect(increaseOf(10, 9)).toBeNull();
    expect(increaseOf(9, 10)).toBe(1);
  });

  test('goes on across one wrap of a counter whose range is known', () => {
    expect(wrappedIncreaseOf(990, 15, 1_000, 100)).toBe(25);
    expect(wrappedIncreaseOf(15, 40, 1_000, 100)).toBe(25);
  });

  test('is unknown when only a reset explains it', () => {
    expect(wrappedIncreaseOf(500, 0, 1_000, 100)).toBeNull();
  });
});
