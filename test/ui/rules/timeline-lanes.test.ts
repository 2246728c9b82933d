/** Bars in rows, rows in lanes, and what of them is drawn and met. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workerId } from '../../../src/core/fleet/worker.ts';
import type { AttemptState } from '../../../src/core/tasks/task.ts';
import type { AttemptView } from '../../../src/core/tasks/view.ts';
import { barRows, firstReaching, MOST_ROWS, rowsOf } from '../../../src/renderer/timeline/bar-rows.ts';
import { newestPlace, placeOf, stepFrom } from '../../../src/renderer/timeline/bar-steps.ts';
import { drawnEndMs } from '../../../src/renderer/timeline/bars.ts';
import { heightOf, hitAt, lanesOf, rowTop } from '../../../src/renderer/timeline/lanes.ts';
import { piecesOf } from '../../../src/renderer/timeline/pieces.ts';
import { anAttemptView } from '../../support/task-views.ts';

const NOW = 1_000_000;
const STATES: readonly AttemptState[] = ['succeeded', 'failed', 'lost', 'cancelled', 'timed-out'];

function attempt(index: number, fromMs: number, toMs: number | null, more: Partial<AttemptView> = {}): AttemptView {
  return anAttemptView(index, { placedAtMs: fromMs, startedAtMs: fromMs, endedAtMs: toMs, ...more });
}

const attempts = (most: number) =>
  fc
    .array(
      fc.record({
        fromMs: fc.integer({ min: 0, max: NOW }),
        lasted: fc.option(fc.integer({ min: 0, max: Math.round(NOW / 3) }), { freq: 8 }),
        state: fc.constantFrom(...STATES),
      }),
      { maxLength: most },
    )
    .map((spans) =>
      spans.map(({ fromMs, lasted, state }, index) =>
        lasted === null ? attempt(index, fromMs, null) : attempt(index, fromMs, fromMs + lasted, { state }),
      ),
    );

const view = fc
  .record({ fromMs: fc.integer({ min: -NOW, max: NOW }), lasts: fc.integer({ min: 10, max: 3 * NOW }) })
  .map(({ fromMs, lasts }) => ({ fromMs, toMs: fromMs + lasts }));
const width = fc.integer({ min: 20, max: 2_000 });

describe('rows', () => {
  it('hold every bar once, none over another, and no more of them than run at once', () => {
    fc.assert(
      fc.property(attempts(80), (all) => {
        const rows = barRows(all);
        const bars = rows.flatMap((row) => row.bars);
        expect(new Set(bars.map((bar) => bar.attempt.attemptId))).toEqual(new Set(all.map((one) => one.attemptId)));
        expect(bars).toHaveLength(all.length);
        // One that ends at once stands beside what runs at its moment.
        const beside = bars.map(
          (bar) => 1 + bars.filter((one) => one !== bar && one.fromMs <= bar.fromMs && one.toMs > bar.fromMs).length,
        );
        expect(rows.length).toBeLessThanOrEqual(Math.max(0, ...beside));
        if (rows.length >= MOST_ROWS) return;
        for (const { bars: own } of rows) {
          own.forEach((bar, index) => {
            const next = own[index + 1];
            if (next !== undefined) expect(next.fromMs).toBeGreaterThanOrEqual(bar.toMs);
          });
        }
      }),
    );
  });

  it('are kept by bars that were there, whatever comes before them', () => {
    const first = [attempt(0, 100, 900), attempt(1, 200, 300)];
    const before = rowsOf(barRows(first));
    const after = rowsOf(barRows([...first, attempt(2, 50, 150), attempt(3, 60, 1_000)], before));
    expect(after.get(first[0]!.attemptId)).not.toBeUndefined();
    const again = rowsOf(barRows([...first, attempt(4, 400, 500)], before));
    for (const one of first) expect(again.get(one.attemptId)).toBe(before.get(one.attemptId));
  });

  it('are at most so many: what is left lies over one another in the last', () => {
    const rows = barRows(Array.from({ length: 100 }, (_, index) => attempt(index, index, null)));
    expect(rows).toHaveLength(MOST_ROWS);
    expect(rows.at(-1)?.bars).toHaveLength(100 - MOST_ROWS + 1);
  });

  it('are searched for the first bar that reaches a moment', () => {
    fc.assert(
      fc.property(attempts(60), fc.integer({ min: 0, max: NOW }), (all, atMs) => {
        for (const row of barRows(all)) {
          const first = firstReaching(row, atMs);
          expect(row.bars.slice(0, first).every((bar) => bar.toMs < atMs)).toBe(true);
        }
      }),
    );
  });
});

describe('pieces', () => {
  it('stand for every bar in sight exactly once, from left to right, and hide no failure', () => {
    fc.assert(
      fc.property(attempts(200), view, width, (all, span, pixels) => {
        for (const row of barRows(all)) {
          const pieces = piecesOf(row, span, pixels, NOW);
          const inSight = row.bars.filter((bar) => bar.fromMs < span.toMs && drawnEndMs(bar, NOW) >= span.fromMs);
          expect(pieces.reduce((sum, piece) => sum + piece.count, 0)).toBe(inSight.length);
          const bad = inSight.filter(({ look }) => look === 'failed' || look === 'lost');
          expect(pieces.reduce((sum, piece) => sum + piece.badCount, 0)).toBe(bad.length);
          pieces.forEach((piece, index) => {
            expect(piece.width).toBeGreaterThan(1.99);
            const next = pieces[index + 1];
            if (next !== undefined) expect(next.x).toBeGreaterThanOrEqual(piece.x);
          });
        }
      }),
    );
  });

  it('are as few as the plot has room for, however many bars there are', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => attempt(index, index * 10, index * 10 + 8));
    const [row] = barRows(many);
    expect(piecesOf(row!, { fromMs: 0, toMs: 100_000 }, 600, NOW).length).toBeLessThanOrEqual(300);
  });

  it('say whether all of them look alike', () => {
    const row = barRows([
      attempt(0, 0, 1),
      attempt(1, 1, 2),
      attempt(2, 500, 501),
      attempt(3, 501, 502, { type: 'lint' }),
    ])[0]!;
    const pieces = piecesOf(row, { fromMs: 0, toMs: 1_000 }, 100, NOW);
    expect(pieces.map(({ count, isUniform }) => [count, isUniform])).toEqual([
      [2, true],
      [2, false],
    ]);
  });

  it('of what runs end at now, wherever that is', () => {
    const row = barRows([attempt(0, 100, null)])[0]!;
    const [piece] = piecesOf(row, { fromMs: 0, toMs: 1_000 }, 1_000, 600);
    expect(piece).toMatchObject({ x: 100, width: 500 });
    expect(piecesOf(row, { fromMs: 0, toMs: 1_000 }, 1_000, 700)[0]?.width).toBe(600);
  });
});

describe('lanes', () => {
  const lane = (count: number, id = 'rig') => ({
    workerId: workerId(id),
    rows: barRows(Array.from({ length: count }, (_, index) => attempt(index, 100, 900, { workerId: workerId(id) }))),
  });

  it('follow each other without a gap, and hold their rows', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 12 }), (counts) => {
        const lanes = lanesOf(counts.map((count, index) => lane(count, `rig-${index}`)));
        let top = 0;
        for (const one of lanes) {
          expect(one.top).toBe(top);
          top += one.height;
          expect(one.barHeight).toBeGreaterThan(2);
          one.rows.forEach((_, row) => {
            expect(rowTop(one, row)).toBeGreaterThanOrEqual(one.top);
            expect(rowTop(one, row) + one.barHeight).toBeLessThanOrEqual(one.top + one.height);
          });
        }
        expect(heightOf(lanes)).toBe(top);
      }),
    );
  });

  it('answer the bar that is under a point, and the nearest one beside it', () => {
    fc.assert(
      fc.property(attempts(60), width, (all, pixels) => {
        const lanes = lanesOf([{ workerId: workerId('rig'), rows: barRows(all) }]);
        const plot = { view: { fromMs: 0, toMs: 2 * NOW }, widthPixels: pixels, nowMs: NOW };
        for (const [one] of [lanes]) {
          one?.rows.forEach((row, index) => {
            for (const piece of piecesOf(row, plot.view, pixels, NOW)) {
              const point = { x: piece.x + piece.width / 2, y: rowTop(one, index) + one.barHeight / 2 };
              const hit = hitAt(lanes, point, plot);
              expect(hit?.row).toBe(index);
              const { x, width: wide } = hit!.piece;
              expect(x).toBeLessThanOrEqual(point.x);
              expect(x + wide).toBeGreaterThanOrEqual(point.x);
            }
          });
        }
      }),
    );
    const lanes = lanesOf([lane(1)]);
    const plot = { view: { fromMs: 0, toMs: 1_000 }, widthPixels: 1_000, nowMs: NOW };
    const y = rowTop(lanes[0]!, 0) + 3;
    expect(hitAt(lanes, { x: 97.5, y }, plot)?.piece.count).toBe(1);
    expect(hitAt(lanes, { x: 90, y }, plot)).toBeNull();
    expect(hitAt(lanes, { x: 500, y: 2_000 }, plot)).toBeNull();
  });
});

describe('steps from bar to bar', () => {
  const lanes = lanesOf([
    { workerId: workerId('a'), rows: barRows([attempt(0, 0, 100), attempt(1, 50, 200), attempt(2, 300, 400)]) },
    { workerId: workerId('b'), rows: barRows([]) },
    { workerId: workerId('c'), rows: barRows([attempt(3, 10, 20), attempt(4, 290, 500)]) },
  ]);
  const named = (name: string) =>
    lanes.flatMap((one) => one.rows.flatMap((row) => row.bars)).find((bar) => bar.attempt.name === name)!;
  const from = (name: string) => placeOf(lanes, named(name).attempt.attemptId)!;
  const step = (name: string, way: Parameters<typeof stepFrom>[2]) =>
    stepFrom(lanes, from(name), way, NOW)?.bar.attempt.name ?? null;

  it('go along a lane by time, and end at its ends', () => {
    expect([step('task 0', 'later'), step('task 1', 'later'), step('task 2', 'later')]).toEqual([
      'task 1',
      'task 2',
      null,
    ]);
    expect([step('task 2', 'earlier'), step('task 0', 'earlier')]).toEqual(['task 1', null]);
    expect([step('task 1', 'first'), step('task 0', 'last')]).toEqual(['task 0', 'task 2']);
  });

  it('go across rows and lanes to what ran then, over lanes without any', () => {
    expect(step('task 2', 'down')).toBe('task 1');
    expect(step('task 1', 'down')).toBe('task 3');
    expect(step('task 4', 'up')).toBe('task 1');
    expect([step('task 0', 'up'), step('task 4', 'down')]).toEqual([null, null]);
  });

  it('begin at the newest', () => {
    expect(newestPlace(lanes)?.bar.attempt.name).toBe('task 2');
    expect(newestPlace([])).toBeNull();
  });
});
