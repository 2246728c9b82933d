/** What of a worker's deliveries is let into the history: true times, and no more events and inventories than are of use. */
import { withinWindow } from '../core/coordination/time-window.ts';
import type { SampleBatch } from '../core/metrics/sample.ts';
import type { Clock } from '../core/time.ts';
import { createMeter } from './meter.ts';

/** They lie in fleet.db, whose every write reaches the disk; a real machine has a few a day. */
const EVENTS = { perSecond: 1 / 10, atOnce: 200 };
const INVENTORIES = { perSecond: 1 / 60, atOnce: 10 };

export interface Accepted {
  readonly batch: SampleBatch;
  readonly ticksLeftOut: number;
}

export function createIntake(clock: Clock): (batch: SampleBatch) => Accepted {
  const mayKeepEvent = createMeter(EVENTS, clock);
  const mayKeepInventory = createMeter(INVENTORIES, clock);
  return (delivered) => {
    const { batch, ticksLeftOut } = withinWindow(delivered, clock.nowMs());
    if (batch.events === undefined && batch.inventory === undefined) return { batch, ticksLeftOut };
    const { inventory, events = [], ...rest } = batch;
    const kept: SampleBatch = {
      ...rest,
      events: events.filter(mayKeepEvent),
      ...(inventory !== undefined && mayKeepInventory() ? { inventory } : {}),
    };
    return { batch: kept, ticksLeftOut };
  };
}
