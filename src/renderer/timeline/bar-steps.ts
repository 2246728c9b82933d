/** From one bar to the next by arrow keys: along a lane by time, across rows and lanes to what ran at that time. Pure. */
import type { AttemptId } from '../../core/tasks/task.ts';
import type { BarRow } from './bar-rows.ts';
import { type Bar, drawnEndMs } from './bars.ts';
import type { Lane } from './lanes.ts';

export interface BarPlace {
  readonly lane: Lane;
  readonly row: number;
  readonly bar: Bar;
}

export type Step = 'earlier' | 'later' | 'up' | 'down' | 'first' | 'last';

export function placeOf(lanes: readonly Lane[], attemptId: AttemptId): BarPlace | null {
  for (const place of placesIn(lanes)) if (place.bar.attempt.attemptId === attemptId) return place;
  return null;
}

/** The one that began last. */
export function newestPlace(lanes: readonly Lane[]): BarPlace | null {
  let newest: BarPlace | null = null;
  for (const lane of lanes) {
    lane.rows.forEach(({ bars }, row) => {
      const bar = bars.at(-1);
      if (bar !== undefined && (newest === null || bar.fromMs > newest.bar.fromMs)) newest = { lane, row, bar };
    });
  }
  return newest;
}

/** Null where there is nothing in that direction. */
export function stepFrom(lanes: readonly Lane[], from: BarPlace, step: Step, nowMs: number): BarPlace | null {
  if (step === 'up' || step === 'down') return across(lanes, from, step === 'up' ? -1 : 1, nowMs);
  const along = [...placesIn([from.lane])].sort(
    (one, other) => one.bar.fromMs - other.bar.fromMs || one.row - other.row,
  );
  const index = along.findIndex(({ bar }) => bar === from.bar);
  const next = { earlier: index - 1, later: index + 1, first: 0, last: along.length - 1 }[step];
  return along[next] ?? null;
}

function across(lanes: readonly Lane[], from: BarPlace, direction: 1 | -1, nowMs: number): BarPlace | null {
  const rows = lanes.flatMap((lane) => lane.rows.map((bars, row) => ({ lane, row, bars })));
  const here = rows.findIndex(({ lane, row }) => lane.workerId === from.lane.workerId && row === from.row);
  const middleMs = (from.bar.fromMs + drawnEndMs(from.bar, nowMs)) / 2;
  for (let index = here + direction; index >= 0 && index < rows.length; index += direction) {
    const target = rows[index];
    const bar = target === undefined ? null : nearest(target.bars, middleMs, nowMs);
    if (target !== undefined && bar !== null) return { lane: target.lane, row: target.row, bar };
  }
  return null;
}

function nearest({ bars }: BarRow, atMs: number, nowMs: number): Bar | null {
  let best: Bar | null = null;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const bar of bars) {
    const distanceMs = Math.max(0, bar.fromMs - atMs, atMs - drawnEndMs(bar, nowMs));
    if (distanceMs >= bestMs) continue;
    best = bar;
    bestMs = distanceMs;
  }
  return best;
}

function* placesIn(lanes: readonly Lane[]): Iterable<BarPlace> {
  for (const lane of lanes) {
    for (const [row, { bars }] of lane.rows.entries()) for (const bar of bars) yield { lane, row, bar };
  }
}
