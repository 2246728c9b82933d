/** Runs one collector as the scheduler would, and shows what it put. */
import type { Inventory } from '../../../src/core/fleet/inventory.ts';
import type { Level } from '../../../src/core/metrics/level.ts';
import type { ProcessSnapshot } from '../../../src/core/metrics/sample.ts';
import type { Collector, Condition } from '../../../src/node/sampling/collector.ts';
import { Readings } from '../../../src/node/sampling/readings.ts';

export interface CollectorReading {
  readonly condition: Condition;
  readonly values: Readonly<Record<string, number>>;
  readonly processes: ProcessSnapshot | null;
  readonly inventory: Inventory | null;
}

/** One read at a time of the test's choosing, ms on both clocks. */
export async function readAt(atMs: number, collector: Collector, level: Level = 'detailed'): Promise<CollectorReading> {
  const readings = new Readings();
  const condition = await collector.read(readings, { level, atMs, monotonicMs: () => atMs });
  const entries = readings.keys.slice(0, readings.count).map((key, index) => [key, readings.values[index]!] as const);
  return {
    condition,
    values: Object.fromEntries(entries),
    processes: readings.processes,
    inventory: readings.inventory,
  };
}

/** One read at the time it really is. */
export function readNow(collector: Collector, level: Level = 'detailed'): Promise<CollectorReading> {
  return readAt(performance.now(), collector, level);
}
