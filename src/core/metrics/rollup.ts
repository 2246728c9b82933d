/**
 * What remains of many samples: how many, their least, greatest, sum and 95th percentile, all in whole quanta.
 *
 * The sum is kept instead of the mean, so that merging stays exact. p95 is the nearest-rank percentile of the samples
 * themselves; it cannot be had from other percentiles, so a merge answers null: unknown.
 */
import { HOUR_MS, MINUTE_MS } from '../time.ts';
import type { Resolution } from './history.ts';

export type RollupResolution = Exclude<Resolution, 'raw'>;

/** Widths of the stored rollups, finest first. Each is a whole multiple of the one before. */
export const ROLLUP_WIDTH_MS: Readonly<Record<RollupResolution, number>> = {
  '1m': MINUTE_MS,
  '10m': 10 * MINUTE_MS,
  '1h': HOUR_MS,
};

export const ROLLUP_RESOLUTIONS = ['1m', '10m', '1h'] as const satisfies readonly RollupResolution[];

export interface Summary {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  /** Null when the samples are no longer known. */
  readonly p95: number | null;
}

/** Number of the bucket that holds `atMs`, counted from the epoch; buckets are aligned to it. */
export function bucketIndex(atMs: number, widthMs: number): number {
  return Math.floor(atMs / widthMs);
}

/** Sums up one bucket's samples (at least one). The order of `quanta` is lost: it is sorted in place. */
export function summarize(quanta: Float64Array): Summary {
  if (quanta.length === 0) throw new Error('A bucket without samples has no summary.');
  quanta.sort();
  let sum = 0;
  for (const value of quanta) sum += value;
  return {
    count: quanta.length,
    min: quanta[0] as number,
    max: quanta[quanta.length - 1] as number,
    sum,
    p95: quanta[Math.ceil(0.95 * quanta.length) - 1] as number,
  };
}

/** Both together. Exact but for p95, which only survives where there was nothing to merge. */
export function mergeSummaries(one: Summary | null, other: Summary): Summary {
  if (one === null) return other;
  return {
    count: one.count + other.count,
    min: Math.min(one.min, other.min),
    max: Math.max(one.max, other.max),
    sum: one.sum + other.sum,
    p95: null,
  };
}
