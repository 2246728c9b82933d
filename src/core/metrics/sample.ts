/** Everything a worker reports, in the one form in which it enters the engine, on time or late. */
import type { Inventory } from '../fleet/inventory.ts';
import type { CollectorStatus } from './collector.ts';
import type { SeriesKey } from './series.ts';

/**
 * Values read at one moment: `values[i]` belongs to `seriesKeys[i]`.
 *
 * A series without a reading is absent, never NaN or 0. The sampler reuses the same `seriesKeys` array while the set of
 * series stays the same, which makes the comparison downstream cheap.
 */
export interface Tick {
  /** Wall time of the reading, ms since the epoch, coordinator's clock. */
  readonly atMs: number;
  readonly seriesKeys: readonly SeriesKey[];
  readonly values: Float64Array;
}

export interface ProcessSample {
  readonly pid: number;
  readonly name: string;
  readonly user: string | null;
  /** Command line, arguments joined by spaces; the name in brackets for kernel threads. Untrusted text. */
  readonly command: string;
  /** Cores used since the reading before (6.12 = 612 %). */
  readonly cpuCores: number;
  /** Resident memory. */
  readonly memoryBytes: number;
  readonly threadCount: number | null;
  readonly readBytesPerSecond: number | null;
  readonly writeBytesPerSecond: number | null;
  readonly gpuMemoryBytes: number | null;
}

/** The processes that used most, by CPU and by memory together, heaviest CPU first. */
export interface ProcessSnapshot {
  readonly atMs: number;
  readonly processCount: number;
  readonly processes: readonly ProcessSample[];
}

/** Something that happened on a worker and is worth a line in its history. */
export interface WorkerEvent {
  readonly atMs: number;
  readonly kind:
    | 'started'
    | 'stopped'
    | 'level-changed'
    | 'clock-jumped'
    | 'collector-changed'
    | 'storage'
    | 'paired'
    | 'unreachable'
    | 'lost'
    | 'back'
    | 'renamed'
    | 'samples-lost'
    | 'hardware-changed'
    | 'paused'
    | 'resumed'
    | 'drained'
    | 'tasks-returned'
    | 'updated'
    | 'update-failed';
  readonly message: string;
}

/** What one delivery from a worker may hold; every part is optional. */
export interface SampleBatch {
  readonly ticks?: readonly Tick[];
  readonly processes?: readonly ProcessSnapshot[];
  readonly collectors?: readonly CollectorStatus[];
  readonly inventory?: Inventory;
  readonly events?: readonly WorkerEvent[];
}
