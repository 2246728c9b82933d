/** Computes rollups from the samples themselves, one bucket of one worker at a time. */
import type { RawSamples } from '../../core/metrics/downsample.ts';
import {
  bucketIndex,
  mergeSummaries,
  ROLLUP_RESOLUTIONS,
  ROLLUP_WIDTH_MS,
  type RollupResolution,
  summarize,
} from '../../core/metrics/rollup.ts';
import type { WritableMetrics } from './metrics-database.ts';
import type { PendingBucket } from './pending-buckets.ts';

/** Series computed in one transaction: some milliseconds of work at one sample a second. */
const SERIES_AT_ONCE: Readonly<Record<RollupResolution, number>> = { '1m': 1_024, '10m': 128, '1h': 24 };

/** Work in steps: between two the thread serves whoever waits. */
export type SlicedWork = Generator<void, void, void>;

/** The next bucket that is due and closed at `closedMs`, as work; null when there is none. */
export function nextRollup(database: WritableMetrics, closedMs: number): SlicedWork | null {
  for (const resolution of ROLLUP_RESOLUTIONS) {
    const bucket = database.pending.nextClosed(resolution, closedMs);
    if (bucket === null) continue;
    const fromMs = bucket.bucket * ROLLUP_WIDTH_MS[resolution];
    return fromMs < database.facts.get('kept-from-raw')
      ? mergeLateSamples(database, resolution, bucket)
      : computeBucket(database, resolution, bucket);
  }
  return null;
}

function* computeBucket(database: WritableMetrics, resolution: RollupResolution, due: PendingBucket): SlicedWork {
  const { pending, catalogue, raw, rollups } = database;
  const marks = pending.marksOf(resolution, due);
  const series = [...catalogue.seriesOf(due.worker)].map((one) => one.id);
  const fromMs = due.bucket * ROLLUP_WIDTH_MS[resolution];
  const toMs = fromMs + ROLLUP_WIDTH_MS[resolution];
  for (let start = 0; start < series.length; start += SERIES_AT_ONCE[resolution]) {
    if (start > 0) yield;
    const some = series.slice(start, start + SERIES_AT_ONCE[resolution]);
    const isLast = start + SERIES_AT_ONCE[resolution] >= series.length;
    database.transact(() => {
      for (const [id, samples] of raw.read(due.worker, some, fromMs, toMs)) {
        if (samples.quanta.length > 0) rollups.write(resolution, id, due.bucket, summarize(samples.quanta));
      }
      if (isLast) settle(database, resolution, due, marks);
    });
  }
}

/** Strikes the bucket off, unless samples came meanwhile: then it stays due and is computed again. */
function settle({ pending }: WritableMetrics, resolution: RollupResolution, due: PendingBucket, marks: number): void {
  if (pending.marksOf(resolution, due) !== marks) return;
  pending.settle(resolution, due);
  if (resolution !== '1m') return;
  const atMs = due.bucket * ROLLUP_WIDTH_MS['1m'];
  for (const wider of ['10m', '1h'] as const)
    pending.mark(wider, due.worker, bucketIndex(atMs, ROLLUP_WIDTH_MS[wider]));
}

/**
 * Samples that came after the raw ones of their time were given up: merged into what is left, each once, and then given
 * up themselves. The percentile of the merged bucket is unknown from then on.
 */
function* mergeLateSamples(database: WritableMetrics, resolution: RollupResolution, due: PendingBucket): SlicedWork {
  const { pending, catalogue, raw, connection, facts } = database;
  const fromMs = due.bucket * ROLLUP_WIDTH_MS[resolution];
  const toMs = fromMs + ROLLUP_WIDTH_MS[resolution];
  const series = [...catalogue.seriesOf(due.worker)].map((one) => one.id);
  const remove = connection.prepare('DELETE FROM ticks WHERE worker = ? AND at_ms >= ? AND at_ms < ?');
  database.transact(() => {
    let merged = 0;
    for (const [id, samples] of raw.readFresh(due.worker, series, fromMs, toMs)) {
      merged += samples.quanta.length;
      if (samples.quanta.length > 0) mergeInto(database, id, fromMs, samples);
    }
    remove.run(due.worker, fromMs, toMs);
    facts.add('samples', -merged);
    pending.settle(resolution, due);
  });
}

function mergeInto({ rollups, facts }: WritableMetrics, series: number, fromMs: number, samples: RawSamples): void {
  const late = summarize(samples.quanta);
  for (const resolution of ROLLUP_RESOLUTIONS) {
    if (fromMs < facts.get(`kept-from-${resolution}`)) continue;
    const bucket = bucketIndex(fromMs, ROLLUP_WIDTH_MS[resolution]);
    rollups.write(resolution, series, bucket, mergeSummaries(rollups.find(resolution, series, bucket), late));
  }
}
