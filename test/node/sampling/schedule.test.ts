import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPeriodOver, nextTickAtMs, timeStepOf, wordsForTimeStep } from '../../../src/node/sampling/schedule.ts';

const interval = fc.constantFrom(250, 1_000, 5_000);
const now = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });

describe('the next tick', () => {
  test('is at a whole interval, never too soon and never more than an interval and a bit away', () => {
    fc.assert(
      fc.property(now, interval, (nowMs, intervalMs) => {
        const next = nextTickAtMs(nowMs, intervalMs);
        expect(next % intervalMs).toBe(0);
        expect(next - nowMs).toBeGreaterThanOrEqual(Math.min(200, intervalMs / 2));
        expect(next - nowMs).toBeLessThan(intervalMs + 200);
      }),
    );
  });
});

describe('a period', () => {
  test('ends once in its length, although timers fire a little early or late', () => {
    const jitter = fc.array(fc.integer({ min: -5, max: 200 }), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(jitter, (delays) => {
        let lastReadAtMs = 0;
        const reads = delays.filter((delayMs, index) => {
          const atMs = (index + 1) * 1_000 + delayMs;
          if (!isPeriodOver(atMs, lastReadAtMs, 5_000)) return false;
          lastReadAtMs = atMs;
          return true;
        });
        expect(reads).toHaveLength(8);
      }),
    );
  });
});

describe('a step of time', () => {
  const at = (wallMs: number, monotonicMs: number) => ({ wallMs, monotonicMs });

  test('is steady while both clocks agree', () => {
    expect(timeStepOf(at(0, 0), at(1_020, 1_020), 1_000, 1_000)).toEqual({ kind: 'steady' });
    expect(timeStepOf(at(0, 0), at(2_900, 2_900), 1_000, 1_000)).toEqual({ kind: 'steady' });
  });

  test('is a jump when they do not: a suspend, a clock that was set', () => {
    expect(timeStepOf(at(0, 0), at(61_000, 1_000), 1_000, 1_000)).toEqual({ kind: 'jumped', byMs: 60_000 });
    expect(timeStepOf(at(0, 0), at(-59_000, 1_000), 1_000, 1_000)).toEqual({ kind: 'jumped', byMs: -60_000 });
  });

  test('is a pause when it is more than three intervals late, and at short intervals more than two seconds', () => {
    expect(timeStepOf(at(0, 0), at(4_100, 4_100), 1_000, 1_000)).toEqual({ kind: 'paused', forMs: 3_100 });
    expect(timeStepOf(at(0, 0), at(2_000, 2_000), 250, 250)).toEqual({ kind: 'steady' });
    expect(timeStepOf(at(0, 0), at(2_300, 2_300), 250, 250)).toEqual({ kind: 'paused', forMs: 2_050 });
  });

  test('is told in words, unless it is steady', () => {
    expect(wordsForTimeStep({ kind: 'steady' })).toBeNull();
    expect(wordsForTimeStep({ kind: 'jumped', byMs: -1_500 })).toBe('The clock went back by 1.5 s.');
  });
});
