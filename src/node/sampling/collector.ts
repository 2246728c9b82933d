/** What a source of metrics is to the scheduler: a name, a pace, a time limit, and a way to read it. */
import type { Inventory } from '../../core/fleet/inventory.ts';
import type { CollectorState } from '../../core/metrics/collector.ts';
import type { Level } from '../../core/metrics/level.ts';
import type { ProcessSnapshot } from '../../core/metrics/sample.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';

/** Where a collector puts what it read. */
export interface Sink {
  /** Null and values that are not finite are left out: a series without a reading is absent. */
  put(key: SeriesKey, value: number | null): void;
  putProcesses(snapshot: ProcessSnapshot): void;
  putInventory(inventory: Inventory): void;
}

/** The circumstances of one read. */
export interface ReadContext {
  readonly level: Level;
  /** Wall time of the tick, ms since the epoch. */
  readonly atMs: number;
  /** Monotonic time now, ms: taken right after a file was read, so that a rate knows its true interval. */
  monotonicMs(): number;
}

/** How a source fares. `ok` may carry a reason too: a GPU that sleeps is well, and has no values. */
export interface Condition {
  readonly state: CollectorState;
  readonly reason: string | null;
  readonly remedy: string | null;
}

export const OK: Condition = { state: 'ok', reason: null, remedy: null };

export function okBecause(reason: string): Condition {
  return { state: 'ok', reason, remedy: null };
}

export function unsupported(reason: string, remedy: string | null = null): Condition {
  return { state: 'unsupported', reason, remedy };
}

export function noPermission(reason: string, remedy: string): Condition {
  return { state: 'no permission', reason, remedy };
}

export function failing(reason: string, remedy: string | null = null): Condition {
  return { state: 'failing', reason, remedy };
}

export interface Collector {
  readonly name: string;
  readonly leastLevel: Level;
  /** Time between two reads, a multiple of the level's tick interval; null: at every tick. */
  cadenceMs(level: Level): number | null;
  /** A read that takes longer is reported as failing; its ticks are skipped and counted until it ends. */
  readonly timeLimitMs: number;
  /** Reads in the very first tick, which is sent at once. Others begin with the second, 200 ms later. */
  readonly isInFirstTick: boolean;
  /**
   * Looks for the source and opens it. Called before the first read, again after a failure, and once a minute while it
   * is not ok. May be called repeatedly: gives back what an earlier call opened.
   */
  detect(): Condition | Promise<Condition>;
  /** Puts its readings and says how it went. What it throws is reported as failing, and harms nobody else. */
  read(sink: Sink, context: ReadContext): Condition | Promise<Condition>;
  /** Forgets earlier readings, so that the next gives no rate: the clock jumped or the machine slept. */
  reset(): void;
  /** The level fell below `leastLevel`: what runs for this source ends, until it is read again. */
  pause?(): void;
  /** Ends children, closes files. */
  dispose(): void | Promise<void>;
}
