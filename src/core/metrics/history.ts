/** Questions about the past of a worker's series, and their answers. */
import type { WorkerId } from '../fleet/worker.ts';
import type { SeriesKey } from './series.ts';

/** Width of one point, ms; `raw` points are the samples themselves. */
export type Resolution = 'raw' | '1m' | '10m' | '1h';

export interface HistoryRequest {
  readonly workerId: WorkerId;
  readonly seriesKeys: readonly SeriesKey[];
  /** Half-open range [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
  /** At most this many points a series (1..5000). The store picks the finest resolution that fits and merges the rest. */
  readonly maxPoints: number;
}

/**
 * One series in columns of equal length, oldest first. Only buckets that hold samples are present: a step in `atMs`
 * greater than `gapMs` is a gap and must be drawn as one.
 */
export interface SeriesHistory {
  readonly seriesKey: SeriesKey;
  readonly resolution: Resolution;
  readonly gapMs: number;
  /** Start of each bucket (raw: the time of the sample). */
  readonly atMs: Float64Array;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Samples in each bucket. */
  readonly count: Uint32Array;
}

export interface History {
  readonly workerId: WorkerId;
  readonly series: readonly SeriesHistory[];
}

/** A series known to the store, with the span of time it has data for. */
export interface SeriesInfo {
  readonly seriesKey: SeriesKey;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}
