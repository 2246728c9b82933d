/** What the history weighs and what its files have been through, in words the window and `labwatch doctor` share. */

export interface StorageUsage {
  /** Size on disk of metrics.db and fleet.db with their logs. */
  readonly metricsBytes: number;
  readonly fleetBytes: number;
  /** Free space on the filesystem of the data folder. */
  readonly freeBytes: number;
  readonly sampleCount: number;
  readonly seriesCount: number;
  readonly oldestSampleAtMs: number | null;
  /** What the present retention will come to at the present pace; null until an hour was recorded. */
  readonly projectedBytes: number | null;
}

/** A state of the store that a person must know of, until it ends. */
export type StorageNotice =
  | { readonly kind: 'metrics-set-aside'; readonly atMs: number; readonly movedTo: string; readonly reason: string }
  | {
      readonly kind: 'fleet-restored';
      readonly atMs: number;
      readonly movedTo: string;
      readonly backupAtMs: number | null;
    }
  | { readonly kind: 'newer-schema'; readonly atMs: number; readonly file: string }
  | { readonly kind: 'memory-only'; readonly atMs: number; readonly reason: string };
