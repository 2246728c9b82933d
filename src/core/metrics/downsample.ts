/**
 * How a question about the past is answered within a bound of points: which stored resolution is read, how wide the
 * buckets of the answer are, and how samples and rollups are merged into them.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../time.ts';
import { fromQuanta } from './codec.ts';
import type { Resolution } from './history.ts';
import { ROLLUP_RESOLUTIONS, ROLLUP_WIDTH_MS } from './rollup.ts';

/** Widths a person can read on an axis, each a whole multiple of the stored resolution that feeds it. */
const WIDTHS_MS: readonly number[] = [
  ...[0.25, 0.5, 1, 2, 5, 10, 15, 20, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 3, 4, 5, 6, 10, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR_MS),
];

/** A gap is drawn when more than this many expected steps pass without a point. */
const GAP_STEPS = 2.5;

/** Step assumed of a series of which fewer than two samples are known. */
const UNKNOWN_STEP_MS = 5 * SECOND_MS;

export interface DownsamplePlan {
  readonly resolution: Resolution;
  /** Width of the answer's buckets; with `raw`, used only when the samples themselves are too many. */
  readonly widthMs: number;
}

/** The finest width whose buckets over [fromMs, toMs) number at most `maxPoints`, and the coarsest store that serves it. */
export function planDownsampling(fromMs: number, toMs: number, maxPoints: number): DownsamplePlan {
  const fits = (widthMs: number): boolean => bucketsWithin(fromMs, toMs, widthMs) <= maxPoints;
  let widthMs = WIDTHS_MS.find(fits);
  if (widthMs === undefined) {
    widthMs = Math.max(1, Math.ceil((toMs - fromMs) / maxPoints / DAY_MS)) * DAY_MS;
    while (!fits(widthMs)) widthMs += DAY_MS;
  }
  const width = widthMs;
  const coarsest = ROLLUP_RESOLUTIONS.findLast((resolution) => ROLLUP_WIDTH_MS[resolution] <= width);
  return { resolution: coarsest ?? 'raw', widthMs };
}

function bucketsWithin(fromMs: number, toMs: number, widthMs: number): number {
  return Math.floor((toMs - 1) / widthMs) - Math.floor(fromMs / widthMs) + 1;
}

/** The columns of a `SeriesHistory`, in real units. */
export interface Columns {
  readonly atMs: Float64Array;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Uint32Array;
}

/** Samples and rollups gathered into buckets of one width, in any order. */
export class BucketMerger {
  private readonly widthMs: number;
  private readonly first: number;
  private readonly counts: Float64Array;
  private readonly sums: Float64Array;
  private readonly mins: Float64Array;
  private readonly maxs: Float64Array;

  constructor(fromMs: number, toMs: number, widthMs: number) {
    this.widthMs = widthMs;
    this.first = Math.floor(fromMs / widthMs);
    const length = Math.max(0, bucketsWithin(fromMs, toMs, widthMs));
    this.counts = new Float64Array(length);
    this.sums = new Float64Array(length);
    this.mins = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
    this.maxs = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
  }

  /** Takes in `count` samples at or after `atMs`; what lies outside the range is left out. Quanta throughout. */
  add(atMs: number, count: number, sum: number, min: number, max: number): void {
    const bucket = Math.floor(atMs / this.widthMs) - this.first;
    if (bucket < 0 || bucket >= this.counts.length) return;
    this.counts[bucket] = (this.counts[bucket] as number) + count;
    this.sums[bucket] = (this.sums[bucket] as number) + sum;
    if (min < (this.mins[bucket] as number)) this.mins[bucket] = min;
    if (max > (this.maxs[bucket] as number)) this.maxs[bucket] = max;
  }

  addSamples(samples: RawSamples): void {
    for (let index = 0; index < samples.atMs.length; index += 1) {
      const value = samples.quanta[index] as number;
      this.add(samples.atMs[index] as number, 1, value, value, value);
    }
  }

  /** The buckets that hold samples, oldest first. */
  columns(quantum: number): Columns {
    const filled: number[] = [];
    for (let bucket = 0; bucket < this.counts.length; bucket += 1) {
      if ((this.counts[bucket] as number) > 0) filled.push(bucket);
    }
    const meanOf = (bucket: number): number =>
      fromQuanta(this.sums[bucket] as number, quantum) / (this.counts[bucket] as number);
    return {
      atMs: Float64Array.from(filled, (bucket) => (this.first + bucket) * this.widthMs),
      mean: Float64Array.from(filled, meanOf),
      min: Float64Array.from(filled, (bucket) => fromQuanta(this.mins[bucket] as number, quantum)),
      max: Float64Array.from(filled, (bucket) => fromQuanta(this.maxs[bucket] as number, quantum)),
      count: Uint32Array.from(filled, (bucket) => this.counts[bucket] as number),
    };
  }
}

/** Samples of one series, oldest first, one a millisecond at most. */
export interface RawSamples {
  readonly atMs: Float64Array;
  readonly quanta: Float64Array;
}

/** The samples as they are: mean, least and greatest of each point are its value. */
export function rawColumns(samples: RawSamples, quantum: number): Columns {
  const values = samples.quanta.map((count) => fromQuanta(count, quantum));
  return {
    atMs: samples.atMs,
    mean: values,
    min: values.slice(),
    max: values.slice(),
    count: new Uint32Array(values.length).fill(1),
  };
}

/** Longest step between raw points that is still no gap: from the median step, so that gaps themselves do not stretch it. */
export function rawGapMs(atMs: Float64Array): number {
  if (atMs.length < 2) return GAP_STEPS * UNKNOWN_STEP_MS;
  const steps = new Float64Array(atMs.length - 1);
  for (let index = 1; index < atMs.length; index += 1) {
    steps[index - 1] = (atMs[index] as number) - (atMs[index - 1] as number);
  }
  steps.sort();
  return GAP_STEPS * (steps[Math.floor(steps.length / 2)] as number);
}

export function bucketGapMs(widthMs: number, stepMs = 0): number {
  return GAP_STEPS * Math.max(widthMs, stepMs);
}
