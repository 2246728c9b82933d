/** What one collector read, held until its tick is sent. The arrays are reused from tick to tick. */
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { ProcessSnapshot } from '../../core/metrics/sample.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import type { Sink } from './collector.ts';

export class Readings implements Sink {
  readonly keys: SeriesKey[] = [];
  readonly values: number[] = [];
  count = 0;
  processes: ProcessSnapshot | null = null;
  inventory: Inventory | null = null;

  put(key: SeriesKey, value: number | null): void {
    if (value === null || !Number.isFinite(value)) return;
    this.keys[this.count] = key;
    this.values[this.count] = value;
    this.count += 1;
  }

  putProcesses(snapshot: ProcessSnapshot): void {
    this.processes = snapshot;
  }

  putInventory(inventory: Inventory): void {
    this.inventory = inventory;
  }

  clear(): void {
    this.count = 0;
    this.processes = null;
    this.inventory = null;
  }
}
