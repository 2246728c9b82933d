/**
 * One series as the charts draw it: buckets about one pixel wide, oldest first, in columns of typed arrays.
 *
 * History fills it, live samples go on at its end: a sample within the newest bucket is merged into it, so that a chart
 * never holds more points than pixels for long, whatever the range.
 */
import type { SeriesHistory } from '../../core/metrics/history.ts';

export interface SeriesColumns {
  readonly length: number;
  readonly atMs: Float64Array;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Float64Array;
  /** A step longer than this is a gap. */
  readonly gapMs: number;
  load(history: SeriesHistory | undefined, bucketMs: number): void;
  /** Adds a sample that is newer than all before; `sampleGapMs` is the longest step that live samples leave. */
  append(atMs: number, value: number, sampleGapMs: number): void;
  /** Forgets buckets before `fromMs`, but for the one that leads into the window. */
  trim(fromMs: number): void;
  /** The bucket that stands for a moment, or -1 in a gap. */
  indexAt(atMs: number): number;
}

const FIRST_CAPACITY = 256;

export function createSeriesColumns(): SeriesColumns {
  let capacity = FIRST_CAPACITY;
  let columns = emptyColumns(capacity);
  let length = 0;
  let gapMs = Number.POSITIVE_INFINITY;
  let bucketMs = 0;

  const grow = (needed: number) => {
    if (needed <= capacity) return;
    capacity = Math.max(needed, capacity * 2);
    const larger = emptyColumns(capacity);
    for (const name of NAMES) larger[name].set(columns[name].subarray(0, length));
    columns = larger;
  };

  return {
    get length() {
      return length;
    },
    get atMs() {
      return columns.atMs;
    },
    get mean() {
      return columns.mean;
    },
    get min() {
      return columns.min;
    },
    get max() {
      return columns.max;
    },
    get count() {
      return columns.count;
    },
    get gapMs() {
      return gapMs;
    },
    load(history, nextBucketMs) {
      bucketMs = nextBucketMs;
      length = 0;
      gapMs = history?.gapMs ?? 0;
      if (history === undefined) return;
      grow(history.atMs.length);
      for (const name of NAMES) columns[name].set(history[name]);
      length = history.atMs.length;
    },
    append(atMs, value, sampleGapMs) {
      gapMs = Math.max(gapMs, sampleGapMs + bucketMs);
      const last = length - 1;
      const lastAtMs = columns.atMs[last] ?? Number.NEGATIVE_INFINITY;
      if (length > 0 && atMs - lastAtMs < bucketMs) {
        const count = columns.count[last] ?? 1;
        const mean = columns.mean[last] ?? value;
        columns.mean[last] = mean + (value - mean) / (count + 1);
        columns.min[last] = Math.min(columns.min[last] ?? value, value);
        columns.max[last] = Math.max(columns.max[last] ?? value, value);
        columns.count[last] = count + 1;
        return;
      }
      grow(length + 1);
      columns.atMs[length] = atMs;
      columns.mean[length] = value;
      columns.min[length] = value;
      columns.max[length] = value;
      columns.count[length] = 1;
      length += 1;
    },
    trim(fromMs) {
      const keepFrom = firstIndexFrom(columns.atMs, length, fromMs) - 1;
      // In strides, because moving everything for one bucket at each beat would cost more than the buckets do.
      if (keepFrom < 64) return;
      for (const name of NAMES) columns[name].copyWithin(0, keepFrom, length);
      length -= keepFrom;
    },
    indexAt(atMs) {
      const index = firstIndexFrom(columns.atMs, length, atMs + 0.5) - 1;
      const before = columns.atMs[index];
      if (before !== undefined && atMs - before <= Math.max(gapMs, bucketMs)) return index;
      const after = columns.atMs[index + 1];
      return index + 1 < length && after !== undefined && after - atMs <= bucketMs ? index + 1 : -1;
    },
  };
}

/** The first index whose time is not before `fromMs`; `length` when all are. */
export function firstIndexFrom(atMs: Float64Array, length: number, fromMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((atMs[middle] ?? 0) < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

const NAMES = ['atMs', 'mean', 'min', 'max', 'count'] as const;

function emptyColumns(capacity: number): Record<(typeof NAMES)[number], Float64Array> {
  return {
    atMs: new Float64Array(capacity),
    mean: new Float64Array(capacity),
    min: new Float64Array(capacity),
    max: new Float64Array(capacity),
    count: new Float64Array(capacity),
  };
}
