/** Marks of the time axis and spans of the value axis. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeMarks } from '../../../src/renderer/charts/time-axis.ts';
import { valueSpan } from '../../../src/renderer/charts/value-axis.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

describe('time marks', () => {
  it('stand at round local moments, never more than asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10_000, max: 40 * DAY }),
        fc.integer({ min: 1.6e12, max: 1.9e12 }),
        fc.integer({ min: 3, max: 12 }),
        (span, from, most) => {
          const marks = timeMarks(from, from + span, most);
          expect(marks.length).toBeLessThanOrEqual(most + 1);
          for (const { atMs } of marks) {
            expect(atMs).toBeGreaterThanOrEqual(from);
            expect(atMs).toBeLessThanOrEqual(from + span);
            expect(atMs % 1_000).toBe(0);
          }
        },
      ),
    );
  });

  it('are clock times within a day and dates beyond', () => {
    const noon = new Date(2026, 2, 10, 12, 3).getTime();
    expect(timeMarks(noon, noon + 15 * MINUTE, 4).map(({ label }) => label)).toEqual(['12:05', '12:10', '12:15']);
    expect(timeMarks(noon, noon + 7 * DAY, 4).map(({ label }) => label)).toEqual([
      '11 Mar',
      '13 Mar',
      '15 Mar',
      '17 Mar',
    ]);
  });
});

describe('value spans', () => {
  it('show shares of a whole against 100 %, and more where a share exceeds it', () => {
    expect(valueSpan('1', true, 0.1, 0.3, null)).toEqual({ least: 0, most: 1 });
    expect(valueSpan('1', true, 0.1, 1.4, null)).toEqual({ least: 0, most: 2 });
    expect(valueSpan('1', false, 0, 0.03, null)).toEqual({ least: 0, most: 0.05 });
  });

  it('hold every value, whatever came before', () => {
    const unit = fc.constantFrom('By', 'By/s', 's', 'Hz', 'W', 'rpm', '/s', '{item}', 'Cel') as fc.Arbitrary<'W'>;
    const size = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e12, noNaN: true }));
    fc.assert(
      fc.property(unit, size, size, (one, before, most) => {
        const span = valueSpan(one, true, most / 2, most, valueSpan(one, true, before / 2, before, null));
        expect(span.most).toBeGreaterThanOrEqual(most * 0.9999);
        expect(span.least).toBeLessThanOrEqual(most / 2);
        expect(span.most).toBeGreaterThan(span.least);
      }),
    );
  });

  it('do not twitch while a maximum shrinks a little', () => {
    const before = valueSpan('By/s', true, 0, 240e6, null);
    expect(valueSpan('By/s', true, 0, 190e6, before)).toEqual(before);
    expect(valueSpan('By/s', true, 0, 20e6, before).most).toBeLessThan(before.most);
  });
});
