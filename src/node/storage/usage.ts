/** What the history weighs, and what it will come to. */
import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROLLUP_RESOLUTIONS, ROLLUP_WIDTH_MS } from '../../core/metrics/rollup.ts';
import { projectStorageBytes, type RetentionSettings, type StoragePace } from '../../core/storage-projection.ts';
import type { StorageUsage } from '../../core/storage-report.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { MetricsDatabase } from './metrics-database.ts';
import { placeOf, windowOf } from './packed-window.ts';

/** Assumed of a packed sample until some are packed. */
const PACKED_SAMPLE_BYTES = 1;

/** Recorded minutes from which the pace is taken. */
const PACE_MINUTES = 60;

/** Row and page overhead of a packed row over its blob. */
const PACKED_ROW_BYTES = 20;

export function measureUsage(
  databases: readonly MetricsDatabase[],
  dataDir: string,
  settings: RetentionSettings,
): StorageUsage {
  const disk = statfsSync(dataDir);
  const pace = databases[0] === undefined ? null : measurePace(databases[0]);
  const oldest = databases.map(oldestSampleAtMs).filter((at) => at !== null);
  return {
    metricsBytes: sizeOf(join(dataDir, 'metrics.db')),
    fleetBytes: sizeOf(join(dataDir, 'fleet.db')),
    freeBytes: disk.bavail * disk.bsize,
    sampleCount: databases.reduce((sum, database) => sum + database.facts.get('samples'), 0),
    seriesCount: Math.max(0, ...databases.map((database) => database.catalogue.seriesCount())),
    oldestSampleAtMs: oldest.length === 0 ? null : Math.min(...oldest),
    projectedBytes: pace === null ? null : projectStorageBytes(settings, pace),
  };
}

/** The pace of the last sixty recorded minutes, from their rollups; null before an hour was recorded. */
function measurePace({ connection, catalogue }: MetricsDatabase): StoragePace | null {
  const newest = connection
    .prepare<[number], number | null>('SELECT max(bucket) FROM rollups_1m WHERE series = ?')
    .pluck();
  const lastHour = connection.prepare<[number], { minutes: number; samples: number }>(
    `SELECT count(*) AS minutes, sum(count) AS samples
     FROM (SELECT count FROM rollups_1m WHERE series = ? ORDER BY bucket DESC LIMIT ${PACE_MINUTES})`,
  );
  const ends = [...catalogue.workerIds().values()]
    .flatMap((worker) => [...catalogue.seriesOf(worker)])
    .map((series) => ({ id: series.id, end: newest.get(series.id) ?? Number.NEGATIVE_INFINITY }));
  const latest = ends.reduce((last, { end }) => Math.max(last, end), Number.NEGATIVE_INFINITY);
  const active = ends.filter(({ end }) => end > latest - PACE_MINUTES).map(({ id }) => lastHour.get(id));
  const longest = active.reduce((most, found) => Math.max(most, found?.minutes ?? 0), 0);
  if (longest < PACE_MINUTES) return null;
  const perMinute = active.reduce((sum, found) => sum + (found?.samples ?? 0) / (found?.minutes ?? 1), 0);
  return {
    samplesPerSecond: (perMinute * SECOND_MS) / MINUTE_MS,
    activeSeries: active.length,
    bytesPerSample: packedSampleBytes(connection, latest * MINUTE_MS),
  };
}

/** Measured over the windows of the last hour. */
function packedSampleBytes(connection: MetricsDatabase['connection'], untilMs: number): number {
  const { rows, bytes, samples } = connection
    .prepare(
      'SELECT count(*) AS rows, sum(length(columns)) AS bytes, sum(samples) AS samples FROM packed WHERE place >= ?',
    )
    .get(placeOf(windowOf(untilMs - HOUR_MS))) as { rows: number; bytes: number | null; samples: number | null };
  return samples === null || samples === 0 ? PACKED_SAMPLE_BYTES : ((bytes ?? 0) + rows * PACKED_ROW_BYTES) / samples;
}

function oldestSampleAtMs({ connection }: MetricsDatabase): number | null {
  const oldest = [
    connection.prepare<[], number | null>('SELECT min(at_ms) FROM ticks').pluck().get(),
    ...ROLLUP_RESOLUTIONS.map((resolution) => {
      const bucket = connection
        .prepare<[], number | null>(
          `SELECT min((SELECT min(bucket) FROM rollups_${resolution} r WHERE r.series = s.id)) FROM series s`,
        )
        .pluck()
        .get();
      return bucket === null || bucket === undefined ? null : bucket * ROLLUP_WIDTH_MS[resolution];
    }),
  ].filter((at) => at !== null && at !== undefined);
  return oldest.length === 0 ? null : Math.min(...oldest);
}

/** A database with its log and index; 0 for what is not there. */
function sizeOf(path: string): number {
  return ['', '-wal', '-shm'].reduce(
    (sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
