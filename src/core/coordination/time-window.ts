/** What a worker reports has a time that can be true, or it is left out: a wild clock must not fill the history. */
import type { SampleBatch } from '../metrics/sample.ts';
import { DAY_MS, MINUTE_MS } from '../time.ts';

const MOST_AHEAD_MS = 5 * MINUTE_MS;
/** Beyond any spool; retention of raw samples ends far earlier. */
const MOST_BEHIND_MS = 400 * DAY_MS;

interface Dated {
  readonly atMs: number;
}

export interface Windowed {
  /** The same object where all times can be true. */
  readonly batch: SampleBatch;
  readonly ticksLeftOut: number;
}

/** Leaves out ticks, snapshots, events and an inventory more than 5 minutes ahead of `nowMs` or 400 days behind it. */
export function withinWindow(batch: SampleBatch, nowMs: number): Windowed {
  const isPossible = ({ atMs }: Dated) => atMs >= nowMs - MOST_BEHIND_MS && atMs <= nowMs + MOST_AHEAD_MS;
  const { ticks = [], processes = [], events = [], inventory, ...rest } = batch;
  const isWhole =
    ticks.every(isPossible) &&
    processes.every(isPossible) &&
    events.every(isPossible) &&
    (inventory === undefined || isPossible(inventory));
  if (isWhole) return { batch, ticksLeftOut: 0 };
  const keptTicks = ticks.filter(isPossible);
  return {
    batch: {
      ...rest,
      ticks: keptTicks,
      processes: processes.filter(isPossible),
      events: events.filter(isPossible),
      ...(inventory !== undefined && isPossible(inventory) ? { inventory } : {}),
    },
    ticksLeftOut: ticks.length - keptTicks.length,
  };
}
