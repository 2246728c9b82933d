/** Bars of one worker in rows, so that none lies over another; a bar keeps the row it had. Pure. */
import type { AttemptId } from '../../core/tasks/task.ts';
import type { AttemptView } from '../../core/tasks/view.ts';
import { type Bar, barOf } from './bars.ts';

/** Bars of one row by their beginning, in columns: looked through at each frame. */
export interface BarRow {
  readonly bars: readonly Bar[];
  readonly fromMs: Float64Array;
  /** The latest end of this bar and of all before it: rises, so that it can be searched. */
  readonly latestToMs: Float64Array;
}

/** Where so many run at once on one worker, the last row takes what is left, over one another. */
export const MOST_ROWS = 40;

export type RowsOf = ReadonlyMap<AttemptId, number>;

/** The lowest free row for each, in the order they began; the row of `before` where that one is free. */
export function barRows(attempts: readonly AttemptView[], before: RowsOf = new Map()): readonly BarRow[] {
  const bars = attempts.map(barOf).sort((one, other) => one.fromMs - other.fromMs || compareIds(one, other));
  const rows: Bar[][] = [];
  const ends: number[] = [];
  for (const bar of bars) {
    const row = freeRow(ends, bar, before.get(bar.attempt.attemptId));
    while (rows.length <= row) {
      rows.push([]);
      ends.push(Number.NEGATIVE_INFINITY);
    }
    rows[row]?.push(bar);
    ends[row] = Math.max(ends[row] ?? 0, bar.toMs);
  }
  return rows.map(rowOf);
}

/** The first index from which a bar may reach beyond `fromMs`. */
export function firstReaching({ latestToMs }: BarRow, fromMs: number): number {
  let low = 0;
  let high = latestToMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((latestToMs[middle] ?? 0) < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Which row each has. */
export function rowsOf(rows: readonly BarRow[]): RowsOf {
  return new Map(rows.flatMap(({ bars }, row) => bars.map(({ attempt }) => [attempt.attemptId, row] as const)));
}

function freeRow(ends: readonly number[], { fromMs }: Bar, wished: number | undefined): number {
  const isFree = (row: number) => (ends[row] ?? Number.NEGATIVE_INFINITY) <= fromMs;
  if (wished !== undefined && wished < ends.length && isFree(wished)) return wished;
  for (let row = 0; row < MOST_ROWS; row += 1) if (isFree(row)) return row;
  return MOST_ROWS - 1;
}

/** `bars`: by their beginning; they may lie over one another. */
export function rowOf(bars: readonly Bar[]): BarRow {
  let latest = Number.NEGATIVE_INFINITY;
  const latestToMs = Float64Array.from(bars, ({ toMs }) => {
    latest = Math.max(latest, toMs);
    return latest;
  });
  return { bars, fromMs: Float64Array.from(bars, (bar) => bar.fromMs), latestToMs };
}

function compareIds(one: Bar, other: Bar): number {
  return one.attempt.attemptId < other.attempt.attemptId ? -1 : 1;
}
