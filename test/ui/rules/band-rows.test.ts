/** Tasks behind a worker's curves: few rows whatever runs at once, and the names of a moment. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandRows, namesAt } from '../../../src/renderer/charts/band-rows.ts';
import { anAttemptView } from '../../support/task-views.ts';

const running = (name: string, index: number, fromMs: number, toMs: number | null) =>
  anAttemptView(index, { name, placedAtMs: fromMs, startedAtMs: fromMs, endedAtMs: toMs });

describe('bands', () => {
  it('are four rows at most and leave none out, however many run at once', () => {
    const span = fc.record({ fromMs: fc.integer({ min: 0, max: 1_000 }), lasts: fc.integer({ min: 0, max: 500 }) });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 60 }), (spans) => {
        const rows = bandRows(spans.map(({ fromMs, lasts }, index) => running('t', index, fromMs, fromMs + lasts)));
        expect(rows.length).toBeLessThanOrEqual(4);
        expect(rows.reduce((sum, { bars }) => sum + bars.length, 0)).toBe(spans.length);
        for (const { fromMs } of rows) expect([...fromMs]).toEqual([...fromMs].sort((one, other) => one - other));
      }),
    );
  });

  it('name what ran at a moment, and count what is too much to name', () => {
    const rows = bandRows([
      running('lint', 0, 100, 200),
      running('unit', 1, 150, null),
      ...['a', 'b', 'c', 'd', 'e'].map((name, index) => running(name, 2 + index, 500, 600)),
    ]);
    expect(namesAt(rows, 120, 0, 1_000)).toBe('lint');
    expect(namesAt(rows, 160, 0, 1_000)).toBe('lint, unit');
    expect(namesAt(rows, 550, 0, 1_000)).toMatch(/^\w+, \w+, \w+ and 3 more$/);
    expect(namesAt(rows, 50, 0, 1_000)).toBe('');
    expect(namesAt(rows, 50, 60, 1_000)).toBe('lint');
    expect(namesAt(rows, 1_500, 0, 1_000)).toBe('');
  });
});
